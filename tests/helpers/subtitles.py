"""Subtitle tracks for films of tests: SubRip and SubStation text, and pictures as on a Blu-ray.

FFmpeg has no encoder for a Blu-ray's subtitles, so their segments are written here, after the patent US 2009/0185789 A1
that describes them: presentation composition, window, palette, object, end.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

from msgspec import Struct

Format = Literal["srt", "ass", "sup"]
_CLOCK_HZ = 90_000
_WIDTH_PX, _HEIGHT_PX = 64, 16
_TRANSPARENT, _WHITE = 0, 1
_LONGEST_RUN = 0x3FFF
_SHORT_RUN = 0x3F
_EPOCH_START, _NORMAL = 0x80, 0x00
_FPS_24 = 0x10


class Subtitles(Struct, frozen=True, kw_only=True):
    """A track of one line a second, `late_s` after it; "sup" is a Blu-ray's."""

    format: Format
    language: str
    late_s: float = 0.0
    title: str | None = None
    is_default: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False


def subtitle_file(kind: Format, *, length_s: float, width_px: int, height_px: int) -> bytes:
    """Return a file of subtitles, each shown for the first half of its second."""
    seconds = range(max(1, int(length_s)))
    if kind == "srt":
        return "".join(_srt_line(second) for second in seconds).encode()
    if kind == "ass":
        return (_ASS_HEAD + "".join(_ass_line(second) for second in seconds)).encode()
    return b"".join(_sup_line(second, width_px, height_px) for second in seconds)


def bar(second: int) -> list[list[int]]:
    """Return the picture that stands for a second, as colours: a white bar, longer each time."""
    white = 4 + second * 4 % (_WIDTH_PX - 8)
    row = [_TRANSPARENT] * 4 + [_WHITE] * white + [_TRANSPARENT] * (_WIDTH_PX - 4 - white)
    return [row] * _HEIGHT_PX


def _srt_line(second: int) -> str:
    return f"{second + 1}\n00:00:{second:02},000 --> 00:00:{second:02},500\nSecond {second}\n\n"


_ASS_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: 320
PlayResY: 180

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment
Style: Default,Inter,20,&H00FFFFFF,0,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def _ass_line(second: int) -> str:
    return f"Dialogue: 0,0:00:{second:02}.00,0:00:{second:02}.50,Default,,0,0,0,,{{\\i1}}Second {second}\n"


def _sup_line(second: int, width_px: int, height_px: int) -> bytes:
    """Return the segments that show a bar and, half a second later, those that clear it."""
    x, y = max(0, (width_px - _WIDTH_PX) // 2), max(0, height_px - _HEIGHT_PX - 8)
    show_at, clear_at = second * _CLOCK_HZ, second * _CLOCK_HZ + _CLOCK_HZ // 2
    window = struct.pack(">BBHHHH", 1, 0, x, y, _WIDTH_PX, _HEIGHT_PX)
    shown = struct.pack(">BHBBHH", 1, 0, 0, 0, x, y)
    return b"".join(
        [
            _segment(
                0x16, show_at, _composition(width_px, height_px, second * 2, _EPOCH_START) + shown
            ),
            _segment(0x17, show_at, window),
            _segment(0x14, show_at, _palette()),
            _segment(0x15, show_at, _object(bar(second))),
            _segment(0x80, show_at, b""),
            _segment(
                0x16, clear_at, _composition(width_px, height_px, second * 2 + 1, _NORMAL) + b"\0"
            ),
            _segment(0x17, clear_at, window),
            _segment(0x80, clear_at, b""),
        ]
    )


def _segment(kind: int, at: int, content: bytes) -> bytes:
    return b"PG" + struct.pack(">IIBH", at, 0, kind, len(content)) + content


def _composition(width_px: int, height_px: int, number: int, state: int) -> bytes:
    return struct.pack(">HHBHBBB", width_px, height_px, _FPS_24, number, state, 0, 0)


def _palette() -> bytes:
    """Return colour 0, transparent, and colour 1, white: number, luma, Cr, Cb, alpha."""
    return bytes([0, 0, _TRANSPARENT, 16, 128, 128, 0, _WHITE, 235, 128, 128, 255])


def _object(picture: Sequence[Sequence[int]]) -> bytes:
    runs = b"".join(byte for row in picture for byte in _row(row))
    size = struct.pack(">HH", len(picture[0]), len(picture))
    length = len(size) + len(runs)
    return struct.pack(">HBB", 0, 0, 0xC0) + length.to_bytes(3) + size + runs


def _row(colours: Sequence[int]) -> Iterator[bytes]:
    """Yield the runs of a row: a flag byte for the form, the length in 6 or 14 bits, the colour unless it is 0."""
    for colour, same in groupby(colours):
        left = len(list(same))
        while left:
            count = min(left, _LONGEST_RUN)
            flags = 0x80 if colour else 0
            if count > _SHORT_RUN:
                yield b"\0" + (((flags | 0x40) << 8) | count).to_bytes(2)
            else:
                yield bytes([0, flags | count])
            if colour:
                yield bytes([colour])
            left -= count
    yield b"\0\0"
