"""Segments of an hour of 1080p against the ffmpeg command line: time to the first one, and throughput.

Needs Debian's ffmpeg. The film is made once, 2.3 GB in `.dev/bench`; --film takes another of H.264 and AAC. Ours and
theirs are taken in turns, because only their ratio survives a change of machine.
"""

import argparse
import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct

from app.supervisor.worker import WorkerPool
from bench.measure import REPOSITORY, alternate
from server.kernel.workers import Work
from server.media.hls.ladder import ladder
from server.media.hls.model import (
    CopyAudio,
    CopyVideo,
    EncodeAudio,
    EncodeVideo,
    MakeSegments,
    Output,
    ReadKeyframes,
    Track,
)
from server.media.hls.timeline import Timeline, even_timeline, keyframe_timeline
from server.media.model import Probe
from tests.helpers.media import real_clips

PLACES_S = (0, 2_700)
ENCODED_S = 40
TIMEOUT_S = 120.0
FRAGMENTED = ("-hls_playlist_type", "vod", "-hls_segment_type", "fmp4")
COPIED = ("-c", "copy")
KEYFRAMES = ("-force_key_frames", "expr:gte(t,n_forced*2)")
# As media servers call it, for the wait; with our settings, for the throughput.
USUAL = (
    *("-c:v", "libx264", "-preset", "veryfast", "-b:v", "4M", "-maxrate", "4M", "-bufsize", "8M"),
    *(*KEYFRAMES, "-c:a", "aac", "-b:a", "128k", "-ac", "2"),
)
EQUAL = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-maxrate", "8M", "-bufsize", "16M"),
    *("-profile:v", "high", "-level", "4.0", *KEYFRAMES, "-c:a", "aac", "-b:a", "160k", "-ac", "2"),
)


class Plan(Struct, frozen=True):
    """How a film is played."""

    timeline: Timeline
    tracks: list[Track]


class Ours:
    """The film in segments by our workers, which run on an event loop of their own."""

    def __init__(self, film: Path, folder: Path, runner: asyncio.Runner) -> None:
        self._film = film
        self._folder = folder
        self._runner = runner

    @contextmanager
    def pool(self) -> Iterator[WorkerPool]:
        """Run workers."""
        pool = WorkerPool(niceness=0)
        self._runner.run(pool.__aenter__())
        try:
            yield pool
        finally:
            self._runner.run(pool.__aexit__(None, None, None))

    def plans(self, pool: WorkerPool) -> dict[str, Plan]:
        """Return how the film is copied and made anew; behind it a worker is warm."""
        found = self._asked(pool, ReadKeyframes(path=bytes(self._film), video=0))
        probed = self._asked(pool, Probe(path=bytes(self._film)))
        cut = keyframe_timeline(found.times_ms, found.length_ms)
        if cut is None:
            raise SystemExit("the pictures of this film cannot be copied")
        rung = ladder(probed.streams[0])[0]
        picture = EncodeVideo(
            stream=0,
            width_px=rung.width_px,
            height_px=rung.height_px,
            peak_bps=rung.peak_bps,
            level=rung.level,
        )
        return {
            "remux": Plan(cut, [CopyVideo(stream=0), CopyAudio(stream=1)]),
            "transcode": Plan(even_timeline(found.length_ms), [picture, EncodeAudio(stream=1)]),
        }

    def first(self, pool: WorkerPool, plan: Plan, at_s: int) -> float:
        """Return the seconds until picture and sound of one segment lie there."""
        number = plan.timeline.number_at(at_s * 1_000)
        return self._runner.run(self._times(pool, plan, number, number))[-1]

    def cold_first(self, plan: Plan, at_s: int) -> float:
        """Return the same with a worker that is not started yet."""
        with self.pool() as pool:
            return self.first(pool, plan, at_s)

    def pace(self, pool: WorkerPool, plan: Plan, until_s: float) -> float:
        """Return how long a second of film takes, from the third segment on: the first two are made in haste."""
        last = plan.timeline.number_at(until_s * 1_000) - 1
        times = self._runner.run(self._times(pool, plan, 0, last))
        begun_s = times[2 * len(plan.tracks) - 1]
        start_ms, end_ms = plan.timeline.starts_ms[2], plan.timeline.span_ms(last)[1]
        return (times[-1] - begun_s) * 1_000 / (end_ms - start_ms)

    async def _times(self, pool: WorkerPool, plan: Plan, first: int, last: int) -> list[float]:
        """Return when each segment lay there, until all tracks have the last one asked for."""
        shutil.rmtree(self._folder / "ours", ignore_errors=True)
        outputs = [
            Output(track=track, folder=bytes(self._folder / "ours" / str(place)), first=first)
            for place, track in enumerate(plan.tracks)
        ]
        work = MakeSegments(path=bytes(self._film), timeline=plan.timeline, outputs=outputs)
        begun_s, times, missing = time.perf_counter(), [], set(range(len(outputs)))
        async with aclosing(pool.stream(work, timeout_s=TIMEOUT_S)) as segments:
            async for segment in segments:
                times.append(time.perf_counter() - begun_s)
                if segment.number == last:
                    missing.discard(segment.output)
                if not missing:
                    break
        return times

    def _asked[Reply](self, pool: WorkerPool, work: Work[Reply]) -> Reply:
        return self._runner.run(pool.run(work, timeout_s=TIMEOUT_S))


