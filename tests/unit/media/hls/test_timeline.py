from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.hls.timeline import LONGEST_MS, Timeline, even_timeline, keyframe_timeline

HOUR_MS = 3_600_000


def test_the_first_segments_are_short_and_the_rest_even() -> None:
    assert even_timeline(9_000).starts_ms == (0, 1_000, 2_000, 4_000, 6_000, 8_000)


@pytest.mark.parametrize(
    ("length_ms", "starts_ms"),
    [
        (1, (0,)),
        (999, (0,)),
        (1_000, (0,)),
        (1_001, (0,)),
        (2_400, (0, 1_000)),
        (4_300, (0, 1_000, 2_000)),
        (0, (0,)),
        (-5, (0,)),
    ],
)
def test_no_segment_is_a_mere_rest(length_ms: int, starts_ms: tuple[int, ...]) -> None:
    assert even_timeline(length_ms).starts_ms == starts_ms


def test_a_film_is_cut_at_the_first_key_frame_after_three_seconds() -> None:
    timeline = keyframe_timeline([21, 1_000, 3_020, 3_021, 5_000, 9_000, 13_100], 16_000)
    assert timeline == Timeline(starts_ms=(0, 3_020, 9_000, 13_100), end_ms=16_000)


def test_a_short_segment_is_better_than_one_too_long() -> None:
    timeline = keyframe_timeline([0, 2_500, 12_900, 15_900], 20_000)
    assert timeline is not None
    assert timeline.starts_ms == (0, 2_500, 12_900, 15_900)


def test_what_encoders_do_by_default_can_be_copied() -> None:
    every_ms = [number * 250_000 * 1_001 // 24_000 for number in range(100)]
    timeline = keyframe_timeline(every_ms, every_ms[-1] + 4_000)
    assert timeline is not None
    assert timeline.count == 100


@pytest.mark.parametrize(
    ("keyframes_ms", "length_ms"),
    [
        ([0, 20_000], 24_000),
        ([0, 4_000], 30_000),
        ([12_000, 14_000], 20_000),
        ([], 9_000),
        ([0, 3_000], 0),
        ([5_000], 20_000),
    ],
)
def test_key_frames_too_far_apart_cannot_be_copied(keyframes_ms: list[int], length_ms: int) -> None:
    assert keyframe_timeline(keyframes_ms, length_ms) is None


def test_a_film_without_any_other_key_frame_is_one_segment() -> None:
    assert keyframe_timeline([40], 9_000) == Timeline(starts_ms=(0,), end_ms=9_000)


def test_key_frames_outside_and_out_of_order_do_no_harm() -> None:
    timeline = keyframe_timeline([8_000, -4_000, 0, 4_000, 4_000, 99_000_000], 12_000)
    assert timeline is not None
    assert timeline.starts_ms == (0, 4_000, 8_000)


@pytest.mark.parametrize("at_ms", [0, 2_999, 3_000, 3_000.5, 5_999, 6_000, 10**12])
def test_each_moment_belongs_to_one_segment(at_ms: float) -> None:
    timeline = Timeline(starts_ms=(0, 3_000, 6_000), end_ms=9_000)
    number = timeline.number_at(at_ms)
    start_ms, end_ms = timeline.span_ms(number)
    assert start_ms <= at_ms
    assert at_ms < end_ms or number == 2


def test_what_lies_before_the_start_belongs_to_the_first_segment() -> None:
    assert even_timeline(HOUR_MS).number_at(-500) == 0


def test_a_length_that_nobody_filmed_is_cut() -> None:
    assert even_timeline(30 * 24 * HOUR_MS).end_ms == LONGEST_MS


@given(st.integers(1, 10 * HOUR_MS))
def test_even_segments_follow_each_other_to_the_end(length_ms: int) -> None:
    timeline = even_timeline(length_ms)
    assert timeline.starts_ms[0] == 0
    assert all(0 < length <= 3_000 for length in timeline.lengths_ms)
    assert sum(timeline.lengths_ms) == timeline.end_ms == length_ms


@given(st.lists(st.integers(0, 200_000), max_size=200), st.integers(1, 200_000))
def test_copied_segments_start_at_key_frames(keyframes_ms: list[int], length_ms: int) -> None:
    timeline = keyframe_timeline(keyframes_ms, length_ms)
    if timeline is None:
        inside = sorted({time for time in keyframes_ms if time < length_ms})
        places = [0, *inside[1:], length_ms]
        assert not inside or max(end - start for start, end in pairwise(places)) > 9_500
        return
    assert set(timeline.starts_ms[1:]) <= set(keyframes_ms)
    assert all(0 < length < 10_500 for length in timeline.lengths_ms)
    assert sum(timeline.lengths_ms) == length_ms
