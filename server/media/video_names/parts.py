"""Films in several files: "Film CD1.avi" and "Film CD2.avi" are one."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

_MARK = re.compile(
    r"(?:(?<=[\])}])|[ ._-]+)[(\[]?(?P<word>cd|dvd|part|pt|dis[ck])[ ._-]*"
    r"(?:(?P<number>\d{1,2})|(?P<letter>[a-d]))[)\]]?(?=$|[ ._\-\[(])",
    re.IGNORECASE,
)
_LETTERS: Final = "abcd"


class Stack(Struct, frozen=True):
    """Names that are one film: what they share, and their places in the list that was asked, in playing order."""

    base: str
    members: tuple[int, ...]


class _Part(Struct, frozen=True):
    base: str
    tail: str
    style: str  # word and numbering: "cd 1" and "cd b" are no stack, "cd 1" and "part 2" neither
    number: int


def stacks(stems: Sequence[str]) -> list[Stack]:
    """Return the stacks among names without endings: at least two parts of one style, from the first without a gap.

    A part stands at the end of its name; "cd", "dvd" and "disc", which no title has, anywhere ("Film.CD1.DVDRip").
    """
    found: dict[tuple[str, str, str], dict[int, int]] = defaultdict(dict)
    bases: dict[tuple[str, str, str], str] = {}
    for index, name in enumerate(stems):
        if part := _part(name):
            key = (part.base.casefold(), part.tail.casefold(), part.style)
            bases.setdefault(key, part.base + part.tail)
            found[key].setdefault(part.number, index)
    runs = ((key, _run(numbers)) for key, numbers in found.items())
    return [Stack(bases[key], members) for key, members in runs if len(members) > 1]


def _part(name: str) -> _Part | None:
    marks = [mark for mark in _MARK.finditer(name) if mark.start() and _counts(name, mark)]
    if not marks:
        return None
    mark = marks[-1]
    word = mark["word"].casefold().replace("disk", "disc")
    number = (
        int(mark["number"]) if mark["number"] else _LETTERS.index(mark["letter"].casefold()) + 1
    )
    style = f"{word} {'1' if mark['number'] else 'a'}"
    return _Part(name[: mark.start()], name[mark.end() :], style, number)


def _counts(name: str, mark: re.Match[str]) -> bool:
    return mark.end() == len(name) or mark["word"].casefold() not in {"part", "pt"}


def _run(numbers: dict[int, int]) -> tuple[int, ...]:
    """Return the members from the first number on; what follows a gap is no part of it."""
    first = 0 if 0 in numbers else 1
    members = list[int]()
    while first + len(members) in numbers:
        members.append(numbers[first + len(members)])
    return tuple(members)
