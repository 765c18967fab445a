"""Which bytes a request asks for (RFC 9110, section 14): a pure parser without a reader behind it."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct
from werkzeug.http import parse_date

MAX_RANGE_COUNT: Final = 16
# Sixteen ranges of a petabyte file fit into half of this; longer headers are no honest wish.
MAX_HEADER_CHARS: Final = 1_000

_UNIT: Final = re.compile(r"[ \t]*bytes[ \t]*=(.*)", re.IGNORECASE | re.DOTALL)
_RANGE: Final = re.compile(r"([0-9]*)-([0-9]*)")


class Span(Struct, frozen=True):
    """Consecutive bytes, both ends included, as in `Content-Range`."""

    first: int
    last: int

    @property
    def size_bytes(self) -> int:
        """How many bytes these are, at least 1."""
        return self.last - self.first + 1

    def touches(self, other: "Span") -> bool:
        """Return whether both overlap or follow each other without a gap."""
        return self.first <= other.last + 1 and other.first <= self.last + 1


def requested_spans(header: str | None, size_bytes: int) -> tuple[Span, ...] | None:
    """Return the bytes that a `Range` header asks for, in the order of the request.

    None means "send everything": no header, another unit, broken syntax, or more ranges than an
    honest client sends (RFC 9110, 14.2 lets a server ignore these). Empty means that nothing of it
    exists (416). Spans never overlap: those that touch are joined (15.3.7.2), so the answer is never
    larger than the file.
    """
    wishes = _wishes(header)
    if wishes is None:
        return None
    if size_bytes == 0 and any(first is None and last for first, last in wishes):
        return None  # a non-empty suffix of an empty file exists, but no Content-Range can name it
    return _joined(span for wish in wishes if (span := _span(*wish, size_bytes)) is not None)


def may_use_range(if_range: str | None, *, etag: str, modified_at: datetime | None) -> bool:
    """Return whether `If-Range` still names the version that is about to be sent.

    Tags must be equal and strong, dates equal to the second (RFC 9110, 13.1.5).
    """
    if if_range is None:
        return True
    value = if_range.strip()
    if '"' in value:
        return value == etag and not value.startswith("W/")
    return modified_at is not None and http_instant(value) == modified_at


def http_instant(value: str | None) -> datetime | None:
    """Return the instant of an HTTP date, or None where it is absent or none."""
    try:
        return parse_date(value)
    except OverflowError:  # a year of twenty digits
        return None


def _wishes(header: str | None) -> list[tuple[int | None, int | None]] | None:
    """Return (first, last) for `a-b`, (first, None) for `a-`, (None, count) for `-n`."""
    if header is None or len(header) > MAX_HEADER_CHARS:
        return None
    unit = _UNIT.fullmatch(header)
    items = [item.strip(" \t") for item in unit[1].split(",")] if unit else []
    wishes = [_wish(item) for item in items if item]
    known = [wish for wish in wishes if wish is not None]
    return known if 0 < len(known) == len(wishes) <= MAX_RANGE_COUNT else None


def _wish(item: str) -> tuple[int | None, int | None] | None:
    match = _RANGE.fullmatch(item)
    if match is None or item == "-":
        return None
    first, last = (int(digits) if digits else None for digits in match.groups())
    if first is not None and last is not None and last < first:
        return None
    return first, last


def _span(first: int | None, last: int | None, size_bytes: int) -> Span | None:
    """Return a wish cut to the file, or None where nothing of it exists."""
    end = size_bytes - 1
    if first is None:
        first, last = max(0, size_bytes - (last or 0)), end
    last = end if last is None else min(last, end)
    return Span(first, last) if first <= last else None


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    kept: list[Span] = []
    for span in spans:
        group = [span, *(other for other in kept if other.touches(span))]
        kept = [other for other in kept if other not in group]
        kept.append(Span(min(one.first for one in group), max(one.last for one in group)))
    return tuple(kept)
