"""Breaks files as disks, networks and strangers do; the same chance breaks them in the same way."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from random import Random

_LARGEST_BYTES = 4 * 1024**2
_REACHES = (64, 512, 4_096, _LARGEST_BYTES)  # what a reader believes stands at the beginning
_LIMITS = (0, 1, 2**7, 2**8, 2**14, 20_000, 2**15, 2**16, 2**24, 2**31, 2**32, 2**63, 2**64)
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHECKED = 0.7
_INTEGERS = ("B", "<H", ">H", "<I", ">I", "<Q", ">Q")


def broken(wholes: Sequence[bytes], chance: Random, *, sizes_px: Sequence[int] = ()) -> bytes:
    """Return one of some files, damaged in one to four ways; `sizes_px` are those that its header may name."""
    splice, resize = partial(_splice, wholes=wholes), partial(_resize, sizes_px=sizes_px)
    ways = (_flip, _overwrite, _renumber, _cut, _repeat, _remove, _blank, splice, resize)
    content = bytearray(chance.choice(wholes))
    for _ in range(chance.choice((1, 1, 2, 4))):
        if content:
            chance.choice(ways)(content, chance)
            del content[_LARGEST_BYTES:]
    is_checked = content.startswith(_PNG) and chance.random() < _PNG_CHECKED
    return b"".join(_checked(bytes(content))) if is_checked else bytes(content)


def _flip(content: bytearray, chance: Random) -> None:
    for _ in range(chance.choice((1, 3, 20, 200))):
        content[_place(content, chance)] ^= 1 << chance.randrange(8)


def _overwrite(content: bytearray, chance: Random) -> None:
    for _ in range(chance.choice((1, 3, 20, 200))):
        content[_place(content, chance)] = chance.choice(
            (0, 0x7F, 0x80, 0xFF, chance.randrange(256))
        )


def _renumber(content: bytearray, chance: Random) -> None:
    """Put a number at the edge of what fits over a size, a count or an offset."""
    for _ in range(chance.choice((1, 3, 20))):
        form = chance.choice(_INTEGERS)
        _put(
            content,
            _place(content, chance),
            form,
            chance.choice(_LIMITS) + chance.choice((-1, 0, 1)),
        )


def _resize(content: bytearray, chance: Random, *, sizes_px: Sequence[int]) -> None:
    """Let a header name another width or height, where it names one of those given."""
    named = [
        (place, form)
        for size in sizes_px
        for form in ("<H", ">H", "<I", ">I")
        for number in (size, size - 1)  # WebP keeps one less
        for place in _found(content[: _REACHES[2]], struct.pack(form, number))
    ]
    if named:
        _put(content, *chance.choice(named), chance.choice(_LIMITS) - 1)


def _cut(content: bytearray, chance: Random) -> None:
    del content[chance.randrange(len(content)) :]


def _repeat(content: bytearray, chance: Random) -> None:
    part, place = _part(content, chance), _place(content, chance)
    count = chance.choice((1, 2, 50, 1_000))
    content[place:place] = part * min(count, _LARGEST_BYTES // len(part))


def _remove(content: bytearray, chance: Random) -> None:
    place = _place(content, chance)
    del content[place : place + len(_part(content, chance))]


def _blank(content: bytearray, chance: Random) -> None:
    place, part = _place(content, chance), _part(content, chance)
    content[place : place + len(part)] = bytes(len(part))


def _splice(content: bytearray, chance: Random, *, wholes: Sequence[bytes]) -> None:
    """Go on with another file, or with this one, at another place."""
    other = chance.choice(wholes)
    content[_place(content, chance) :] = other[chance.randrange(len(other)) :]


def _place(content: bytearray, chance: Random) -> int:
    return chance.randrange(min(chance.choice(_REACHES), len(content)))


def _part(content: bytearray, chance: Random) -> bytes:
    place = _place(content, chance)
    return bytes(content[place : place + chance.choice((1, 4, 64, 1_024, 65_536))])


def _put(content: bytearray, place: int, form: str, number: int) -> None:
    size = struct.calcsize(form)
    packed = struct.pack(form, number % 2 ** (8 * size))
    content[place : place + size] = packed[: len(content) - place]


def _found(content: bytearray, wanted: bytes) -> Iterator[int]:
    place = content.find(wanted)
    while place >= 0:
        yield place
        place = content.find(wanted, place + 1)


def _checked(content: bytes) -> Iterator[bytes]:
    """Yield a PNG with the check sums that its chunks ought to have: a reader looks no further without."""
    yield content[:8]
    place = 8
    while len(content) >= place + 12:
        end = place + 8 + int.from_bytes(content[place : place + 4])
        yield content[place:end]
        yield struct.pack(">I", zlib.crc32(content[place + 4 : end]))
        place = end + 4
    yield content[place:]
