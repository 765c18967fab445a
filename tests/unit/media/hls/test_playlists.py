from typing import Any

import pytest

from server.media.hls.playlists import Rendition, Variant, media_playlist, multivariant_playlist
from server.media.hls.timeline import Timeline, even_timeline
from tests.helpers.hls import read_playlist

TIMELINE = Timeline(starts_ms=(0, 3_003, 10_010), end_ms=12_345)
VARIANT = Variant(
    uri="video/index.m3u8",
    peak_bps=5_000_000,
    codecs=("avc1.640028", "mp4a.40.2"),
    width_px=1920,
    height_px=1080,
    frame_rate=23.976,
    audio_group="audio",
    subtitle_group="text",
)


def a_rendition(**changes: Any) -> Rendition:
    fields = {"kind": "AUDIO", "group": "audio", "name": "English", "uri": "audio/index.m3u8"}
    return Rendition(**{**fields, **changes})


TEXT = a_rendition(kind="SUBTITLES", group="text", uri="text/index.m3u8", language="en")


def test_a_media_playlist_is_complete_at_once() -> None:
    text = media_playlist(TIMELINE, lambda number: f"{number}.m4s", init_uri="init.mp4")
    assert text.splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXT-X-TARGETDURATION:7",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        '#EXT-X-MAP:URI="init.mp4"',
        "#EXTINF:3.003,",
        "0.m4s",
        "#EXTINF:7.007,",
        "1.m4s",
        "#EXTINF:2.335,",
        "2.m4s",
        "#EXT-X-ENDLIST",
    ]
    assert read_playlist(text).faults == []


@pytest.mark.parametrize("length_ms", [1, 400, 2_000, 7_200_000])
def test_playlists_of_any_length_are_in_order(length_ms: int) -> None:
    timeline = even_timeline(length_ms)
    text = media_playlist(timeline, lambda number: f"{number}.vtt", init_uri=None)
    playlist = read_playlist(text)
    assert playlist.faults == []
    assert sum(playlist.lengths_s) == pytest.approx(length_ms / 1_000)


def test_a_multivariant_playlist_is_in_order() -> None:
    renditions = [
        a_rendition(language="en", is_default=True, channel_count=6),
        a_rendition(language="de", name="Deutsch"),
        TEXT,
        a_rendition(
            kind="SUBTITLES",
            group="text",
            name="Signs",
            is_forced=True,
            is_hearing_impaired=True,
        ),
    ]
    playlist = read_playlist(multivariant_playlist([VARIANT], renditions))
    assert playlist.faults == []
    assert playlist.streams[0]["CODECS"] == "avc1.640028,mp4a.40.2"
    assert playlist.media[0] == {
        "TYPE": "AUDIO", "GROUP-ID": "audio", "NAME": "English", "LANGUAGE": "en", "DEFAULT": "YES",
        "AUTOSELECT": "YES", "CHANNELS": "6", "URI": "audio/index.m3u8",
    }  # fmt: skip


def test_a_silent_film_needs_no_group() -> None:
    variant = Variant(uri="v.m3u8", peak_bps=1, codecs=("vp09.00.10.08",), width_px=2, height_px=2)
    playlist = read_playlist(multivariant_playlist([variant]))
    assert playlist.faults == []
    assert "AUDIO" not in playlist.streams[0]


def test_fifty_tracks_of_one_name_can_be_told_apart() -> None:
    playlist = read_playlist(multivariant_playlist([VARIANT], [a_rendition(), *[TEXT] * 50]))
    assert playlist.faults == []
    assert [media["NAME"] for media in playlist.media[1:4]] == ["English", "English 2", "English 3"]


@pytest.mark.parametrize(
    "name", ['Say "hello"', "two\nlines", "\x00\x1b[31m", "", "  ", "a,b=c", "\u2028", "日本語"]
)
def test_names_out_of_files_cannot_break_the_playlist(name: str) -> None:
    playlist = read_playlist(multivariant_playlist([VARIANT], [a_rendition(name=name), TEXT]))
    assert playlist.faults == []
    assert len(playlist.media) == 2
    assert playlist.media[0]["NAME"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#EXTM3U\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n",
        '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1",AUDIO="a"\nv.m3u8\n',
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:3.0,\na\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:x,\na\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n#EXTINF:1,\na\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n",
    ],
)
def test_the_checker_finds_faults(text: str) -> None:
    assert read_playlist(text).faults
