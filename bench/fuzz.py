"""Breaks pictures and films of every kind and gives them to a real worker: answers and reasons may come, nothing else.

    python -m bench.fuzz --seconds 60 --kind jpeg --kind mp4 --keep FOLDER

What the worker does not survive, or answers as it never may, is kept in the folder. Every try is repeatable:
`--seed 1 --kind jpeg --first 4711 --seconds 0` makes the one of that number again.
"""

import argparse
import asyncio
import contextlib
import itertools
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pyvips
from msgspec import Struct, field
from msgspec.structs import replace

from app.supervisor.worker import WorkerPool
from server.kernel.workers import Work, WorkerFailed, WorkerLost
from server.media.model import (
    Fingerprint,
    KeepArt,
    MakePoster,
    PictureFormat,
    Poster,
    Probe,
    Probed,
    Reason,
    Resize,
    Resized,
    TakeCover,
)
from tests.helpers.broken import broken
from tests.helpers.media import FILMS, Recipe, add_cover, make_film
from tests.helpers.pictures import HEIGHT_PX, PICTURES, STRANGERS, WIDTH_PX, picture
from tests.helpers.subtitles import Format as SubtitleFormat
from tests.helpers.subtitles import subtitle_file

_TIMEOUT_S = 30.0
_SIZES_PX = (160, 96, WIDTH_PX, HEIGHT_PX)
_ANSWERED, _LOST = "answered", "lost"
_FORMATS: tuple[PictureFormat, ...] = ("avif", "webp", "jpeg", "png")
_PICTURES = {"jpeg": ".jpg", "png": ".png", "webp": ".webp", "gif": ".gif", "avif": ".avif"}
_PICTURES |= {Path(name).suffix[1:]: Path(name).suffix for name in STRANGERS}
_FILMS: Mapping[str, Sequence[Recipe]] = {
    "mp4": (
        Recipe(),
        Recipe(video="libx265", audio="ac3", pixel_format="yuv420p10le", rotation_deg=90),
        Recipe(video="libsvtav1", container_options={"movflags": "frag_keyframe+empty_moov"}),
    ),
    "mov": (
        Recipe(video="prores_ks", audio="pcm_s16le", pixel_format="yuv422p10le"),
        Recipe(video="mjpeg", pixel_format="yuvj420p"),
    ),
    "mkv": (
        FILMS["h264_aac.mkv"],
        FILMS["hevc_ac3.mkv"],
        Recipe(video="ffv1", audio="flac"),
    ),
    "webm": (FILMS["vp9_opus.webm"], FILMS["vp8_opus.webm"], FILMS["av1_opus.webm"]),
    "avi": (
        Recipe(video="mpeg4", audio="libmp3lame"),
        Recipe(video="mjpeg", audio="pcm_s16le", pixel_format="yuvj420p"),
        Recipe(video="huffyuv", audio=None, pixel_format="yuv422p"),
    ),
    "ts": (Recipe(), FILMS["mpeg2_mp2.ts"]),
    "mpeg": (Recipe(video="mpeg2video", audio="mp2"), Recipe(video="mpeg1video", audio="mp2")),
    "asf": (Recipe(video="wmv2", audio="libmp3lame"), Recipe(video="msmpeg4", audio="libmp3lame")),
    "flv": (Recipe(), Recipe(video="flv", audio="libmp3lame")),
    "ogg": (Recipe(video="libvpx", audio="libopus"),),
    "3gp": (Recipe(video="mpeg4"),),
    "nut": (Recipe(video="ffv1", audio="flac"),),
    "mxf": (Recipe(video="mpeg2video", audio="pcm_s16le", fps=25),),
    "wtv": (Recipe(video="mpeg2video", audio="mp2"),),
    "rm": (Recipe(video="rv10", audio="ac3"),),
    "ivf": (Recipe(video="libvpx-vp9", audio=None),),
    "obu": (Recipe(video="libsvtav1", audio=None),),
    "h264": (Recipe(audio=None),),
    "hevc": (Recipe(video="libx265", audio=None),),
    "m4v": (Recipe(video="mpeg4", audio=None),),
}
_SUBTITLES: Mapping[str, SubtitleFormat] = {"srt": "srt", "ass": "ass", "sup": "sup"}
_COVERED = ("mp4", "mkv")


class _Extreme(Struct):
    """The most that the files of one kind took, and the number of the try."""

    amount: float = 0.0
    number: int = 0

    def note(self, amount: float, number: int) -> None:
        if amount > self.amount:
            self.amount, self.number = amount, number


class _Tally(Struct):
    """What came of the files of one kind."""

    file_count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    flaw_count: int = 0
    longest_s: _Extreme = field(default_factory=_Extreme)
    peak_mb: _Extreme = field(default_factory=_Extreme)
    memory_mb: list[float] = field(default_factory=list)


def main() -> None:
    """Break files, kind after kind, and print what came of each."""
    kinds = (*_PICTURES, *_FILMS, *_SUBTITLES)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kind", choices=kinds, action="append")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 (repeatable, not secret)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "revenge-fuzz")
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    print(f"seed {options.seed}; what must not be is kept in {options.keep}")
    for kind in options.kind or kinds:
        print(_row(kind, asyncio.run(_tally(kind, options))), flush=True)


