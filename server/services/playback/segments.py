"""Makes the segments of films when players ask for them, a little ahead of them, and keeps them while there is room.

What two sessions play alike they share: what lies there already, and a worker that is about to make it.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Final

from server.kernel.errors import NotFound, Unavailable
from server.kernel.log import get_log
from server.kernel.tasks import TaskScope
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.hls.model import INIT_NAME, MakeSegments, Output, Segment
from server.media.hls.timeline import Timeline
from server.services.playback.tracks import Track, TrackKind, Tracks, digest

log = get_log(__name__)

_AHEAD_MS: Final = 30_000
"""So much film is made beyond what a player asked for; players themselves hold as much again."""

_NEAR_MS: Final = 10_000
"""What a worker will reach so soon is waited for: to begin anew costs as much."""

_IDLE_END_S: Final = 60.0
_TEND_EVERY_S: Final = 5.0
_SEGMENT_TIMEOUT_S: Final = 60.0
_PATIENCE_S: Final = 5.0
_TRIES: Final = 3
_LOOK_AHEAD: Final = 200
_ROOM_AFTER_SWEEP: Final = 0.8


class SegmentNotFound(NotFound):
    """The film has no such track, or ends before."""

    code = "playback.segment_not_found"


class StreamFailed(Unavailable):
    """The film cannot be made into segments there: it is damaged, or its disk went away."""

    code = "playback.stream_failed"


class Source:
    """One film on one timeline, and the folder of its segments."""

    def __init__(self, path: Path, timeline: Timeline, folder: Path) -> None:
        self.path = path
        self.timeline = timeline
        self.folder = folder
        self.runs: set[Run] = set()
        self.turn = asyncio.Lock()

    def segment_path(self, track: Track, number: int) -> Path:
        """Return where a segment lies, or will."""
        return self.folder / track.folder / f"{number}.{track.ending}"

    def init_path(self, track: Track) -> Path:
        """Return where the header of a track lies, or will."""
        return self.folder / track.folder / INIT_NAME

    def missing_from(self, track: Track, number: int) -> int:
        """Return the first segment from a number on that does not lie there. Blocking."""
        last = min(number + _LOOK_AHEAD, self.timeline.count)
        absent = (at for at in range(number, last) if not self.segment_path(track, at).exists())
        return next(absent, last)


class Run:
    """A worker that makes the segments of some tracks, one after the other, never far ahead of who asks."""

    def __init__(self, source: Source, firsts: dict[Track, int], number: int) -> None:
        self._source = source
        self._tracks = tuple(firsts)
        self._nexts = dict(firsts)
        self._changed = asyncio.Event()
        self._begun_at_s = time.monotonic()
        self._worked_s = 0.0
        self._made_ms = 0
        self._until = 0
        self._awaited_count = 0
        self.followers: set[Stream] = set()
        self.task: asyncio.Task[None] | None = None
        self.failure: WorkerFailed | WorkerLost | None = None
        self.was_stopped = False
        self.is_over = False
        self.want(number)

    @property
    def speed(self) -> float | None:
        """Return how many seconds of film it makes in one; None before the first."""
        return self._made_ms / 1_000 / self._worked_s if self._made_ms else None

    def reaches(self, track: Track, number: int) -> bool:
        """Return whether it will make a segment soon."""
        at = self._nexts.get(track)
        if at is None or self.is_over or at > number:
            return False
        starts_ms = self._source.timeline.starts_ms
        return at == number or starts_ms[number] - starts_ms[at] <= _NEAR_MS

    def want(self, number: int) -> None:
        """Go on until some time beyond a segment."""
        timeline = self._source.timeline
        until = timeline.number_at(timeline.starts_ms[number] + _AHEAD_MS)
        if until > self._until:
            self._until = until
            self._tell()

    async def made(self, track: Track, number: int) -> None:
        """Wait until a segment is made, or the run is over."""
        self._awaited_count += 1
        try:
            await self._wait(lambda: self.is_over or self.has_made(track, number))
        finally:
            self._awaited_count -= 1
            self._tell()

    def has_made(self, track: Track, number: int) -> bool:
        """Return whether a segment was made."""
        return self._nexts[track] > number

    async def stop(self) -> None:
        """End it, and have its worker free for others; whoever still waits for a segment gets it first, or soon goes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                await self._wait(lambda: self.is_over or not self._awaited_count)
        self.was_stopped = True
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def make(self, workers: Workers, count: Callable[[int], None]) -> None:
        """Make segments until all are made, nobody wants them or the worker fails; `count` hears their bytes."""
        work = MakeSegments(
            path=os.fsencode(self._source.path),
            timeline=self._source.timeline,
            outputs=[
                Output(
                    track=track.made,
                    folder=os.fsencode(self._source.folder / track.folder),
                    first=self._nexts[track],
                )
                for track in self._tracks
            ],
        )
        try:
            async with aclosing(workers.stream(work, timeout_s=_SEGMENT_TIMEOUT_S)) as segments:
                async for segment in segments:
                    count(segment.size_bytes)
                    self._note(segment)
                    await self._wait(self._is_wanted)
                    if await asyncio.to_thread(self._is_needless):
                        break
                    self._begun_at_s = time.monotonic()
        except (WorkerFailed, WorkerLost) as error:
            self.failure = error
            log.warning("no more segments", reason=str(error))
        finally:
            self.is_over = True
            self._source.runs.discard(self)
            self._tell()

    def _note(self, segment: Segment) -> None:
        track = self._tracks[segment.output]
        self._nexts[track] = segment.number + 1
        self._worked_s += time.monotonic() - self._begun_at_s
        self._begun_at_s = time.monotonic()
        if segment.output == 0:
            start_ms, end_ms = self._source.timeline.span_ms(segment.number)
            self._made_ms += end_ms - start_ms
        self._tell()

    def _is_wanted(self) -> bool:
        return min(self._nexts.values()) <= self._until

    def _is_needless(self) -> bool:
        """Return whether all that would be made next lies there, from another run. Blocking."""
        count = self._source.timeline.count
        return all(
            at >= count or self._source.segment_path(track, at).exists()
            for track, at in self._nexts.items()
        )

    async def _wait(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Stream:
    """One session's way through the segments of a film; it has never more than one worker."""

    def __init__(self, source: Source, tracks: Tracks, segments: "Segments") -> None:
        self._source = source
        self._segments = segments
        self._chosen: dict[TrackKind, Track] = {track.kind: track for track in tracks.main}
        self._run: Run | None = None
        self._number = 0
        self._asked_at_s = time.monotonic()
        self._is_closed = False
        self.tracks = tracks

    @property
    def speed(self) -> float | None:
        """Return how many seconds of film are made in one; None while none are."""
        return self._run.speed if self._run and not self._run.is_over else None

    @property
    def is_idle(self) -> bool:
        """Return whether nobody has asked for anything for a while."""
        return time.monotonic() - self._asked_at_s > _IDLE_END_S

    async def begin_at(self, at_ms: int) -> None:
        """Have the segments made that a player asks for first."""
        self._number = number = self._source.timeline.number_at(at_ms)
        async with self._source.turn:
            for track in self.tracks.main if not self._is_closed else ():
                if await asyncio.to_thread(self._source.missing_from, track, number) == number:
                    await self._follow(track, number)

    async def segment(self, name: str, number: int) -> Path:
        """Return a segment when it is made. Raises: SegmentNotFound, StreamFailed."""
        track = self.tracks.by_name.get(name)
        if track is None or number >= self._source.timeline.count:
            raise SegmentNotFound
        self._asked_at_s, self._number = time.monotonic(), number
        self.see()
        path = self._source.segment_path(track, number)
        await self._until_there(path, track, number)
        return path

    async def init(self, name: str) -> Path:
        """Return the header of a track of picture or sound when it is made. Raises: SegmentNotFound, StreamFailed."""
        track = self.tracks.by_name.get(name)
        if track is None or track.kind == "text":
            raise SegmentNotFound
        self._asked_at_s = time.monotonic()
        path = self._source.init_path(track)
        await self._until_there(path, track, self._number)
        return path

    def see(self) -> None:
        """Note that somebody watches right now."""
        self._segments.streamed()

    async def rest(self) -> None:
        """Give the worker back until somebody asks again."""
        async with self._source.turn:
            await self._leave()

    async def close(self) -> None:
        """Give the worker back; who still asks, or asks later, gets none."""
        self._is_closed = True
        await self.rest()

    async def _until_there(self, path: Path, track: Track, number: int) -> None:
        """Wait until a file of a track lies there, by the time that a segment of it is made."""
        for _ in range(_TRIES):
            if self._run is not None:
                self._run.want(number)
            if await asyncio.to_thread(path.exists):
                return
            async with self._source.turn:
                if self._is_closed:
                    raise SegmentNotFound
                run = await self._follow(track, number)
            await run.made(track, number)
            _check(run, track, number)
        if not await asyncio.to_thread(path.exists):
            raise StreamFailed

    async def _follow(self, track: Track, number: int) -> Run:
        """Return a run that makes a segment soon, one's own rather than another's, else a new one."""
        self._chosen[track.kind] = track
        runs = [self._run, *self._source.runs] if self._run else [*self._source.runs]
        run = next((run for run in runs if run.reaches(track, number)), None)
        if run is None or run is not self._run:
            await self._leave()
        if run is None or run.is_over:
            run = await self._begun(number)
        run.followers.add(self)
        run.want(number)
        self._run = run
        return run

    async def _begun(self, number: int) -> Run:
        firsts = {
            track: await asyncio.to_thread(self._source.missing_from, track, number)
            for track in self._chosen.values()
        }
        return self._segments.run(self._source, firsts, number)

    async def _leave(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.followers.discard(self)
            if not run.followers:
                await run.stop()


class Segments:
    """The segments of all films below `folder`, at most `quota_bytes()` of them; those made first go first.

    The folder begins empty: what another version of the program made is not to be mixed with ours.
    `streamed` is called whenever somebody watches.
    """

    def __init__(
        self,
        workers: Workers,
        tasks: TaskScope,
        folder: Path,
        *,
        quota_bytes: Callable[[], int],
        tend_every_s: float = _TEND_EVERY_S,
        streamed: Callable[[], None] = lambda: None,
    ) -> None:
        self._workers = workers
        self._tasks = tasks
        self._folder = folder
        self._quota_bytes = quota_bytes
        self._tend_every_s = tend_every_s
        self.streamed = streamed
        self._used_bytes = 0
        self._sources: dict[str, Source] = {}
        self._streams: dict[Stream, str] = {}

    def open(self, path: Path, version: str, tracks: Tracks) -> Stream:
        """Return a way through the segments of a film; `version` changes with the file's content."""
        key = f"{version}-{digest(tracks.timeline)}"
        source = self._sources.get(key) or Source(path, tracks.timeline, self._folder / key)
        stream = Stream(source, tracks, self)
        self._sources[key] = source
        self._streams[stream] = key
        return stream

    async def close(self, stream: Stream) -> None:
        """End a stream; what was made stays for the next one."""
        await stream.close()
        key = self._streams.pop(stream)
        if key not in self._streams.values():
            self._sources.pop(key, None)

    def run(self, source: Source, firsts: dict[Track, int], number: int) -> Run:
        """Begin to make segments."""
        run = Run(source, firsts, number)
        source.runs.add(run)
        run.task = self._tasks.spawn(run.make(self._workers, self._count), name="segments")
        return run

    async def tend(self) -> None:
        """Give back workers that nobody needs and keep to the quota, for as long as the server runs."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        while True:
            await asyncio.sleep(self._tend_every_s)
            for stream in [stream for stream in self._streams if stream.is_idle]:
                await stream.rest()
            if self._used_bytes:
                with suppress(OSError):  # its disk may be gone; it is looked at again
                    self._used_bytes = await asyncio.to_thread(self._swept)

    def _count(self, size_bytes: int) -> None:
        self._used_bytes += size_bytes

    def _swept(self) -> int:
        """Remove the oldest segments where there are too many; return what all have in bytes."""
        free_bytes = shutil.disk_usage(self._folder).free
        quota_bytes = min(self._quota_bytes(), (self._used_bytes + free_bytes) // 2)
        if self._used_bytes <= quota_bytes:
            return self._used_bytes
        found = sorted(_segments(self._folder))
        used_bytes = sum(size_bytes for _, size_bytes, _ in found)
        for _, size_bytes, path in found:
            if used_bytes <= quota_bytes * _ROOM_AFTER_SWEEP:
                break
            path.unlink(missing_ok=True)
            used_bytes -= size_bytes
        return used_bytes


def _check(run: Run, track: Track, number: int) -> None:
    """Raise why a run did not make a segment, unless it is worth another try: a lost worker, a jump elsewhere."""
    if run.has_made(track, number):
        return
    if isinstance(run.failure, WorkerFailed):
        raise StreamFailed from run.failure
    if run.failure is None and not run.was_stopped:
        raise SegmentNotFound  # the film ends earlier than it says


def _segments(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """Yield when each segment was made, its size in bytes, and where it lies."""
    for path in folder.glob("*/*/*.*"):
        if path.name != INIT_NAME:
            with suppress(FileNotFoundError):
                status = path.stat()
                yield status.st_mtime_ns, status.st_size, path
