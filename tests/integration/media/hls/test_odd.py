"""Films that are not as they should be: each ends in segments that play or in a reason, never in another error."""

import random
import shutil
from collections.abc import Callable
from functools import partial
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from msgspec.structs import replace

from server.kernel.workers import WorkerFailed
from server.media.hls.model import (
    ConvertText,
    CopyAudio,
    CopyVideo,
    EncodeAudio,
    EncodeVideo,
    MakeSegments,
    Output,
    Segment,
    Track,
)
from server.media.hls.timeline import even_timeline, keyframe_timeline
from server.media.model import Reason
from tests.helpers.broken import broken
from tests.helpers.media import (
    FILMS,
    Recipe,
    broken_films,
    make_film,
    with_dolby_vision,
)
from tests.helpers.segments import (
    Made,
    copied_timeline,
    copies,
    decoded_times,
    encoded,
    keyframes_found,
    keyframes_of,
    made,
    made_timeline,
    run_until,
)
from tests.helpers.subtitles import Subtitles


def small(**changes: Any) -> Track:
    fields = {"stream": 0, "width_px": 320, "height_px": 180, "peak_bps": 1_000_000, "level": 30}
    return EncodeVideo(**{**fields, "preset": "ultrafast", **changes})


ANEW: list[Track] = [small(), EncodeAudio(stream=1)]
AS_IT_IS: list[Track] = [CopyVideo(stream=0), CopyAudio(stream=1)]
EVEN = even_timeline(6_000)
CUT = keyframe_timeline(range(0, 6_000, 1_000), 6_000)


def reason_of(work: Callable[[], Any]) -> Reason | None:
    try:
        work()
    except WorkerFailed as failed:
        reason: Reason = failed.context["reason"]
        return reason
    return None


def remuxed(path: Path, target: Path, change: Callable[[Any], bool]) -> Path:
    """Write the packets of a film that `change` agrees to, as it left them."""
    with av.open(str(path)) as film, av.open(str(target), "w") as copy:
        streams = {raw.index: copy.add_stream_from_template(raw) for raw in film.streams}
        for packet in film.demux():
            if packet.size and change(packet):
                packet.stream = streams[packet.stream.index]
                copy.mux(packet)
    return target


def shifted(seconds: Callable[[float], float]) -> Callable[[Any], bool]:
    """Return a change that moves each packet by what `seconds` says of its time."""

    def move(packet: Any) -> bool:
        late = round(seconds(float(packet.pts * packet.time_base)) / packet.time_base)
        packet.pts += late
        packet.dts = None if packet.dts is None else packet.dts + late
        return True

    return move


HALF = {"truncated.mkv", "holed.mkv"}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("is_copied", [True, False])
def test_what_is_no_whole_film_ends_in_a_reason_or_early(
    tmp_path: Path, is_copied: bool, first: int
) -> None:
    assert CUT is not None
    tracks, timeline = (AS_IT_IS, CUT) if is_copied else (ANEW, EVEN)
    films = broken_films(tmp_path)
    for name in HALF:
        for track in made(films[name], timeline, tracks, first=first, name=f"of {name}"):
            assert track.numbers == list(range(first, first + len(track.numbers)))
    for name in set(films) - HALF:
        assert reason_of(partial(made, films[name], timeline, tracks, first=first))


@pytest.mark.parametrize("name", ["h264_aac.mp4", "h264_aac.mkv", "hevc_ac3.mkv", "mpeg2_mp2.ts"])
def test_wrong_bytes_end_in_segments_or_a_reason(tmp_path: Path, name: str) -> None:
    assert CUT is not None
    whole = make_film(tmp_path / name).read_bytes()
    film = tmp_path / f"broken-{name}"
    tracks = ANEW
    if name == "hevc_ac3.mkv":
        tracks = [small(burnt_in=5), EncodeAudio(stream=2), ConvertText(stream=3)]
    for seed in range(20):
        film.write_bytes(broken([whole], random.Random(seed)))  # noqa: S311  (repeatable, not secret)
        works: tuple[Callable[[], Any], ...] = (
            lambda: made(film, EVEN, tracks),
            lambda: made(film, CUT, AS_IT_IS, name="copied"),
            lambda: keyframes_of(film),
            lambda: keyframes_found(film),
        )
        for work in works:
            assert reason_of(work) in {None, *Reason}


