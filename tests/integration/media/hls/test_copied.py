"""Films whose pictures and sound are copied into segments, read back as a player reads them."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import pytest
from msgspec.structs import replace

from server.media.hls.timeline import CLOCK_START_S
from tests.helpers.media import FILMS, Recipe, make_film
from tests.helpers.segments import copied_timeline, copies, decoded_times, ffprobe_faults, made

_TS = Recipe(container="mpegts")
COPIED = {
    **{name: FILMS[name] for name in FILMS if name not in {"mpeg2_mp2.ts", "vp8_opus.webm"}},
    "h264_aac.ts": _TS,
    "h264_flac.mkv": Recipe(audio="flac"),
    "h264_eac3.mkv": Recipe(audio="eac3"),
    "h264_mp3.mkv": Recipe(audio="libmp3lame"),
    "bframes.mkv": Recipe(video_options={"preset": "veryfast", "bf": "3", "b_strategy": "0"}),
    "as_it_fits.mp4": Recipe(video_options={"preset": "veryfast"}),
}
OPEN = {"hevc_ac3.mkv"}
"""x265's key frames have pictures before them that need the segment before: a player that jumps there leaves them out."""


@pytest.fixture(scope="module", params=COPIED)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copied")
    return make_film(folder / request.param, replace(COPIED[request.param], length_s=10))


def test_every_picture_comes_once_at_its_own_time(film: Path) -> None:
    timeline = copied_timeline(film)
    video, *_ = made(film, timeline, copies(film))
    assert timeline.count >= 3
    assert video.numbers == list(range(timeline.count))
    start = decoded_times(str(film))[0]
    whole = [time - start for time in decoded_times(str(film))]
    found = video.times()
    assert len(found) == len(whole)
    late = found[0]
    assert found == pytest.approx([time + late for time in whole], abs=0.002)
    each = [time for number in video.numbers for time in video.times([number])]
    assert each == found or film.name in OPEN
    assert set(each) <= set(found)
    for number, start_ms in enumerate(timeline.starts_ms[1:], 1):
        assert video.times([number])[0] == pytest.approx(start_ms / 1_000, abs=0.002)


def test_ffprobe_accepts_every_segment(film: Path) -> None:
    for track in made(film, copied_timeline(film), copies(film)):
        assert ffprobe_faults(track) == []


def test_sound_has_no_hole_and_stays_with_the_picture(film: Path) -> None:
    timeline = copied_timeline(film)
    _, sound = made(film, timeline, copies(film))
    assert sound.numbers == list(range(timeline.count))
    spans: list[tuple[float, float]] = []
    for number in sound.numbers:
        with av.open(BytesIO(sound.content([number])), "r") as opened:
            stream = opened.streams.audio[0]
            for packet in opened.demux(stream):
                if packet.pts is not None and packet.duration is not None:
                    at = float(packet.pts * stream.time_base) - CLOCK_START_S
                    spans.append((at, at + float(packet.duration * stream.time_base)))
    for (_, end), (start, _) in pairwise(spans):
        assert start == pytest.approx(end, abs=0.003)
    assert spans[0][0] == pytest.approx(0, abs=0.05)
    assert spans[-1][1] == pytest.approx(10, abs=0.1)


def test_a_run_from_the_middle_writes_the_same_files(film: Path) -> None:
    timeline = copied_timeline(film)
    whole = made(film, timeline, copies(film))
    for first in range(1, timeline.count):
        for before, after in zip(
            whole, made(film, timeline, copies(film), first=first, name="jump"), strict=True
        ):
            assert after.numbers == before.numbers[first:]
            assert after.segments() == before.segments(after.numbers)
