"""How fast a scan goes, in numbers and in words."""

import pytest

from gui.api import ScanProblem
from gui.pace import Pace, duration, fraction, in_words, number
from tests.helpers.shown import a_scan


class Clock:
    """Shows the time that the test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_the_rate_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.rate_per_s == 0
    for second, done_count in ((0, 0), (10, 1000), (20, 1100), (30, 1200)):
        clock.now_s = second
        pace.note(a_scan(done_count=done_count))
    assert pace.rate_per_s == pytest.approx(10)


def test_another_scan_begins_at_nothing() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.note(a_scan(1, done_count=900))
    clock.now_s = 5
    pace.note(a_scan(2, done_count=1))
    assert pace.rate_per_s == 0


@pytest.mark.parametrize(
    ("length_s", "text"),
    [(0, "1 s"), (59, "59 s"), (61, "2 min"), (3599, "60 min"), (3601, "2 h"), (1e9, "277778 h")],
)
def test_a_time_is_told_in_its_largest_unit(length_s: float, text: str) -> None:
    assert duration(length_s) == text


def test_what_a_scan_does_is_told_in_words() -> None:
    running = in_words(a_scan(found_count=12_345, done_count=2_345), 100)
    assert running == "2,345 of 12,345 files · 100 per second · about 2 min left"
    assert "312" in in_words(a_scan(phase="walk", found_count=312))
    problem = ScanProblem(code="x", detail="The disk is away.")
    assert in_words(a_scan(state="failed", error=problem)) == "The disk is away."
    assert in_words(a_scan(state="failed"))
    assert "1,000" in in_words(a_scan(state="done"))
    assert in_words(a_scan(state="waiting"))


def test_how_far_is_known_once_the_total_is() -> None:
    assert fraction(a_scan(phase="walk")) is None
    assert fraction(a_scan(found_count=0)) is None
    assert fraction(a_scan(found_count=10, done_count=25)) == 1
    assert number(1_234_567) == "1,234,567"