@pytest.mark.parametrize(
    "track",
    [
        CopyVideo(stream=1),
        CopyVideo(stream=99),
        CopyAudio(stream=-1),
        EncodeAudio(stream=0),
        ConvertText(stream=1),
        ConvertText(stream=5),
        small(burnt_in=3),
        small(burnt_in=1),
    ],
)
def test_another_stream_than_was_probed_is_a_reason(tmp_path: Path, track: Track) -> None:
    film = make_film(tmp_path / "hevc_ac3.mkv")
    assert reason_of(lambda: made(film, EVEN, [track])) == Reason.UNSUPPORTED


def test_a_film_that_is_gone_is_missing(tmp_path: Path) -> None:
    assert reason_of(lambda: made(tmp_path / "gone.mkv", EVEN, ANEW)) == Reason.MISSING


def test_a_still_before_the_video_is_not_what_is_searched_by(tmp_path: Path) -> None:
    film = make_film(tmp_path / "plain.mkv", Recipe(length_s=10))
    covered = tmp_path / "covered.mkv"
    with av.open(str(film)) as source, av.open(str(covered), "w") as target:
        cover: Any = target.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 96, "yuvj420p"
        streams = {raw.index: target.add_stream_from_template(raw) for raw in source.streams}
        target.mux(cover.encode(av.VideoFrame(64, 96, "yuvj420p")))
        target.mux(cover.encode(None))
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    timeline = even_timeline(10_000)
    tracks = [small(stream=1), EncodeAudio(stream=2)]
    for track in made(covered, timeline, tracks, first=3):
        assert track.numbers == list(range(3, timeline.count))
    found = keyframes_of(covered, video=1)
    assert len(found.times_ms) == 10
    cut = keyframe_timeline(found.times_ms, found.length_ms)
    assert cut is not None
    copied, _ = made(covered, cut, [CopyVideo(stream=1), CopyAudio(stream=2)], name="copied")
    assert len(copied.times()) == 240


def test_fifty_subtitle_tracks_are_one_pass(tmp_path: Path) -> None:
    tracks = tuple(Subtitles(format="srt", language="eng") for _ in range(50))
    film = make_film(tmp_path / "fifty.mkv", Recipe(subtitles=tracks))
    texts = made(film, EVEN, [ConvertText(stream=2 + number) for number in range(50)])
    for text in texts:
        assert text.numbers == list(range(EVEN.count))
        assert "00:00:03.000 --> 00:00:03.500\nSecond 3" in text.text(2)


