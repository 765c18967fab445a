from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.http.ranges import (
    MAX_RANGE_COUNT,
    Span,
    http_instant,
    may_use_range,
    requested_spans,
)

SIZE = 1000
MODIFIED = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
NINES = "9" * 500


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-499", [(0, 499)]),
        ("bytes=500-", [(500, 999)]),
        ("bytes=-500", [(500, 999)]),
        ("bytes=-1", [(999, 999)]),
        ("bytes=0-0", [(0, 0)]),
        ("bytes=999-", [(999, 999)]),
        ("bytes=0-99999", [(0, 999)]),
        ("bytes=-99999", [(0, 999)]),
        (f"bytes=0-{NINES}", [(0, 999)]),
        (f"bytes=-{NINES}", [(0, 999)]),
        (f"bytes={'0' * 500}1-2", [(1, 2)]),
        ("BYTES=0-1", [(0, 1)]),
        ("  bytes = 0-1", [(0, 1)]),
        ("bytes=0-1,4-5", [(0, 1), (4, 5)]),
        ("bytes= 0-1 ,\t4-5 ", [(0, 1), (4, 5)]),
        ("bytes=,0-1,,4-5,", [(0, 1), (4, 5)]),
        ("bytes=4-5,0-1", [(4, 5), (0, 1)]),
        ("bytes=0-1,5000-", [(0, 1)]),
        ("bytes=0-1,-0", [(0, 1)]),
    ],
)
def test_a_wish_becomes_spans_cut_to_the_file(header: str, expected: list[tuple[int, int]]) -> None:
    assert requested_spans(header, SIZE) == tuple(Span(*pair) for pair in expected)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-10,5-20", [(0, 20)]),
        ("bytes=0-9,10-19", [(0, 19)]),
        ("bytes=10-19,0-9", [(0, 19)]),
        ("bytes=0-0,4-4,1-3", [(0, 4)]),
        ("bytes=0-1,500-,0-5", [(500, 999), (0, 5)]),
        ("bytes=0-,0-,0-,0-", [(0, 999)]),
    ],
)
def test_ranges_that_touch_are_joined(header: str, expected: list[tuple[int, int]]) -> None:
    assert requested_spans(header, SIZE) == tuple(Span(*pair) for pair in expected)


@pytest.mark.parametrize(
    "header", ["bytes=1000-", "bytes=-0", f"bytes={NINES}-", "bytes=2000-3000"]
)
def test_what_does_not_exist_is_empty(header: str) -> None:
    assert requested_spans(header, SIZE) == ()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,5-4",
        "bytes=a-b",
        "bytes=0x1-2",
        "bytes=1-2-3",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=1_0-20",
        "bytes=0 -1",
        "bytes=0-1;2-3",
        "bytes=0-1\n",
        "bytes=\u0661-\u0662",
        "bytes=\uff11-\uff12",
        "bytes=\u00b2-3",
        "items=0-1",
        "bytes 0-1",
        "bytes=0-" + "9" * 5000,
        "bytes=" + ",".join(f"{n * 2}-{n * 2}" for n in range(MAX_RANGE_COUNT + 1)),
        "bytes=" + "0-," * 100_000,
    ],
)
def test_broken_and_greedy_headers_are_ignored(header: str | None) -> None:
    assert requested_spans(header, SIZE) is None


def test_an_empty_file_has_a_suffix_but_no_first_byte() -> None:
    assert requested_spans("bytes=-5", 0) is None
    assert requested_spans("bytes=0-", 0) == ()
    assert requested_spans("bytes=0-0", 0) == ()
    assert requested_spans("bytes=-0", 0) == ()


NUMBER = st.one_of(st.integers(0, 30), st.integers(0, 10**40))
WISH = st.one_of(
    st.tuples(NUMBER, NUMBER).map(sorted).map(tuple),
    st.tuples(NUMBER, st.none()),
    st.tuples(st.none(), NUMBER),
)


def _written(wish: tuple[int | None, int | None]) -> str:
    return "-".join("" if number is None else str(number) for number in wish)


def _oracle(wish: tuple[int | None, int | None], content: range) -> set[int]:
    """Return the positions that a wish names, by Python's own slices."""
    first, last = wish
    if first is None:
        return set(content[max(0, len(content) - (last or 0)) :])
    return set(content[first:] if last is None else content[first : last + 1])


@given(st.lists(WISH, min_size=1, max_size=MAX_RANGE_COUNT), st.integers(1, 40))
def test_spans_cover_exactly_the_bytes_that_were_asked_for(
    wishes: list[tuple[int | None, int | None]], size_bytes: int
) -> None:
    spans = requested_spans("bytes=" + ",".join(map(_written, wishes)), size_bytes)
    assert spans is not None
    positions = [position for span in spans for position in range(span.first, span.last + 1)]
    asked = set().union(*(_oracle(wish, range(size_bytes)) for wish in wishes))
    assert len(positions) == len(set(positions))
    assert set(positions) == asked
    assert sum(span.size_bytes for span in spans) == len(asked)
    assert not any(a.touches(b) for i, a in enumerate(spans) for b in spans[i + 1 :])


@given(st.text(max_size=60), st.integers(0, 10**6))
def test_no_text_breaks_the_parser(text: str, size_bytes: int) -> None:
    for header in (text, "bytes=" + text):
        for span in requested_spans(header, size_bytes) or ():
            assert 0 <= span.first <= span.last < size_bytes


@pytest.mark.parametrize(
    ("if_range", "expected"),
    [
        (None, True),
        ('"v1"', True),
        (' "v1" ', True),
        ('"v2"', False),
        ('W/"v1"', False),
        ("v1", False),
        ("Sun, 01 Mar 2026 12:00:00 GMT", True),
        ("Sunday, 01-Mar-26 12:00:00 GMT", True),
        ("Sun, 01 Mar 2026 12:00:01 GMT", False),
        ("Sun, 01 Mar 2026 11:59:59 GMT", False),
        ("yesterday", False),
        ("", False),
    ],
)
def test_if_range_wants_the_same_version(if_range: str | None, *, expected: bool) -> None:
    assert may_use_range(if_range, etag='"v1"', modified_at=MODIFIED) is expected


def test_a_weak_tag_and_an_unknown_time_never_match() -> None:
    assert not may_use_range('W/"v1"', etag='W/"v1"', modified_at=None)
    assert not may_use_range("Sun, 01 Mar 2026 12:00:00 GMT", etag='"v1"', modified_at=None)


@given(st.text(max_size=80))
def test_no_text_breaks_the_dates(text: str) -> None:
    http_instant(text)
    may_use_range(text, etag='"v1"', modified_at=MODIFIED)


def test_a_year_of_twenty_digits_is_no_date() -> None:
    assert http_instant(f"Sun, 01 Mar {'9' * 20} 12:00:00 GMT") is None
    assert http_instant("Sun, 01 Mar 2026 12:00:00 +99999999999999") is None
