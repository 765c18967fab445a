"""How far a scan is and how fast it goes, in numbers and in words. Without Qt."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final
from uuid import UUID

from gui.api import Scan
from gui.texts import t

_SPAN_S: Final = 20.0
_LEAST_S: Final = 1.5
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600


class Pace:
    """Notes looks at one scan after the other, and keeps those of the last seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._scan_id: UUID | None = None
        self._looks: deque[tuple[float, int]] = deque()

    def note(self, scan: Scan) -> None:
        """Take in a look."""
        if scan.scan_id != self._scan_id or scan.phase != "probe":
            self._looks.clear()
        self._scan_id = scan.scan_id
        now_s = self._clock()
        self._looks.append((now_s, scan.done_count))
        while self._looks[0][0] < now_s - _SPAN_S:
            self._looks.popleft()

    @property
    def rate_per_s(self) -> float:
        """Files a second; 0 while that is not known."""
        if not self._looks:
            return 0.0
        (first_s, first), (last_s, last) = self._looks[0], self._looks[-1]
        return (last - first) / (last_s - first_s) if last_s - first_s >= _LEAST_S else 0.0


def is_under_way(scan: Scan | None) -> bool:
    """Return whether a scan runs or waits."""
    return scan is not None and scan.state in {"waiting", "running"}


def fraction(scan: Scan) -> float | None:
    """Return how far a scan is, from 0 to 1; None while the total is not known."""
    if scan.phase == "walk" or not scan.found_count:
        return None
    return min(1.0, scan.done_count / scan.found_count)


def in_words(scan: Scan, rate_per_s: float = 0.0) -> str:
    """Return the line below the bar: count, rate and time left of a scan that runs, the end of one that does not."""
    match scan:
        case Scan(state="waiting"):
            return t("pace.waiting")
        case Scan(state="failed"):
            return scan.error.detail if scan.error else t("pace.failed")
        case Scan(state="done"):
            return t("pace.done", count=number(scan.found_count))
        case Scan(phase="walk"):
            return t("pace.walking", count=number(scan.found_count))
    parts = [t("pace.files", done=number(scan.done_count), found=number(scan.found_count))]
    if rate_per_s > 0:
        parts.append(t("pace.rate", rate=number(max(1, round(rate_per_s)))))
        left_s = (scan.found_count - scan.done_count) / rate_per_s
        parts.append(t("pace.left", time=duration(left_s)))
    return " · ".join(parts)


def number(value: int) -> str:
    """Return a count as people read it, such as `1,234`."""
    return f"{value:,}".replace(",", t("thousands_separator"))


def duration(length_s: float) -> str:
    """Return a length of time in its largest fitting unit, rounded up."""
    if length_s < _MINUTE_S:
        return t("duration.seconds", count=max(1, round(length_s)))
    if length_s < _HOUR_S:
        return t("duration.minutes", count=-int(-length_s // _MINUTE_S))
    return t("duration.hours", count=-int(-length_s // _HOUR_S))
