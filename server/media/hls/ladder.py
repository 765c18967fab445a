"""The sizes in which a film's picture may be made anew, with what each costs. Pure."""

import math
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from server.media.model import Stream

_SHORT_SIDES_PX: Final = (2160, 1440, 1080, 720, 480, 360)
_FULL_HD_PX = 1920 * 1080
_FULL_HD_BPS = 8_000_000
_USUAL_FPS = 30.0
_MOST_FPS = 60.0
_MACROBLOCK_PX = 16
# ITU-T H.264, table A-1: level, macroblocks a second, macroblocks a frame. High profile allows the rates of the ladder.
_LEVELS: Final = (
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (32, 216_000, 5_120),
    (40, 245_760, 8_192),
    (42, 522_240, 8_704),
    (51, 983_040, 36_864),
    (52, 2_073_600, 36_864),
)


class Rung(Struct, frozen=True, kw_only=True):
    """A size of the picture, even each way, with the most bits a second it may take; `level` is H.264's, times ten."""

    width_px: int
    height_px: int
    peak_bps: int
    level: int

    @property
    def codecs(self) -> str:
        """Return the RFC 6381 string of H.264, High profile."""
        return f"avc1.6400{self.level:02X}"


def ladder(video: Stream) -> list[Rung]:
    """Return the sizes of a video stream as it is shown, upright and with square pixels, largest first.

    The first is the film's own size, unless that is beyond 4K; none is larger.
    """
    width, height = shown_size(video)
    short_side = min(width, height)
    sides: Sequence[float] = [side for side in _SHORT_SIDES_PX if side < short_side]
    if short_side <= _SHORT_SIDES_PX[0]:
        sides = [short_side, *sides]
    fps = min(video.frame_rate or _USUAL_FPS, _MOST_FPS)
    return [_rung(width * side / short_side, height * side / short_side, fps) for side in sides]


def shown_size(video: Stream) -> tuple[float, float]:
    """Return width and height of the picture as a viewer sees it."""
    width = (video.width_px or 1) * (video.sample_aspect or 1.0)
    height = float(video.height_px or 1)
    return (height, width) if video.rotation_deg in {90, 270} else (width, height)


def _rung(width: float, height: float, fps: float) -> Rung:
    width_px, height_px = _even(width), _even(height)
    share = width_px * height_px / _FULL_HD_PX
    peak_bps = _FULL_HD_BPS * share**0.75 * max(1.0, fps / _USUAL_FPS) ** 0.5
    return Rung(
        width_px=width_px,
        height_px=height_px,
        peak_bps=max(200_000, round(peak_bps / 100_000) * 100_000),
        level=h264_level(width_px, height_px, fps),
    )


def _even(length: float) -> int:
    return max(2, int(length) // 2 * 2)


def h264_level(width_px: int, height_px: int, fps: float) -> int:
    """Return the lowest level of H.264, times ten, that a picture fits into."""
    frame = math.ceil(width_px / _MACROBLOCK_PX) * math.ceil(height_px / _MACROBLOCK_PX)
    fits = (level for level, rate, size in _LEVELS if frame * fps <= rate and frame <= size)
    return next(fits, _LEVELS[-1][0])
