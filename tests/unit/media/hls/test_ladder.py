from typing import Any

import pytest

from server.media.hls.ladder import Bounds, ladder, shown_rate, shown_size
from server.media.model import Stream


def a_video(**changes: Any) -> Stream:
    fields = {"index": 0, "kind": "video", "codec": "h264", "width_px": 1920, "height_px": 1080}
    return Stream(**{**fields, "frame_rate": 24.0, **changes})


def sizes(video: Stream, bounds: Bounds | None = None) -> list[tuple[int, int]]:
    return [(rung.width_px, rung.height_px) for rung in ladder(video, bounds)]


def test_a_film_comes_in_its_own_size_and_below() -> None:
    assert sizes(a_video()) == [(1920, 1080), (1280, 720), (852, 480), (640, 360)]


@pytest.mark.parametrize(
    ("changes", "largest"),
    [
        ({"width_px": 321, "height_px": 177}, (320, 176)),
        ({"width_px": 7680, "height_px": 4320}, (3840, 2160)),
        ({"width_px": 720, "height_px": 576, "sample_aspect": 16 / 11}, (1046, 576)),
        ({"height_px": 800}, (1920, 800)),
        ({"rotation_deg": 90}, (1080, 1920)),
        ({"width_px": 1, "height_px": 1}, (2, 2)),
        ({"width_px": None, "height_px": None}, (2, 2)),
    ],
)
def test_the_largest_is_what_a_viewer_would_see(
    changes: dict[str, Any], largest: tuple[int, int]
) -> None:
    assert sizes(a_video(**changes))[0] == largest


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (1920, 1080)),
        ({"rotation_deg": 90}, (1080, 1920)),
        ({"rotation_deg": 180}, (1920, 1080)),
        ({"width_px": 720, "height_px": 576, "sample_aspect": 64 / 45}, (1024, 576)),
        ({"width_px": None, "height_px": None}, (2, 2)),
        ({"width_px": 1, "sample_aspect": 0.125}, (2, 1080)),
    ],
)
def test_a_picture_is_shown_upright_with_square_pixels(
    changes: dict[str, Any], expected: tuple[int, int]
) -> None:
    assert shown_size(a_video(**changes)) == expected


def test_more_pixels_and_frames_take_more_bits_and_a_higher_level() -> None:
    full, *rest = ladder(a_video())
    assert full.peak_bps == 8_000_000
    assert [rung.peak_bps for rung in rest] == [4_000_000, 1_500_000, 800_000]
    fast, very_fast = (ladder(a_video(frame_rate=rate))[0] for rate in (60, 240))
    assert (full.level, fast.level, very_fast.level) == (40, 42, 42)


@pytest.mark.parametrize(
    ("bounds", "largest"),
    [
        (Bounds(width_px=1280), (1280, 720)),
        (Bounds(height_px=576), (1024, 576)),
        (Bounds(short_px=1000), (1776, 1000)),
        (Bounds(width_px=-5), (2, 2)),
    ],
)
def test_what_is_out_of_bounds_is_made_smaller(bounds: Bounds, largest: tuple[int, int]) -> None:
    assert sizes(a_video(), bounds)[0] == largest


@pytest.mark.parametrize(
    ("found", "most", "expected"),
    [(24.0, 60, 24), (50.0, 30, 30), (240.0, 1_000, 60), (None, 60, 30), (24.0, -1, 1)],
)
def test_no_more_pictures_a_second_are_shown_than_there_are_or_may_be(
    found: float | None, most: float, expected: float
) -> None:
    assert shown_rate(a_video(frame_rate=found), Bounds(frame_rate=most)) == expected
