"""Films in HDR whose picture in SDR is known: patches of colour, brought up by the formulas of ITU-R BT.2100."""

import math
from array import array
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

import av
from av.video.frame import VideoFrame

from tests.helpers.media import SVT_AV1, open_encoder

type Rgb = tuple[float, float, float]
type Light = Literal["pq", "hlg"]

PATCH_PX = 32
WHITE_NITS = 203.0
PATCHES: list[list[Rgb]] = [
    [(grey, grey, grey) for grey in (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)],
    [(0.6, 0.2, 0.2), (0.2, 0.6, 0.2), (0.2, 0.2, 0.6), (0.6, 0.6, 0.2), (0.2, 0.6, 0.6),
     (0.6, 0.2, 0.6), (0.6, 0.45, 0.38), (0.35, 0.4, 0.5)],
    [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 0.0), (0.0, 1.0, 1.0),
     (1.0, 0.0, 1.0), (1.0, 0.5, 0.0), (0.5, 0.0, 1.0)],
]  # fmt: skip
"""Signals of a usual screen: greys, colours that are no extremes, the extremes."""

_TRANSFERS = {"pq": 16, "hlg": 18}
_TO_BT2020 = ((0.6274, 0.3293, 0.0433), (0.0691, 0.9195, 0.0114), (0.0164, 0.0880, 0.8956))
_LUMA = (0.2627, 0.6780, 0.0593)


def hdr_film(path: Path, light: Light, pictures: list[list[Rgb]], encoder: str) -> Path:
    """Write a second of film that shows a picture of rows of colours in HDR, 10 bits deep."""
    with av.open(str(path), "w") as film:
        options = {
            "libx265": {"crf": "4", "preset": "ultrafast", "x265-params": "log-level=none"},
            "libsvtav1": {"crf": "5", "preset": "12", "svtav1-params": SVT_AV1},
        }
        stream: Any = film.add_stream(encoder, rate=24, options=options[encoder])
        stream.width, stream.height = len(pictures[0]), len(pictures)
        stream.pix_fmt = "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc = 9, _TRANSFERS[light]
        context.colorspace, context.color_range = 9, 1
        open_encoder(stream)
        frame = _frame(light, pictures)
        for number in range(24):
            frame.pts, frame.time_base = number, Fraction(1, 24)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path


def patches() -> list[list[Rgb]]:
    """Return the picture of all patches."""
    return [
        [colour for colour in row for _ in range(PATCH_PX)]
        for row in PATCHES
        for _ in range(PATCH_PX)
    ]


def shown(frame: VideoFrame, x: int, y: int) -> Rgb:
    """Return what a screen is told to show by a picture of BT.709 at a place."""
    luma, cb, cr = frame.planes
    at = y // 2 * cb.line_size + x // 2
    bright = (bytes(luma)[y * luma.line_size + x] - 16) / 219
    blue, red = ((bytes(plane)[at] - 128) / 224 for plane in (cb, cr))
    return bright + 1.5748 * red, bright - 0.1873 * blue - 0.4681 * red, bright + 1.8556 * blue


@cache
def _signal(light: Light, colour: Rgb) -> Rgb:
    """Return the signal in HDR for one of SDR."""
    screen = [WHITE_NITS * value**2.4 for value in colour]
    wide = [sum(by * nits for by, nits in zip(row, screen, strict=True)) for row in _TO_BT2020]
    if light == "pq":
        red, green, blue = (_pq(nits / 10_000) for nits in wide)
    else:
        luma = sum(by * nits for by, nits in zip(_LUMA, wide, strict=True)) / 1_000
        gain = 1_000 * luma ** (0.2 / 1.2) if luma else 1.0
        red, green, blue = (_hlg(nits / gain) for nits in wide)
    return red, green, blue


def _pq(share: float) -> float:
    power = share**0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def _hlg(scene: float) -> float:
    if scene <= 1 / 12:
        return math.sqrt(3 * scene)
    return 0.17883277 * math.log(12 * scene - 0.28466892) + 0.55991073


def _frame(light: Light, pictures: list[list[Rgb]]) -> VideoFrame:
    height, width = len(pictures), len(pictures[0])
    frame = VideoFrame(width, height, "yuv420p10le")
    rows = [[_coded(_signal(light, colour)) for colour in row] for row in pictures]
    for place, plane in enumerate(frame.planes):
        step = 2 if place else 1
        lines = (array("H", (colour[place] for colour in row[::step])) for row in rows[::step])
        plane.update(b"".join(_padded(line.tobytes(), plane.line_size) for line in lines))
    frame.colorspace, frame.color_range = 9, 1
    return frame


def _coded(signal: Rgb) -> tuple[int, ...]:
    """Return Y'CbCr of BT.2020 in 10 bits of limited range."""
    red, _, blue = signal
    luma = sum(by * value for by, value in zip(_LUMA, signal, strict=True))
    return tuple(_codes(luma, (blue - luma) / 1.8814, (red - luma) / 1.4746))


def _codes(luma: float, blue: float, red: float) -> Iterator[int]:
    yield round(64 + 876 * luma)
    yield round(512 + 896 * blue)
    yield round(512 + 896 * red)


def _padded(line: bytes, size: int) -> bytes:
    return line + bytes(size - len(line))