async def _tally(kind: str, options: argparse.Namespace) -> _Tally:
    tally = _Tally()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wholes = _wholes(kind, folder)
        path, target = folder / f"broken.{kind}", folder / "made" / "picture"
        target.parent.mkdir()
        async with WorkerPool(limit=1) as pool:
            path.write_bytes(wholes[0])
            await _flaws(pool, path, target, _Tally(), 0)  # its start is not the time of a file
            end_s = time.monotonic() + options.seconds
            for number in itertools.count(options.first):
                chance = random.Random(f"{options.seed} {kind} {number}")  # noqa: S311 (repeatable, not secret)
                path.write_bytes(broken(wholes, chance, sizes_px=_SIZES_PX))
                for flaw in await _flaws(pool, path, target, tally, number):
                    print(f"{kind} {number}: {flaw}", flush=True)
                    shutil.copy(path, options.keep / f"{options.seed}-{kind}-{number}")
                if time.monotonic() >= end_s:
                    break
    return tally


async def _flaws(
    pool: WorkerPool, path: Path, target: Path, tally: _Tally, number: int
) -> list[str]:
    """Ask everything of one file and return what must not be."""
    flaws = []
    tally.file_count += 1
    _forget_peak()
    for work in _works(path, target, _FORMATS[number % len(_FORMATS)]):
        begun_s = time.monotonic()
        outcome, flaw = await _asked(pool, work, target)
        tally.longest_s.note(time.monotonic() - begun_s, number)
        tally.outcomes[outcome] += 1
        flaws += [f"{work.op}: {one}" for one in (flaw, _rest(target, outcome, work)) if one]
        for left in target.parent.iterdir():
            left.unlink()
    tally.flaw_count += len(flaws)
    memory_mb, peak_mb = _memory_mb()
    tally.peak_mb.note(peak_mb, number)
    tally.memory_mb.append(memory_mb)
    return flaws


async def _asked(pool: WorkerPool, work: Work[Any], target: Path) -> tuple[str, str | None]:
    """Return how the worker answered, and what is wrong with that."""
    try:
        reply = await pool.run(work, timeout_s=_TIMEOUT_S)
    except WorkerFailed as failed:
        reason = str(failed.context["reason"])
        return reason, None if reason in {*Reason} else f"{reason} {failed.context['detail']}"
    except WorkerLost:
        return _LOST, "the worker was lost"
    except msgspec.DecodeError as error:
        return _LOST, f"a reply that is none: {error}"
    return _ANSWERED, _untrue(reply, target)


def _untrue(reply: object, target: Path) -> str | None:
    """Return what a reply says that is not so, or that a database cannot keep."""
    match reply:
        case Probed():
            text = msgspec.json.encode(reply)
            is_kept = b"\\u0000" not in text and msgspec.json.decode(text, type=Probed) == reply
            return None if is_kept else f"{reply}"
        case Poster() | Resized():
            written = pyvips.Image.new_from_buffer(target.read_bytes(), "")
            is_so = reply.size_bytes == target.stat().st_size and written.avg() >= 0
            if isinstance(reply, Poster):
                is_so &= (reply.width_px, reply.height_px) == (written.width, written.height)
            return None if is_so else f"{reply} of {written}"
        case _:
            return None


def _rest(target: Path, outcome: str, work: Work[Any]) -> str | None:
    """Return what lies in the folder of the target and should not; a killed worker may leave a draft."""
    names = {one.name for one in target.parent.iterdir()}
    if outcome == _LOST:
        names = {name for name in names if not name.startswith(".")}
    wanted = {target.name} if outcome == _ANSWERED and hasattr(work, "target_path") else set()
    return None if names == wanted else f"left behind: {names}"


def _works(path: Path, target: Path, kind: PictureFormat) -> Iterator[Work[Any]]:
    source, made = bytes(path), bytes(target)
    yield Probe(path=source)
    yield Fingerprint(path=source)
    yield MakePoster(path=source, target_path=made)
    yield TakeCover(path=source, target_path=made)
    yield KeepArt(path=source, target_path=made)
    yield Resize(path=source, target_path=made, width_px=80, format=kind)


def _wholes(kind: str, folder: Path) -> list[bytes]:
    """Return the files that are broken."""
    if kind in _PICTURES:
        names = [name for name in {**PICTURES, **STRANGERS} if name.endswith(_PICTURES[kind])]
        return [picture(name) for name in names]
    width_px, height_px = _SIZES_PX[:2]
    if kind in _SUBTITLES:
        return [subtitle_file(_SUBTITLES[kind], length_s=9, width_px=width_px, height_px=height_px)]
    films = []
    for number, recipe in enumerate(_FILMS[kind]):
        small = replace(recipe, length_s=1.0, width_px=width_px, height_px=height_px)
        films.append(make_film(folder / f"{number}.{kind}", small))
    if kind in _COVERED:
        films.append(add_cover(films[0], picture("plain.jpg")))
    return [film.read_bytes() for film in films]


def _forget_peak() -> None:
    for worker in psutil.Process().children():
        with contextlib.suppress(OSError):
            Path(f"/proc/{worker.pid}/clear_refs").write_text("5")


def _memory_mb() -> tuple[float, float]:
    """Return what the worker uses, and the most that it did since `_forget_peak` (Linux)."""
    for worker in psutil.Process().children():
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
            kb = {line.split(":")[0]: line.split()[1] for line in lines if line.endswith("kB")}
            return int(kb["VmRSS"]) / 1_000, int(kb["VmHWM"]) / 1_000
    return 0.0, 0.0


def _row(kind: str, tally: _Tally) -> str:
    reasons = ", ".join(f"{name} {count}" for name, count in tally.outcomes.most_common())
    third = tally.memory_mb[len(tally.memory_mb) // 3]
    return (
        f"{kind:5} {tally.file_count} files; {reasons}; flaws {tally.flaw_count}; longest "
        f"{tally.longest_s.amount:.1f} s (#{tally.longest_s.number}), at most {tally.peak_mb.amount:.0f} MB "
        f"(#{tally.peak_mb.number}), after a third {third:.0f} MB, at the end {tally.memory_mb[-1]:.0f} MB"
    )


if __name__ == "__main__":
    main()
