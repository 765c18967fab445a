"""Which lines of the log are shown. Without Qt."""

from collections.abc import Sequence


def matching(lines: Sequence[str], wanted: str) -> list[str]:
    """Return the lines that hold every word of `wanted`, whatever the case of its letters."""
    words = wanted.casefold().split()
    return [line for line in lines if all(word in line.casefold() for word in words)]


def news(shown: Sequence[str], lines: Sequence[str]) -> Sequence[str] | None:
    """Return what to append to what is shown; None where that is no longer the beginning."""
    return lines[len(shown) :] if list(lines[: len(shown)]) == list(shown) else None
