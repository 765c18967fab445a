"""Films whose pictures and sound are made anew, read back as a player reads them."""

from array import array
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from msgspec.structs import replace

from server.media.hls.model import EncodeAudio, Track
from server.media.hls.timeline import CLOCK_START_S, Timeline
from tests.helpers.media import FILMS, ODD_FILMS, Recipe, make_film
from tests.helpers.segments import (
    Made,
    copied_timeline,
    decoded_times,
    encoded,
    ffprobe_faults,
    made,
    made_timeline,
    stream_of,
)

ENCODED = {
    **FILMS,
    **ODD_FILMS,
    "h264_5.1.mkv": Recipe(layout="5.1"),
    "bframes.ts": Recipe(container="mpegts", video_options={"preset": "veryfast"}),
    "indexless.webm": Recipe(video="libvpx", audio="libopus", container_options={"live": "1"}),
}
WITH_SOUND = [name for name, recipe in ENCODED.items() if recipe.audio]
MS = 1_000
RATE = 48_000


@pytest.fixture(scope="module", params=ENCODED)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoded")
    return make_film(folder / request.param, replace(ENCODED[request.param], length_s=7))


def timeline_of(film: Path) -> Timeline:
    return copied_timeline(film) if film.name == "indexless.webm" else made_timeline(film)


def tracks_of(film: Path) -> list[Track]:
    sound = stream_of(film, "audio")
    return [encoded(film, preset="veryfast"), *([EncodeAudio(stream=sound.index)] if sound else [])]


def frames(content: bytes) -> Iterator[Any]:
    with av.open(BytesIO(content), "r") as opened:
        yield from opened.decode(opened.streams[0])


def test_every_picture_comes_once_at_its_own_time(film: Path) -> None:
    timeline = timeline_of(film)
    video, *_ = made(film, timeline, tracks_of(film))
    assert video.numbers == list(range(timeline.count))
    whole = decoded_times(str(film))
    found = video.times()
    assert len(found) == len(whole)
    assert [time - found[0] for time in found] == pytest.approx(
        [time - whole[0] for time in whole], abs=0.002
    )
    assert found == [time for number in video.numbers for time in video.times([number])]
    for number, start_ms in enumerate(timeline.starts_ms):
        first, *_ = video.times([number])
        assert start_ms / MS <= first <= start_ms / MS + 0.1


def test_ffprobe_accepts_every_segment(film: Path) -> None:
    for track in made(film, timeline_of(film), tracks_of(film)):
        assert ffprobe_faults(track) == []


def test_pictures_come_as_a_usual_screen_shows_them(film: Path) -> None:
    video, *_ = made(film, timeline_of(film), tracks_of(film))
    for frame in frames(video.content()):
        asked = encoded(film)
        assert (frame.width, frame.height) == (asked.width_px, asked.height_px)
        assert frame.format.name == "yuv420p"
        assert not frame.interlaced_frame
        assert frame.color_range == 1
        assert int(frame.colorspace) in {1, 5, 6}


@pytest.mark.parametrize("film", WITH_SOUND, indirect=True, scope="module")
def test_sound_is_one_grid_of_aac_to_the_end(film: Path) -> None:
    timeline = timeline_of(film)
    _, sound = made(film, timeline, tracks_of(film))
    assert sound.numbers == list(range(timeline.count))
    places = []
    for number in sound.numbers:
        with av.open(BytesIO(sound.content([number])), "r") as opened:
            stream = opened.streams.audio[0]
            context = stream.codec_context
            assert (context.name, context.channels, context.sample_rate) == ("aac", 2, RATE)
            times = [packet.pts for packet in opened.demux(stream) if packet.pts is not None]
            places += [time - CLOCK_START_S * RATE for time in times]
            assert places[-len(times)] / RATE >= timeline.starts_ms[number] / MS
    assert all(after - before == 1_024 for before, after in pairwise(places))
    assert places[0] == 0
    assert places[-1] / RATE == pytest.approx(timeline.end_ms / MS, abs=0.15)


def test_each_picture_is_the_one_of_its_time(tmp_path: Path) -> None:
    film = make_film(tmp_path / "h264_aac.mp4")
    video, *_ = made(film, made_timeline(film), tracks_of(film))
    for made_anew, origin in zip(frames(video.content()), frames(film.read_bytes()), strict=True):
        pairs = zip(luma(made_anew), luma(origin), strict=True)
        differences = [abs(one - other) for one, other in pairs]
        assert sum(differences) / len(differences) < 8


def luma(frame: Any) -> bytes:
    """Return the brightness of some pixels: the pattern moves by four each picture."""
    plane = frame.planes[0]
    return bytes(plane)[plane.line_size * 100 :: 101]


def test_a_run_from_the_middle_joins_without_a_seam(film: Path) -> None:
    timeline = timeline_of(film)
    whole = made(film, timeline, tracks_of(film))
    for first in range(1, timeline.count):
        jumped = made(film, timeline, tracks_of(film), first=first, name=f"jump{first}")
        for before, after in zip(whole, jumped, strict=True):
            assert after.numbers == before.numbers[first:]
            found, expected = after.times(), before.times(after.numbers)
            assert abs(len(found) - len(expected)) <= (after is not jumped[0])
            assert all(one == other for one, other in zip(found, expected, strict=False))
            assert header(after) == header(before)


