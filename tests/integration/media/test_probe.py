"""Real files through the real libraries: what is read in films of many kinds, and what is said of broken ones."""

import os
import shutil
import sys
from collections.abc import Buffer
from pathlib import Path
from typing import cast

import av
import pytest
from av.subtitles.subtitle import BitmapSubtitle

from server.kernel.workers import WorkerFailed
from server.media.model import Chapter, Reason
from server.media.probe import probe
from tests.helpers.media import (
    FILMS,
    ODD_FILMS,
    Recipe,
    broken_films,
    make_film,
    real_clips,
    with_dolby_vision,
)
from tests.helpers.subtitles import bar


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {name: make_film(folder / name) for name in FILMS}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return broken_films(tmp_path_factory.mktemp("broken"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these policies")
@pytest.mark.usefixtures("films")
def test_making_films_leaves_our_priority_as_it_was() -> None:
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@pytest.mark.parametrize(
    ("name", "container", "media_type"),
    [
        ("h264_aac.mp4", "mp4", 'video/mp4; codecs="avc1.42C00C, mp4a.40.2"'),
        ("vp9_opus.webm", "webm", 'video/webm; codecs="vp09.00.11.08, opus"'),
        ("vp8_opus.webm", "webm", 'video/webm; codecs="vp8, opus"'),
        ("h264_aac.mkv", "matroska", 'video/x-matroska; codecs="avc1.42C00C, mp4a.40.2"'),
        ("hevc_ac3.mkv", "matroska", 'video/x-matroska; codecs="hvc1.2.4.L60.90, ac-3"'),
        ("av1_opus.webm", "webm", 'video/webm; codecs="av01.0.00M.08, opus"'),
        ("mpeg2_mp2.ts", "mpegts", 'video/mp2t; codecs="mpeg2video, mp2"'),
    ],
)
def test_a_film_is_read(films: dict[str, Path], name: str, container: str, media_type: str) -> None:
    found = probe(bytes(films[name]))
    assert (found.container, found.media_type) == (container, media_type)
    assert found.length_ms is not None
    assert 5_900 <= found.length_ms <= 6_200
    video = next(stream for stream in found.streams if stream.kind == "video")
    assert (video.width_px, video.height_px, video.frame_rate) == (320, 180, 24.0)
    audio = next(stream for stream in found.streams if stream.kind == "audio")
    assert (audio.channel_count, audio.sample_rate_hz) == (2, 48_000)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts"])
@pytest.mark.parametrize(("layout", "count"), [("mono", 1), ("stereo", 2), ("5.1", 6)])
def test_channels_are_counted(tmp_path: Path, name: str, layout: str, count: int) -> None:
    film = make_film(tmp_path / name, Recipe(layout=layout, length_s=1))
    audio = next(each for each in probe(bytes(film)).streams if each.kind == "audio")
    assert audio.channel_count == count


def test_chapters_languages_and_depth_are_read(films: dict[str, Path]) -> None:
    found = probe(bytes(films["h264_aac.mkv"]))
    assert found.chapters == [
        Chapter(start_ms=0, title="Opening"),
        Chapter(start_ms=3_000, title="Middle"),
    ]
    assert found.streams[1].language == "eng"
    assert probe(bytes(films["hevc_ac3.mkv"])).streams[0].bit_depth == 10


def test_tracks_are_read_with_what_playback_asks_of_them(films: dict[str, Path]) -> None:
    found = probe(bytes(films["hevc_ac3.mkv"]))
    tracks = [
        (stream.kind, stream.codec, stream.language, stream.title) for stream in found.streams
    ]
    assert tracks == [
        ("video", "hevc", None, None),
        ("audio", "ac3", "eng", None),
        ("audio", "ac3", "ger", None),
        ("subtitle", "subrip", "eng", None),
        ("subtitle", "ass", "ger", "Schilder"),
        ("subtitle", "hdmv_pgs_subtitle", "fre", None),
    ]
    video, first, _, english, german, _ = found.streams
    assert (video.bit_depth, video.pixel_format, video.transfer) == (10, "yuv420p10le", "sdr")
    assert first.channel_layout == "stereo"
    assert (english.is_default, english.is_hearing_impaired, english.is_forced) == (
        True,
        True,
        False,
    )
    assert (german.is_default, german.is_hearing_impaired, german.is_forced) == (False, False, True)
    assert [chapter.start_ms for chapter in found.chapters] == [0, 2_000, 4_000]


def test_subtitle_pictures_are_those_that_were_drawn(films: dict[str, Path]) -> None:
    with av.open(str(films["hevc_ac3.mkv"])) as film:
        stream = film.streams.subtitles[2]
        shown = [
            (int(packet.pts or 0) * stream.time_base, bytes(cast("Buffer", picture)))
            for packet in film.demux(stream)
            for subtitle in stream.decode2(packet) or ()
            if isinstance(subtitle, BitmapSubtitle)
            for picture in subtitle.planes[:1]
        ]
    assert [at_s for at_s, _ in shown] == [0, 1, 2, 3, 4, 5]
    drawn = [bytes(colour for row in bar(second) for colour in row) for second in range(6)]
    assert [pixels for _, pixels in shown] == drawn


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mpeg2_mp2.mpg", ("mpeg", "mpeg2video", 320, 180, False, 0)),
        ("interlaced.mkv", ("matroska", "h264", 720, 576, True, 0)),
        ("turned.mp4", ("mp4", "h264", 320, 180, False, 90)),
        ("odd_size.webm", ("webm", "vp9", 321, 177, False, 0)),
        ("tiny.mkv", ("matroska", "h264", 16, 16, False, 0)),
        ("silent.mkv", ("matroska", "h264", 320, 180, False, 0)),
    ],
)
def test_odd_films_are_read(tmp_path: Path, name: str, expected: tuple[object, ...]) -> None:
    found = probe(bytes(make_film(tmp_path / name)))
    video = found.streams[0]
    size = video.width_px, video.height_px
    facts = (found.container, video.codec, *size, video.is_interlaced, video.rotation_deg)
    assert facts == expected
    has_sound = ODD_FILMS[name].audio is not None
    assert any(stream.kind == "audio" for stream in found.streams) is has_sound