def test_sound_that_lacks_is_silence(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.mkv", Recipe(length_s=16, audio="ac3"))

    def has_hole(packet: Any) -> bool:
        is_inside = 3.5 < packet.pts * packet.time_base < 12.2
        return packet.stream.type == "video" or not is_inside

    film = remuxed(whole, tmp_path / "hole.mkv", has_hole)
    for name, tracks in (("copied", copies(film)), ("anew", ANEW)):
        timeline = copied_timeline(film)
        video, sound = made(film, timeline, tracks, name=name)
        assert video.numbers == sound.numbers == list(range(timeline.count))
        assert_without_hole(sound, 16)


def test_sound_that_ends_early_or_begins_late_is_silence(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.mkv", Recipe(length_s=16))
    film = remuxed(
        whole,
        tmp_path / "short.mkv",
        lambda packet: packet.stream.type == "video" or 6.5 < packet.pts * packet.time_base < 9,
    )
    for name, tracks in (("copied", copies(film)), ("anew", ANEW)):
        timeline = copied_timeline(film)
        video, sound = made(film, timeline, tracks, name=name)
        assert video.numbers == sound.numbers == list(range(timeline.count))
        assert_without_hole(sound, 16)


def assert_without_hole(sound: Made, length_s: float) -> None:
    times = sound.times()
    assert max(after - before for before, after in pairwise(times)) < 0.06
    assert times[0] == pytest.approx(0, abs=0.05)
    assert times[-1] == pytest.approx(length_s, abs=0.2)


def test_pictures_that_lack_are_the_one_before(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.mkv", Recipe(length_s=20))
    film = remuxed(
        whole,
        tmp_path / "hole.mkv",
        lambda packet: (
            packet.stream.type == "audio"
            or packet.pts * packet.time_base < 3
            or 14 <= packet.pts * packet.time_base < 17
        ),
    )
    timeline = even_timeline(20_000)
    video, sound = made(film, timeline, ANEW)
    assert video.numbers == sound.numbers == list(range(timeline.count))
    for number, start_ms in enumerate(timeline.starts_ms):
        times = video.times([number])
        assert times[0] == pytest.approx(start_ms / 1_000, abs=0.05)
    assert len([time for time in video.times() if 14 <= time < 17]) == 72


def test_times_that_start_again_are_left_out(tmp_path: Path) -> None:
    parts = [
        make_film(tmp_path / f"{length_s}.ts", Recipe(container="mpegts", length_s=length_s))
        for length_s in (8, 5)
    ]
    film = tmp_path / "twice.ts"
    film.write_bytes(b"".join(part.read_bytes() for part in parts))
    timeline = even_timeline(8_000)
    for track in made(film, timeline, ANEW):
        assert track.numbers == list(range(timeline.count))
        assert track.times() == sorted(set(track.times()))
    assert keyframes_found(film).times_ms == []


def test_times_that_jump_ahead_are_filled(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.ts", Recipe(container="mpegts", length_s=12))
    film = remuxed(whole, tmp_path / "ahead.ts", shifted(lambda at: 40.0 if at > 6 else 0.0))
    timeline = made_timeline(film)
    assert timeline.end_ms > 45_000
    for track in made(film, timeline, ANEW):
        assert track.numbers == list(range(timeline.count))
        assert max(after - before for before, after in pairwise(track.times())) < 3
    found = keyframes_found(film)
    assert keyframe_timeline(found.times_ms, found.length_ms) is None


def test_a_single_wrong_time_does_little_harm(tmp_path: Path) -> None:
    whole = make_film(tmp_path / "whole.mkv", Recipe(length_s=10))
    seen = {"audio": 0, "video": 0}

    def wrong(packet: Any) -> bool:
        seen[packet.stream.type] += 1
        if seen[packet.stream.type] == 60:
            packet.pts += round(20 / packet.time_base)
            packet.dts = packet.pts
        return True

    film = tmp_path / "wrong.ts"
    with av.open(str(whole)) as source, av.open(str(film), "w", format="mpegts") as copy:
        streams = {raw.index: copy.add_stream_from_template(raw) for raw in source.streams}
        for packet in source.demux():
            if packet.size and packet.dts is not None and wrong(packet):
                packet.stream = streams[packet.stream.index]
                try:
                    copy.mux(packet)
                except av.ArgumentError:
                    continue
    for track in made(film, even_timeline(10_000), ANEW):
        assert track.numbers
        assert max(after - before for before, after in pairwise(track.times())) < 3


@pytest.mark.parametrize("length_s", [1 / 24, 0.5])
def test_a_film_of_an_instant_has_one_segment(tmp_path: Path, length_s: float) -> None:
    film = make_film(tmp_path / "short.mp4", Recipe(length_s=length_s, audio=None))
    (video,) = made(film, made_timeline(film), [encoded(film)])
    assert video.numbers == [0]
    assert len(video.times()) == round(length_s * 24)


def test_a_film_longer_than_it_says_ends_with_its_timeline(tmp_path: Path) -> None:
    film = make_film(tmp_path / "long.mkv", Recipe(length_s=40))
    assert CUT is not None
    for name, timeline, tracks in (("copied", CUT, AS_IT_IS), ("anew", EVEN, ANEW)):
        for track in made(film, timeline, tracks, name=name):
            assert track.numbers == list(range(timeline.count))
            assert track.times()[-1] < 22


def test_a_timeline_that_is_not_the_films_is_a_reason(tmp_path: Path) -> None:
    film = make_film(tmp_path / "sparse.mkv", Recipe(length_s=12, video_options={"g": "240"}))
    timeline = keyframe_timeline(range(0, 12_000, 3_000), 12_000)
    assert timeline is not None
    assert reason_of(lambda: made(film, timeline, AS_IT_IS)) == Reason.DAMAGED


def test_a_file_that_is_cut_off_while_it_plays_ends_the_run(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", Recipe(length_s=30))
    work = MakeSegments(
        path=bytes(film),
        timeline=even_timeline(30_000),
        outputs=[Output(track=small(), folder=bytes(tmp_path / "made"))],
    )

    def cut_off(segment: Any) -> bool:
        with film.open("r+b") as file:
            file.truncate(film.stat().st_size // 2)
        return False

    numbers = [segment.number for segment in run_until(work, cut_off)]
    assert numbers == list(range(len(numbers)))
    assert 0 < len(numbers) < even_timeline(30_000).count


def test_a_file_that_is_removed_while_it_plays_plays_to_its_end(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", Recipe(length_s=30))
    timeline = even_timeline(30_000)
    output = Output(track=small(), folder=bytes(tmp_path / "made"))
    work = MakeSegments(path=bytes(film), timeline=timeline, outputs=[output])

    def remove(segment: Segment) -> bool:
        film.unlink(missing_ok=True)
        return False

    numbers = [segment.number for segment in run_until(work, remove)]
    assert numbers == list(range(timeline.count))
    assert reason_of(lambda: run_until(work, remove)) == Reason.MISSING


@pytest.mark.parametrize("first", [0, 1, 9, 10**9])
def test_segments_are_asked_for_up_to_the_end_and_beyond(tmp_path: Path, first: int) -> None:
    film = make_film(tmp_path / "h264_aac.mkv")
    assert CUT is not None
    for name, timeline, tracks in (("copied", CUT, AS_IT_IS), ("anew", EVEN, ANEW)):
        asked = min(first, timeline.count - 1) if first == 9 else first
        for track in made(film, timeline, tracks, first=asked, name=name):
            assert track.numbers == list(range(asked, timeline.count))


@pytest.mark.parametrize(
    ("profile", "base", "reason"), [(5, 0, Reason.UNSUPPORTED), (8, 1, None), (7, 6, None)]
)
def test_colours_that_only_dolby_knows_are_not_shown_wrong(
    tmp_path: Path, profile: int, base: int, reason: Reason | None
) -> None:
    hevc = Recipe(video="libx265", pixel_format="yuv420p10le", length_s=2)
    film = with_dolby_vision(make_film(tmp_path / "film.mp4", hevc), profile, base)
    assert reason_of(lambda: made(film, EVEN, [small()])) == reason
    assert reason_of(lambda: made(film, EVEN, [CopyVideo(stream=0)])) is None


def test_a_run_that_is_left_leaves_no_half_segment(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", Recipe(length_s=8))
    for count in range(4):
        folder = tmp_path / f"made{count}"
        outputs = [Output(track=track, folder=bytes(folder)) for track in ANEW[:1]]
        work = MakeSegments(path=bytes(film), timeline=EVEN, outputs=outputs)
        run_until(work, partial(_is, count))
        names = {"init.mp4", *(f"{number}.m4s" for number in range(count + 1))}
        assert {path.name for path in folder.iterdir()} == names


def _is(number: int, segment: Segment) -> bool:
    return segment.number == number


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    film = make_film(tmp_path / "h264_aac.mp4")
    (tmp_path / "made").write_text("a file stands here")
    with pytest.raises(OSError, match=r"made"):
        made(film, EVEN, ANEW)


def test_a_header_is_not_written_twice(tmp_path: Path) -> None:
    film = make_film(tmp_path / "h264_aac.mp4")
    video, _ = made(film, EVEN, ANEW)
    before = (video.folder / "init.mp4").stat()
    made(film, EVEN, ANEW, first=2)
    assert (video.folder / "init.mp4").stat().st_mtime_ns == before.st_mtime_ns
    shutil.rmtree(video.folder)
    assert made(film, EVEN, ANEW, first=2)[0].times()[0] == pytest.approx(2, abs=0.05)


def test_open_group_pictures_stand_at_their_time_behind_a_jump(tmp_path: Path) -> None:
    film = make_film(tmp_path / "hevc_ac3.mkv", replace(FILMS["hevc_ac3.mkv"], length_s=9))
    timeline = copied_timeline(film)
    (video,) = made(film, timeline, [CopyVideo(stream=0)])
    assert decoded_times(BytesIO(video.content([1, 2])), 10)[0] == pytest.approx(3, abs=0.01)
