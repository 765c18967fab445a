import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.hls.pgs import Screen

EPOCH = 0x80


def packet(kind: int, body: bytes) -> bytes:
    return struct.pack(">BH", kind, len(body)) + body


def composition(width_px: int, height_px: int, palette: int = 0, state: int = EPOCH) -> bytes:
    body = struct.pack(">HHBHBBB", width_px, height_px, 0x10, 1, state, 0, palette)
    return packet(0x16, body + b"\0")


def palette(number: int, *entries: tuple[int, int, int, int, int]) -> bytes:
    return packet(0x14, bytes([number, 0]) + b"".join(map(bytes, entries)))


def colour_of(screen: Screen, colour: int) -> tuple[int, ...]:
    return tuple(table[colour] for table in screen.palette)


def test_canvas_and_colours_are_read() -> None:
    screen = Screen()
    screen.feed(composition(1920, 1080, 3) + palette(3, (7, 100, 150, 90, 255)))
    assert (screen.width_px, screen.height_px) == (1920, 1080)
    assert colour_of(screen, 7) == (100, 90, 150, 255)
    assert colour_of(screen, 8) == (0, 128, 128, 0)


def test_an_epoch_forgets_colours_and_other_sets_add_to_them() -> None:
    screen = Screen()
    screen.feed(composition(8, 8) + palette(0, (1, 50, 128, 128, 255)))
    screen.feed(composition(8, 8, state=0) + palette(0, (2, 60, 128, 128, 255)))
    assert [colour_of(screen, colour)[0] for colour in (1, 2)] == [50, 60]
    screen.feed(composition(8, 8))
    assert colour_of(screen, 1) == (0, 128, 128, 0)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x16", b"\x16\x00\x05abc", b"\x14\x00\x00", packet(0x14, b"\0\0\1\2"), b"\xff" * 100],
)
def test_what_is_cut_off_or_wrong_is_passed_over(content: bytes) -> None:
    screen = Screen()
    screen.feed(content)
    assert (screen.width_px, colour_of(screen, 1)) == (0, (0, 128, 128, 0))


@given(st.binary(max_size=500))
def test_no_bytes_are_an_error(content: bytes) -> None:
    screen = Screen()
    screen.feed(content)
    assert all(len(table) == 256 for table in screen.palette)
