"""Where the segments of a film begin: known before any is made, so that each may be asked for first. Pure.

All versions of a film that one player may change between share a timeline.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Final

from msgspec import Struct

LONGEST_MS: Final = 48 * 3_600_000
"""What a header claims beyond two days is not offered: nobody made it, and its playlist would fill the memory."""

CLOCK_START_S: Final = 10
"""What the clock inside the segments shows where the film starts: pictures are decoded before they are shown."""

_SHORTEST_COPIED_MS = 3_000
_LONGEST_COPIED_MS = (
    10_499  # 250 frames at 23.976 a second, the usual most between key frames, still round to 10 s
)
_FIRST_MADE_MS = (1_000, 1_000)  # the first picture waits for a whole segment
_MADE_MS = 2_000
_SHORTEST_LAST_MS = 1_000


class Timeline(Struct, frozen=True, kw_only=True):
    """Segment `n` lasts from `starts_ms[n]` to the next start, the last one to `end_ms`; the first starts at 0."""

    starts_ms: tuple[int, ...]
    end_ms: int

    @property
    def count(self) -> int:
        """Return how many segments there are, one at least."""
        return len(self.starts_ms)

    @property
    def lengths_ms(self) -> list[int]:
        """Return how long each segment is."""
        return [end - start for start, end in pairwise((*self.starts_ms, self.end_ms))]

    def span_ms(self, number: int) -> tuple[int, int]:
        """Return where a segment starts and ends. Raises: IndexError."""
        is_last = number == self.count - 1
        return self.starts_ms[number], self.end_ms if is_last else self.starts_ms[number + 1]

    def number_at(self, at_ms: float) -> int:
        """Return the segment that a moment belongs to; the first and the last one have no outer end."""
        return max(0, bisect_right(self.starts_ms, at_ms) - 1)


def even_timeline(length_ms: int) -> Timeline:
    """Return the timeline of a film whose video is made anew: two short segments, then even ones."""
    end_ms = _end_ms(length_ms)
    starts_ms = [
        start_ms for start_ms in accumulate(_FIRST_MADE_MS, initial=0) if start_ms < end_ms
    ]
    starts_ms += range(starts_ms[-1] + _MADE_MS, end_ms, _MADE_MS)
    return _without_rest(starts_ms, end_ms)


def keyframe_timeline(keyframes_ms: Iterable[int], length_ms: int) -> Timeline | None:
    """Return the timeline of a film whose video is copied: cut where a key frame stands, 3 s after the last or later.

    None when key frames are too far apart somewhere, or the length is not known: then it has to be made anew.
    """
    end_ms = _end_ms(length_ms)
    places_ms = sorted({time for time in keyframes_ms if 0 <= time < end_ms})
    if length_ms <= 0 or not places_ms:
        return None
    starts_ms = [0]
    for place_ms, next_ms in pairwise([*places_ms[1:], end_ms]):
        is_due = place_ms - starts_ms[-1] >= _SHORTEST_COPIED_MS
        if is_due or next_ms - starts_ms[-1] > _LONGEST_COPIED_MS:
            starts_ms.append(place_ms)
    timeline = _without_rest(starts_ms, end_ms)
    return timeline if max(timeline.lengths_ms) <= _LONGEST_COPIED_MS else None


def _end_ms(length_ms: int) -> int:
    return min(max(1, length_ms), LONGEST_MS)


def _without_rest(starts_ms: list[int], end_ms: int) -> Timeline:
    """Return the timeline without a last segment that is hardly one; a stream may end a little before the film."""
    is_rest = len(starts_ms) > 1 and end_ms - starts_ms[-1] < _SHORTEST_LAST_MS
    if is_rest and end_ms - starts_ms[-2] <= _LONGEST_COPIED_MS:
        starts_ms.pop()
    return Timeline(starts_ms=tuple(starts_ms), end_ms=end_ms)