def test_a_recording_says_where_its_clock_begins(films: dict[str, Path]) -> None:
    assert probe(bytes(films["mpeg2_mp2.ts"])).starts_at_ms > 0
    assert probe(bytes(films["h264_aac.mp4"])).starts_at_ms == 0


@pytest.mark.parametrize(("profile", "base", "expected"), [(5, 0, "5.0"), (8, 1, "8.1")])
def test_dolby_vision_is_known_by_its_record(
    tmp_path: Path, profile: int, base: int, expected: str
) -> None:
    hevc = Recipe(video="libx265", pixel_format="yuv420p10le", length_s=1)
    film = make_film(tmp_path / "film.mp4", hevc)
    assert probe(bytes(film)).streams[0].dolby_vision is None
    assert probe(bytes(with_dolby_vision(film, profile, base))).streams[0].dolby_vision == expected


def test_a_font_is_an_attachment_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "font.mkv"
    film = make_film(tmp_path / "film.mkv", Recipe(length_s=1))
    with av.open(str(film)) as source, av.open(str(path), "w") as target:
        streams = {each.index: target.add_stream_from_template(each) for each in source.streams}
        target.add_attachment("Inter.ttf", "font/ttf", b"no real font")
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    font = probe(bytes(path)).streams[-1]
    assert (font.kind, font.file_name, font.mime_type) == ("attachment", "Inter.ttf", "font/ttf")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty.mkv", Reason.EMPTY),
        ("text.mkv", Reason.UNKNOWN_FORMAT),
        ("playlist.mkv", Reason.UNKNOWN_FORMAT),
        ("concat.mkv", Reason.UNKNOWN_FORMAT),
        ("subtitles.mkv", Reason.UNKNOWN_FORMAT),
        ("noise.mp4", Reason.UNKNOWN_FORMAT),
        ("head_only.mkv", Reason.DAMAGED),
        ("truncated.mp4", Reason.DAMAGED),
        ("scrambled.mp4", Reason.NO_VIDEO),
    ],
)
def test_what_is_no_film_says_why(broken: dict[str, Path], name: str, reason: Reason) -> None:
    with pytest.raises(WorkerFailed) as failed:
        probe(bytes(broken[name]))
    assert failed.value.context == {"reason": reason}


