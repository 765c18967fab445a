"""Segments that are made on demand, by real workers out of a real film."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.supervisor.worker import WorkerPool
from server.kernel.tasks import TaskScope
from server.media.hls.model import EncodeAudio, EncodeVideo
from server.media.hls.timeline import even_timeline
from server.services.playback.segments import SegmentNotFound, Segments, Stream
from server.services.playback.tracks import Track, Tracks
from tests.helpers.media import Recipe, make_film
from tests.helpers.playing import stream_workers
from tests.helpers.until import until

LENGTH_S = 120
VIDEO = Track(
    name="v",
    kind="video",
    made=EncodeVideo(stream=0, width_px=160, height_px=90, peak_bps=200_000, level=30),
)
AUDIO = Track(name="a1", kind="audio", made=EncodeAudio(stream=1))
TIMELINE = even_timeline(LENGTH_S * 1_000)
TRACKS = Tracks(
    timeline=TIMELINE, by_name={"v": VIDEO, "a1": AUDIO}, main=(VIDEO, AUDIO), master=""
)
QUOTA_BYTES = 10**9


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = Recipe(length_s=LENGTH_S, fps=12, video_options={"preset": "ultrafast", "g": "24"})
    return make_film(tmp_path_factory.mktemp("films") / "long.mkv", recipe)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(limit=8, niceness=0) as workers:
        yield workers


@pytest.fixture
async def tasks() -> AsyncIterator[TaskScope]:
    async with TaskScope() as scope:
        yield scope


@pytest.fixture
def segments(pool: WorkerPool, tasks: TaskScope, tmp_path: Path) -> Segments:
    return Segments(pool, tasks, tmp_path / "segments", quota_bytes=lambda: QUOTA_BYTES)


def numbers(stream: Stream) -> list[int]:
    """Return which pictures lie there."""
    folder = stream._source.folder / VIDEO.folder
    return sorted(int(path.stem) for path in folder.glob("*.m4s"))


async def test_no_more_is_made_than_a_little_ahead(segments: Segments, film: Path) -> None:
    stream = segments.open(film, "1", TRACKS)
    await stream.segment("v", 0)
    run = stream._run
    assert run is not None
    await until(lambda: not run._is_wanted())
    await asyncio.sleep(0.3)
    made = numbers(stream)
    ahead = TIMELINE.number_at(30_000)
    assert made == list(range(len(made)))
    assert ahead < len(made) <= ahead + 3
    assert stream.speed is not None
    assert stream.speed > 0
    await stream.segment("v", 10)
    await until(lambda: len(numbers(stream)) > len(made))


async def test_a_jump_begins_anew_and_leaves_one_worker(segments: Segments, film: Path) -> None:
    stream = segments.open(film, "1", TRACKS)
    for number in (0, 50, 20, 5):
        paths = await asyncio.gather(stream.segment("v", number), stream.segment("a1", number))
        assert all(path.stat().st_size for path in paths)
        assert len(stream_workers()) == 1


async def test_places_far_apart_that_are_wanted_at_once_all_come(
    segments: Segments, film: Path
) -> None:
    stream = segments.open(film, "1", TRACKS)
    asked = [stream.segment("v", number) for number in (0, 50, 25)]
    paths = await asyncio.gather(*asked, stream.init("v"), stream.init("a1"))
    assert all(path.stat().st_size for path in paths)
    assert len(stream_workers()) == 1


async def test_what_will_come_soon_is_waited_for(segments: Segments, film: Path) -> None:
    stream = segments.open(film, "1", TRACKS)
    await stream.segment("v", 0)
    run = stream._run
    await stream.segment("v", 4)
    assert stream._run is run


async def test_a_run_ends_where_another_has_been(segments: Segments, film: Path) -> None:
    stream = segments.open(film, "1", TRACKS)
    await asyncio.gather(stream.segment("v", 20), stream.segment("a1", 20))
    await until(lambda: 35 in numbers(stream))
    await asyncio.gather(stream.segment("v", 17), stream.segment("a1", 17))
    run = stream._run
    assert run is not None
    await until(lambda: run.is_over)
    assert run.failure is None


async def test_streams_that_play_alike_share_a_run(segments: Segments, film: Path) -> None:
    one, other = (segments.open(film, "1", TRACKS) for _ in range(2))
    paths = await asyncio.gather(one.segment("v", 0), other.segment("v", 0))
    assert one._run is other._run
    assert paths[0].parent == paths[1].parent
    await segments.close(one)
    assert (await other.segment("v", 5)).exists()
    await segments.close(other)
    assert segments._sources == {}


async def test_a_request_that_outlives_its_stream_leaves_no_worker(
    segments: Segments, film: Path
) -> None:
    stream = segments.open(film, "1", TRACKS)
    run = (await stream.segment("v", 0), stream._run)[1]
    assert run is not None
    late = asyncio.create_task(stream.segment("v", run._until + 20))
    await asyncio.sleep(0)
    await segments.close(stream)
    with pytest.raises(SegmentNotFound):
        await late
    with pytest.raises(SegmentNotFound):
        await stream.segment("v", 40)
    await stream.begin_at(100_000)
    assert stream._source.runs == set()


async def test_another_content_of_a_file_has_segments_of_its_own(
    segments: Segments, film: Path
) -> None:
    one, other = segments.open(film, "1", TRACKS), segments.open(film, "2", TRACKS)
    assert await one.segment("v", 0) != await other.segment("v", 0)


async def test_a_stream_that_nobody_asks_gives_its_worker_back(
    pool: WorkerPool, tasks: TaskScope, film: Path, tmp_path: Path
) -> None:
    segments = Segments(
        pool, tasks, tmp_path / "segments", quota_bytes=lambda: QUOTA_BYTES, tend_every_s=0.05
    )
    tasks.spawn(segments.tend(), name="segments")
    stream = segments.open(film, "1", TRACKS)
    await stream.segment("v", 0)
    run = stream._run
    assert run is not None
    stream._asked_at_s -= 61
    await until(lambda: run.is_over)
    assert stream._run is None
    assert (await stream.segment("v", 30)).exists()


async def test_the_oldest_segments_make_room(
    pool: WorkerPool, tasks: TaskScope, tmp_path: Path, film: Path
) -> None:
    segments = Segments(pool, tasks, tmp_path / "segments", quota_bytes=lambda: 150_000)
    stream = segments.open(film, "1", TRACKS)
    await asyncio.gather(stream.segment("v", 0), stream.segment("a1", 0))
    run = stream._run
    assert run is not None
    await until(lambda: not run._is_wanted())
    first = stream._source.segment_path(VIDEO, 0)
    os.utime(first, (1, 1))
    before = segments._used_bytes
    assert before > 150_000
    segments._used_bytes = segments._swept()
    assert segments._used_bytes <= 120_000
    assert not first.exists()
    assert stream._source.init_path(VIDEO).exists()
    assert (await stream.segment("v", 0)).exists()


async def test_what_a_film_has_not_is_not_found(segments: Segments, film: Path) -> None:
    stream = segments.open(film, "1", TRACKS)
    for track, number in (("v", TIMELINE.count), ("v", 10**9), ("x", 0)):
        with pytest.raises(SegmentNotFound):
            await stream.segment(track, number)
    with pytest.raises(SegmentNotFound):
        await stream.init("t1")


async def test_what_lay_there_before_the_start_is_gone(
    segments: Segments, tasks: TaskScope, tmp_path: Path
) -> None:
    old = tmp_path / "segments" / "old" / "track" / "0.m4s"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"of another version")
    tasks.spawn(segments.tend(), name="segments")
    await until(lambda: not old.exists())
