"""What is asked of the encoder, read back from what it wrote."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import pytest

from server.media.h264 import PROFILES, Profile
from server.media.hls.model import MeasureEncoding
from server.media.hls.x264 import measure_encoding
from tests.helpers.media import Recipe, make_film
from tests.helpers.segments import encoded, made, made_timeline


@pytest.mark.parametrize("profile", PROFILES)
def test_profile_and_level_are_those_asked_for(tmp_path: Path, profile: Profile) -> None:
    film = make_film(tmp_path / "film.mkv", Recipe(audio=None, length_s=7))
    track = encoded(film, profile=profile, level=31, preset="veryfast")
    (video,) = made(film, made_timeline(film), [track])
    with av.open(BytesIO(video.content()), "r") as opened:
        (stream,) = opened.streams
        record = stream.codec_context.extradata or b""
        assert f"avc1.{record[1:4].hex().upper()}" == track.codecs
    assert len(video.times()) == 7 * 24


@pytest.mark.parametrize(
    ("fps", "most_fps", "expected_fps"),
    [(60, 60, 60), (60, 30, 30), (50, 30, 30), (25, 24, 24), (24, 24, 24), (24, 23.98, 24), (120, 60, 60)],
)  # fmt: skip
def test_pictures_beyond_the_rate_are_left_out_evenly(
    tmp_path: Path, fps: int, most_fps: float, expected_fps: int
) -> None:
    film = make_film(tmp_path / "film.mkv", Recipe(audio=None, fps=fps, length_s=5))
    (video,) = made(film, made_timeline(film), [encoded(film, most_fps=most_fps)])
    times = video.times()
    assert len(times) == pytest.approx(5 * expected_fps, abs=2)
    assert max(after - before for before, after in pairwise(times)) < 2 / expected_fps
    (jumped,) = made(
        film, made_timeline(film), [encoded(film, most_fps=most_fps)], first=1, name="jump"
    )
    assert set(jumped.times()[1:]) <= set(times)


def test_no_more_bits_are_taken_than_were_said(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", Recipe(audio=None, length_s=12))
    (free,) = made(film, made_timeline(film), [encoded(film, preset="veryfast")])
    track = encoded(film, preset="veryfast", peak_bps=30_000)
    (narrow,) = made(film, made_timeline(film), [track], name="narrow")
    settled = range(2, len(narrow.numbers))
    assert sum(map(len, free.segments(settled))) * 8 / 10 > 50_000
    assert sum(map(len, narrow.segments(settled))) * 8 / 10 < 40_000


def test_a_machine_is_measured_by_what_it_encodes() -> None:
    fast, settled = (
        measure_encoding(MeasureEncoding(preset=preset)) for preset in ("ultrafast", "veryfast")
    )
    assert fast > settled > 1_000_000