@pytest.mark.parametrize("name", ["h264_aac.mp4", "h264_aac.mkv", "mpeg2_mp2.ts"])
def test_sound_stays_with_the_picture_also_behind_a_jump(tmp_path: Path, name: str) -> None:
    film = make_film(tmp_path / name)
    tracks = tracks_of(film)[1:]
    (whole,) = made(film, made_timeline(film), tracks)
    (jumped,) = made(film, made_timeline(film), tracks, first=2, name="jump")
    joined = whole.content([0, 1]) + b"".join(jumped.segments())
    reference, sound = samples(str(film)), samples(BytesIO(joined), start_s=CLOCK_START_S)
    for second in (1, 2, 3):
        assert abs(lag(reference, sound, second * RATE)) <= RATE // 1_000
    steps = [abs(after - before) for before, after in pairwise(sound[RATE : 3 * RATE])]
    tone = [abs(after - before) for before, after in pairwise(reference[RATE : 3 * RATE])]
    assert max(steps) < 1.1 * max(tone)


def samples(file: Any, *, start_s: float = 0.0) -> array[float]:
    """Return the left channel from the film's start on, each sample at its place by the time of its frame."""
    found = array("f")
    with av.open(file, "r") as opened:
        stream = opened.streams.audio[0]
        start_s = start_s or (opened.start_time or 0) / 1_000_000
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        for frame in opened.decode(stream):
            for plain in resampler.resample(frame):
                place = round((float(plain.time or 0) - start_s) * RATE)
                if abs(place - len(found)) > RATE // 1_000:
                    found.extend([0.0] * (place - len(found)))
                found.frombytes(bytes(plain.planes[0])[: plain.samples * 4])
    return found


def lag(reference: array[float], sound: array[float], place: int) -> int:
    """Return by how many samples a sound comes late around a place where the pitch changes."""
    window = range(place - 2_000, place + 2_000, 3)

    def difference(late: int) -> float:
        return sum(abs(reference[at] - sound[at + late]) for at in window)

    return min(range(-300, 301, 4), key=difference)


def header(track: Made) -> bytes:
    """Return what a decoder is told before all segments: the same, whichever run wrote it."""
    with av.open(BytesIO(track.content()), "r") as opened:
        return opened.streams[0].codec_context.extradata or b""


TURNS = {0: lambda x, y: (x, y), 90: lambda x, y: (y, 179 - x), 180: lambda x, y: (319 - x, 179 - y), 270: lambda x, y: (319 - y, x)}  # fmt: skip


@pytest.mark.parametrize("turn_deg", TURNS)
def test_a_picture_is_turned_upright(tmp_path: Path, turn_deg: int) -> None:
    film = make_film(tmp_path / "turned.mp4", Recipe(audio=None, length_s=1, rotation_deg=turn_deg))
    (video,) = made(film, made_timeline(film), [encoded(film)])
    upright, lying = next(frames(video.content())), next(frames(film.read_bytes()))
    assert (upright.width > upright.height) is (turn_deg % 180 == 0)
    places = [(x, y) for x in range(4, upright.width, 7) for y in range(4, upright.height, 7)]
    steps = [frame.planes[0].line_size for frame in (upright, lying)]
    shown, stored = (bytes(frame.planes[0]) for frame in (upright, lying))
    differences = []
    for x, y in places:
        from_x, from_y = TURNS[turn_deg](x, y)
        differences.append(abs(shown[y * steps[0] + x] - stored[from_y * steps[1] + from_x]))
    assert sum(differences) / len(differences) < 8


def test_fields_of_two_moments_become_one_picture(tmp_path: Path) -> None:
    film = tmp_path / "fields.mkv"
    options = {"flags": "+ildct+ilme", "x264-params": "tff=1", "crf": "10"}
    with av.open(str(film), "w") as file:
        stream: Any = file.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(25):
            file.mux(stream.encode(fields(number)))
        file.mux(stream.encode(None))
    (video,) = made(film, made_timeline(film), [encoded(film, preset="veryfast")])
    combs = [roughness(frame) for frame in frames(video.content())]
    assert len(combs) == 25
    assert roughness(fields(5)) > 15
    assert max(combs) < 2


def fields(number: int) -> Any:
    """Return a picture of a bar that moves, whose odd lines are of half a picture later."""
    frame = av.VideoFrame(320, 240, "yuv420p")
    luma, *chroma = frame.planes
    lines = [(number * 40 + line % 2 * 20) % 240 for line in range(240)]
    bright, dark = b"\xc8" * 80, b"\x32" * luma.line_size
    luma.update(b"".join((dark[:edge] + bright + dark)[: luma.line_size] for edge in lines))
    for plane in chroma:
        plane.update(b"\x80" * plane.buffer_size)
    frame.pts = number
    return frame


def roughness(frame: Any) -> float:
    """Return by how much neighbouring lines differ on average."""
    plane = frame.planes[0]
    content, step = bytes(plane), int(plane.line_size)
    differences = [
        abs(content[y * step + x] - content[(y + 1) * step + x])
        for y in range(60, 180)
        for x in range(0, 320, 5)
    ]
    return sum(differences) / len(differences)
