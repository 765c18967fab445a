from typing import Any

import pytest

from server.media.hls.ladder import ladder
from server.media.model import Stream


def a_video(**changes: Any) -> Stream:
    fields = {"index": 0, "kind": "video", "codec": "h264", "width_px": 1920, "height_px": 1080}
    return Stream(**{**fields, "frame_rate": 24.0, **changes})


def sizes(video: Stream) -> list[tuple[int, int]]:
    return [(rung.width_px, rung.height_px) for rung in ladder(video)]


def test_a_film_comes_in_its_own_size_and_below() -> None:
    assert sizes(a_video()) == [(1920, 1080), (1280, 720), (852, 480), (640, 360)]


@pytest.mark.parametrize(
    ("changes", "largest"),
    [
        ({"width_px": 321, "height_px": 177}, (320, 176)),
        ({"width_px": 7680, "height_px": 4320}, (3840, 2160)),
        ({"width_px": 720, "height_px": 576, "sample_aspect": 16 / 11}, (1046, 576)),
        ({"rotation_deg": 90}, (1080, 1920)),
        ({"width_px": 1, "height_px": 1}, (2, 2)),
        ({"width_px": None, "height_px": None}, (2, 2)),
    ],
)
def test_the_largest_is_what_a_viewer_would_see(
    changes: dict[str, Any], largest: tuple[int, int]
) -> None:
    assert sizes(a_video(**changes))[0] == largest


def test_more_pixels_and_frames_take_more_bits_and_a_higher_level() -> None:
    full, *rest = ladder(a_video())
    assert full.peak_bps == 8_000_000
    assert [rung.peak_bps for rung in rest] == sorted(
        (rung.peak_bps for rung in rest), reverse=True
    )
    fast = ladder(a_video(frame_rate=60))[0]
    assert (full.codecs, fast.codecs) == ("avc1.640028", "avc1.64002A")
    assert fast.peak_bps > full.peak_bps