@pytest.mark.parametrize("name", ["truncated.mkv", "holed.mkv"])
def test_a_film_with_a_whole_head_is_read(broken: dict[str, Path], name: str) -> None:
    assert probe(bytes(broken[name])).container == "matroska"


def test_a_path_that_is_no_file_says_why(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "gone.mkv", Reason.MISSING), (tmp_path, Reason.DAMAGED)):
        with pytest.raises(WorkerFailed) as failed:
            probe(bytes(path))
        assert failed.value.context == {"reason": reason}


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.mkv", Recipe(length_s=1))
    song = tmp_path / "song.mkv"
    with av.open(str(whole)) as source, av.open(str(song), "w") as target:
        audio = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = audio
                target.mux(packet)
    with pytest.raises(WorkerFailed) as failed:
        probe(bytes(song))
    assert failed.value.context == {"reason": Reason.NO_VIDEO}


def test_names_that_are_no_text_or_look_like_addresses_open(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", Recipe(length_s=1))
    for name in (b"caf\xe9\xff.mp4", b"http:x.mp4", b"concat:a|b.mp4", b"%03d.mp4", b"-i.mp4"):
        copy = os.fsencode(tmp_path) + b"/" + name
        shutil.copy(film, os.fsdecode(copy))
        assert probe(copy).container == "mp4"


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_a_turned_film_says_how_far(tmp_path: Path, rotation_deg: int) -> None:
    film = make_film(tmp_path / "turned.mp4", Recipe(length_s=1, rotation_deg=rotation_deg))
    assert probe(bytes(film)).streams[0].rotation_deg == rotation_deg


def test_wide_pixels_are_seen(tmp_path: Path) -> None:
    video = probe(bytes(make_film(tmp_path / "interlaced.mkv"))).streams[0]
    assert video.sample_aspect == pytest.approx(16 / 15, abs=1e-4)


def test_a_live_recording_has_no_length(tmp_path: Path) -> None:
    recipe = Recipe(video="libvpx", audio=None, length_s=1, container_options={"live": "1"})
    found = probe(bytes(make_film(tmp_path / "live.webm", recipe)))
    assert found.length_ms is None
    assert found.streams[0].width_px == 320


def test_hostile_tags_are_made_harmless(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", Recipe(length_s=1, chapters=("A\x07B" + "x" * 1_000,)))
    film.write_bytes(film.read_bytes().replace(b"A\x07Bxx", b"A\xff\xfexx"))
    title = probe(bytes(film)).chapters[0].title
    assert title is not None
    assert title.isprintable()
    assert len(title) <= 300


def test_a_codec_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", Recipe(video="mpeg4", length_s=1))
    film.write_bytes(film.read_bytes().replace(b"mp4v", b"m\xff4v"))
    assert probe(bytes(film)).streams[0].codec == "mpeg4"


def test_real_clips_are_read() -> None:
    found = {name: probe(bytes(path)) for name, path in real_clips().items()}
    assert found["bigbuckbunny.mp4"].media_type == 'video/mp4; codecs="avc1.4D401F, mp4a.40.2"'
    assert found["bikes.mp4"].length_ms == 10_000
