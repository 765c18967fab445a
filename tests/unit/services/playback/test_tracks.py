from typing import Literal

import pytest
from msgspec.structs import replace

from server.media.hls.model import CopyVideo, EncodeAudio, EncodeVideo
from server.media.hls.timeline import even_timeline
from server.media.model import Stream
from server.services.playback.plans import Action, AudioEncoding, AudioPlan, VideoPlan
from server.services.playback.tracks import (
    PlannedPicture,
    PlannedSound,
    Tracks,
    film_tracks,
    text_timeline,
    text_tracks,
)
from tests.helpers.hls import read_playlist

TIMELINE = even_timeline(20_000)
HEVC = Stream(
    index=0, kind="video", codec="hevc", codecs="hev1.2.4.L120.90", width_px=3840, height_px=2160
)
AC3 = Stream(index=1, kind="audio", codec="ac3", language="eng", channel_count=6)
TEXT = Stream(index=2, kind="subtitle", codec="subrip", language="eng")
PICTURES = Stream(index=3, kind="subtitle", codec="hdmv_pgs_subtitle")
SIDECAR = Stream(index=90_000, kind="subtitle", codec="ass", title='Signs "and" songs\n')
COPIED = PlannedPicture(
    stream=HEVC, plan=VideoPlan(index=0, action=Action.COPY), made=CopyVideo(stream=0)
)
MADE = EncodeVideo(stream=0, width_px=1280, height_px=720, peak_bps=4_000_000, level=31)


def sound(stream: Stream, channel_count: int | None = None) -> PlannedSound:
    if channel_count is None:
        return PlannedSound(stream=stream, plan=AudioPlan(index=stream.index, action=Action.COPY))
    encoding = AudioEncoding(
        codec="aac", channel_count=channel_count, sample_rate_hz=48_000, bitrate_bps=384_000
    )
    plan = AudioPlan(index=stream.index, action=Action.TRANSCODE, encoding=encoding)
    return PlannedSound(stream=stream, plan=plan)


def tracks(picture: PlannedPicture = COPIED, *sounds: PlannedSound) -> Tracks:
    return film_tracks(TIMELINE, picture, sounds, AC3.index, [HEVC, AC3, TEXT, PICTURES], [SIDECAR])


def test_all_playlists_are_as_the_standard_has_them() -> None:
    made = tracks(COPIED, sound(AC3, 6))
    assert made.master is not None
    texts = [made.master, *(made.playlist(name) or "" for name in made.by_name)]
    assert [fault for text in texts for fault in read_playlist(text).faults] == []


def test_a_session_begins_with_the_picture_and_the_chosen_sound() -> None:
    other = replace(AC3, index=7)
    made = tracks(COPIED, sound(other), sound(AC3))
    assert [track.name for track in made.main] == ["v", "a1"]
    assert set(made.by_name) == {"v", "a1", "a7", "t2"}
    assert [track.name for track in tracks(COPIED).main] == ["v"]


def test_subtitles_that_are_pictures_are_no_track_and_files_beside_are_only_named() -> None:
    made = tracks(COPIED, sound(AC3))
    master = read_playlist(made.master or "")
    assert [one["URI"] for one in master.media if one["TYPE"] == "SUBTITLES"] == [
        "t2/index.m3u8",
        "t90000/index.m3u8",
    ]
    assert "t90000" not in made.by_name


def test_copied_pictures_carry_the_tag_that_players_accept() -> None:
    (stream,) = read_playlist(tracks(COPIED, sound(AC3)).master or "").streams
    assert stream["CODECS"] == "hvc1.2.4.L120.90,ac-3"
    assert stream["RESOLUTION"] == "3840x2160"


@pytest.mark.parametrize(
    ("transfer", "expected"), [("pq", "PQ"), ("hlg", "HLG"), ("sdr", "SDR"), (None, "SDR")]
)
def test_light_is_told_as_it_is_sent(
    transfer: Literal["pq", "hlg", "sdr"] | None, expected: str
) -> None:
    copied = replace(COPIED, stream=replace(HEVC, transfer=transfer))
    made = replace(copied, made=MADE)
    for picture, wanted in ((copied, expected), (made, "SDR")):
        (stream,) = read_playlist(tracks(picture).master or "").streams
        assert stream["VIDEO-RANGE"] == wanted


@pytest.mark.parametrize(("planned", "made"), [(1, 1), (2, 2), (3, 2), (5, 2), (6, 6), (8, 6)])
def test_sound_is_made_in_layouts_that_aac_has(planned: int, made: int) -> None:
    track = tracks(COPIED, sound(AC3, planned)).by_name["a1"]
    assert isinstance(track.made, EncodeAudio)
    assert track.made.channel_count == made


def test_tracks_that_are_made_alike_share_a_folder() -> None:
    one, other = tracks(COPIED, sound(AC3)), tracks(COPIED, sound(AC3, 2))
    assert one.by_name["v"].folder == other.by_name["v"].folder
    assert one.by_name["a1"].folder != other.by_name["a1"].folder


@pytest.mark.parametrize(("length_ms", "count"), [(0, 1), (1, 1), (30_000, 1), (30_001, 2)])
def test_subtitles_beside_a_file_come_in_half_minutes(length_ms: int, count: int) -> None:
    made = text_tracks([TEXT, PICTURES], text_timeline(length_ms))
    assert list(made.by_name) == ["t2"]
    assert len(read_playlist(made.playlist("t2") or "").uris) == count
    assert made.playlist("v") is None
    assert made.master is None
