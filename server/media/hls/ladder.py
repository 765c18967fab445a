"""The sizes in which a film's picture may be made anew, with what each costs. Pure."""

from math import inf
from typing import Final

from msgspec import Struct

from server.media.h264 import level_of
from server.media.model import Stream

MOST_FRAME_RATE: Final = 60.0
_USUAL_FRAME_RATE: Final = 30.0
_LEAST_FRAME_RATE: Final = 1.0
# The shorter side of a picture of 16:9, the bit rate that suits it, and the least that it needs.
_STEPS: Final = (
    (360, 800_000, 0),
    (480, 1_500_000, 1_500_000),
    (720, 4_000_000, 3_000_000),
    (1080, 8_000_000, 8_000_000),
    (2160, 25_000_000, 25_000_000),
)


class Bounds(Struct, frozen=True, kw_only=True):
    """What a picture must keep to; `short_px` is for its shorter side, however it stands."""

    width_px: float = inf
    height_px: float = inf
    short_px: float = inf
    frame_rate: float = MOST_FRAME_RATE


class Rung(Struct, frozen=True, kw_only=True):
    """A size of the picture, even each way, with the most bits a second that it may take and the level of H.264.

    Below `least_bps` a smaller picture looks better.
    """

    width_px: int
    height_px: int
    peak_bps: int
    least_bps: int
    level: int


def ladder(video: Stream, bounds: Bounds | None = None) -> list[Rung]:
    """Return the sizes in which a video stream may be shown, largest first, one at least.

    The first is the film's own size, unless that is beyond 4K or out of bounds; none is larger.
    """
    bounds = bounds or Bounds()
    rate = shown_rate(video, bounds)
    rungs: dict[tuple[int, int], Rung] = {}
    for short_px, peak_bps, least_bps in _STEPS:
        width_px, height_px = size = _fitted(shown_size(video), short_px, bounds)
        rung = Rung(
            width_px=width_px,
            height_px=height_px,
            peak_bps=peak_bps,
            least_bps=least_bps,
            level=level_of(width_px, height_px, rate),
        )
        rungs.setdefault(size, rung)
    return list(reversed(rungs.values()))


def shown_size(video: Stream) -> tuple[int, int]:
    """Return width and height as they are seen: with square pixels, upright."""
    width = max(round((video.width_px or 2) * (video.sample_aspect or 1)), 2)
    height = max(video.height_px or 2, 2)
    return (height, width) if (video.rotation_deg or 0) % 180 else (width, height)


def shown_rate(video: Stream, bounds: Bounds) -> float:
    """Return how many pictures a second are shown."""
    rate = min(video.frame_rate or _USUAL_FRAME_RATE, bounds.frame_rate, MOST_FRAME_RATE)
    return max(rate, _LEAST_FRAME_RATE)


def _fitted(size: tuple[int, int], short_px: int, bounds: Bounds) -> tuple[int, int]:
    """Return a picture's size inside of a 16:9 frame, lying or standing, and of bounds; even numbers."""
    width, height = size
    short = min(short_px, bounds.short_px)
    long = short * 16 / 9
    frame = (short, long) if height > width else (long, short)
    scale = min(
        1.0,
        *(most / side for most, side in zip(frame, size, strict=True)),
        bounds.width_px / width,
        bounds.height_px / height,
    )
    return max(int(width * scale) // 2 * 2, 2), max(int(height * scale) // 2 * 2, 2)
