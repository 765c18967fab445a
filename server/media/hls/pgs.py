"""Reads of a Blu-ray's subtitle packets what PyAV does not hand out: the canvas and the colours. Pure.

The segments are those of the patent US 2009/0185789 A1.
"""

import struct
from collections.abc import Iterator
from typing import Final

_COMPOSITION, _PALETTE = 0x16, 0x14
_EPOCH_START: Final = 0x80
_ENTRY = struct.Struct(">BBBBB")
_HEAD = struct.Struct(">BH")
_SCREEN = struct.Struct(">HHBHBBB")
_CLEAR: Final = bytes(256)
_GREY: Final = bytes([128]) * 256

type Palette = tuple[bytes, bytes, bytes, bytes]
"""A table of 256 values for each of luma, Cb, Cr and opacity: for `bytes.translate`."""


class Screen:
    """What the display sets so far said about canvas and colours."""

    def __init__(self) -> None:
        self._palettes: dict[int, Palette] = {}
        self._chosen = 0
        self.width_px = 0
        self.height_px = 0

    @property
    def palette(self) -> Palette:
        """Return the colours of the picture that is shown."""
        return self._palettes.get(self._chosen, (_CLEAR, _GREY, _GREY, _CLEAR))

    def feed(self, packet: bytes) -> None:
        """Take the segments of a packet; what is cut off or wrong in it is passed over."""
        for kind, body in _segments(packet):
            if kind == _COMPOSITION and len(body) >= _SCREEN.size:
                self.width_px, self.height_px, _, _, state, _, self._chosen = _SCREEN.unpack_from(
                    body
                )
                if state & _EPOCH_START:
                    self._palettes.clear()
            elif kind == _PALETTE and body:
                before = self._palettes.get(body[0], (_CLEAR, _GREY, _GREY, _CLEAR))
                self._palettes[body[0]] = _with_entries(before, body[2:])


def _segments(packet: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + _HEAD.size <= len(packet):
        kind, size = _HEAD.unpack_from(packet, place)
        place += _HEAD.size
        yield kind, packet[place : place + size]
        place += size


def _with_entries(palette: Palette, entries: bytes) -> Palette:
    luma, cb, cr, opacity = (bytearray(table) for table in palette)
    whole = len(entries) // _ENTRY.size * _ENTRY.size
    for colour, y, red, blue, alpha in _ENTRY.iter_unpack(entries[:whole]):
        luma[colour], cb[colour], cr[colour], opacity[colour] = y, blue, red, alpha
    return bytes(luma), bytes(cb), bytes(cr), bytes(opacity)