class Theirs:
    """The film in segments by the ffmpeg command line."""

    def __init__(self, film: Path, folder: Path) -> None:
        self._film = film
        self._folder = folder / "theirs"

    def first(self, settings: Sequence[str], at_s: int) -> float:
        """Return the seconds until the playlist names a segment of 6 s."""
        playlist = self._fresh()
        seek = ("-ss", str(at_s)) if at_s else ()
        begun_s = time.perf_counter()
        with subprocess.Popen(
            self._command(seek, settings, ("-hls_time", "6", "-hls_playlist_type", "event")),
            stdin=subprocess.DEVNULL,
        ) as process:
            while "EXTINF" not in (playlist.read_text() if playlist.exists() else ""):
                if process.poll() is not None:
                    raise SystemExit("ffmpeg made no segment")
                time.sleep(0.002)
            taken_s = time.perf_counter() - begun_s
            process.kill()
        return taken_s

    def pace(self, settings: Sequence[str], seconds: float) -> float:
        """Return how long a second of film takes."""
        self._fresh()
        begun_s = time.perf_counter()
        command = self._command(("-t", str(seconds)), settings, ("-hls_time", "3", *FRAGMENTED))
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
        return (time.perf_counter() - begun_s) / seconds

    def _command(
        self, before: Sequence[str], settings: Sequence[str], segments: Sequence[str]
    ) -> list[str]:
        films = ("-i", str(self._film), "-map", "0:v:0", "-map", "0:a:0")
        playlist = str(self._folder / "index.m3u8")
        quiet = ("ffmpeg", "-v", "error", "-nostdin", "-y")
        return [*quiet, *before, *films, *settings, "-f", "hls", *segments, playlist]

    def _fresh(self) -> Path:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        return self._folder / "index.m3u8"


def main() -> None:
    """Measure and print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--film", type=Path, help="H.264 and AAC, an hour long")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    film = options.film or _made_film()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        ours, theirs = Ours(film, Path(folder), runner), Theirs(film, Path(folder))
        with ours.pool() as pool:
            plans = ours.plans(pool)
            settings: Sequence[str]
            for name, settings, bar in (("remux", COPIED, 0.6), ("transcode", USUAL, 0.45)):
                for at_s in PLACES_S:
                    measured = {
                        "ours": partial(ours.first, pool, plans[name], at_s),
                        "theirs": partial(theirs.first, settings, at_s),
                        "cold": partial(ours.cold_first, plans[name], at_s),
                    }
                    seconds = alternate(options.rounds, measured)
                    _print(f"first segment, {name} at {at_s} s", seconds, f"ratio <= {bar}")
            length_s = plans["remux"].timeline.end_ms / 1_000
            for name, settings, bar, until_s in (
                ("remux", COPIED, 0.8, length_s),
                ("transcode", EQUAL, 0.95, ENCODED_S),
            ):
                seconds = alternate(
                    options.rounds,
                    {
                        "ours": partial(ours.pace, pool, plans[name], until_s),
                        "theirs": partial(theirs.pace, settings, until_s),
                    },
                )
                rates = {who: 1 / taken for who, taken in seconds.items()}
                _print(f"throughput, {name}, x real time", rates, f"ratio >= {bar}")


def _print(what: str, figures: dict[str, float], bar: str) -> None:
    values = ", ".join(f"{who} {value:.3f}" for who, value in figures.items())
    print(f"{what}: {values}; ratio {figures['ours'] / figures['theirs']:.2f} (bar: {bar})")


def _made_film() -> Path:
    """Return an hour of noisy 1080p with a key frame each 4 s, made of a clip of Big Buck Bunny."""
    folder = REPOSITORY / ".dev" / "bench"
    film, part = folder / "hour.mkv", folder / "part.mkv"
    if not film.exists():
        folder.mkdir(parents=True, exist_ok=True)
        clip = str(real_clips()["bigbuckbunny.mp4"])
        picture = "scale=1920:1080:flags=bicubic,noise=alls=6:allf=t,fps=24,format=yuv420p"
        quiet = ("ffmpeg", "-v", "error", "-y")
        made = (
            *(*quiet, "-stream_loop", "8", "-i", clip, "-f", "lavfi", "-i", "sine=f=300:r=48000"),
            *("-map", "0:v", "-map", "1:a", "-t", "40", "-vf", picture, "-c:v", "libx264"),
            *("-preset", "veryfast", "-b:v", "5M", "-maxrate", "8M", "-bufsize", "10M", "-g", "96"),
            *("-c:a", "aac", "-b:a", "160k", "-ac", "2", str(part)),
        )
        subprocess.run(made, check=True)
        again = ("-stream_loop", "89", "-i", str(part), "-c", "copy", "-t", "3600", str(film))
        subprocess.run((*quiet, *again), check=True)
    return film


if __name__ == "__main__":
    main()
