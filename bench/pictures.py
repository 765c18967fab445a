"""Pictures by real workers: thumbnails of 12 MP against bare pyvips, and posters of small films."""

import argparse
import asyncio
import multiprocessing
import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import batched, cycle, pairwise
from pathlib import Path

import psutil
import pyvips

from app.supervisor.worker import WorkerPool
from bench.measure import cpu_s
from server.media.model import MakePoster, Resize
from tests.helpers.media import FILMS, make_film

THUMBNAIL_BAR, POSTERS_BAR, GROWTH_BAR = 0.9, 8, 1.1
_WIDTH_PX = 400
_A_ROUND = 3
_NICENESS = 10
_TIMEOUT_S = 60


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--films", type=int, default=700)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(_thumbnails(folder, options.rounds))
        films = _films(folder, options.films)
        for worker_count in (1, 2):
            asyncio.run(_posters(films, worker_count))


async def _thumbnails(folder: Path, rounds: int) -> None:
    source, target = _noise(folder / "source.jpg"), folder / "copy.webp"
    work = Resize(path=bytes(source), target_path=bytes(target), width_px=_WIDTH_PX, format="webp")
    ours_s, bare_s = [], []
    async with WorkerPool(limit=1) as pool:
        with _bare_process() as bare_pool:
            for _ in range(rounds + 1):
                begun_s = time.perf_counter()
                for _ in range(_A_ROUND):
                    await pool.run(work, timeout_s=_TIMEOUT_S)
                ours_s.append(time.perf_counter() - begun_s)
                bare_s.append(bare_pool.submit(_bare_s, source).result())
    ours, bare = (_A_ROUND / statistics.median(times[1:]) for times in (ours_s, bare_s))
    print(f"12 MP to {_WIDTH_PX} px by a worker: {ours:.1f}/s, bare pyvips {bare:.1f}/s, ", end="")
    print(f"ratio {ours / bare:.2f}  (bar: >= {THUMBNAIL_BAR})")


def _bare_process() -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, spawn, initializer=_give_way)


def _give_way() -> None:
    """Be scheduled as a worker is, in a session of its own: a busy machine would else measure that alone."""
    os.setsid()
    os.nice(_NICENESS)


def _bare_s(source: Path) -> float:
    begun_s = time.perf_counter()
    for _ in range(_A_ROUND):
        picture = pyvips.Image.thumbnail(str(source), _WIDTH_PX, size="down")
        picture.webpsave(str(source.with_name("bare.webp")), Q=80, keep="none")
    return time.perf_counter() - begun_s


def _noise(path: Path) -> Path:
    noise = pyvips.Image.gaussnoise(4000, 3000, sigma=20, mean=128).cast("uchar")
    noise.bandjoin([noise, noise]).copy(interpretation="srgb").jpegsave(str(path), Q=85)
    return path


def _films(folder: Path, count: int) -> list[Path]:
    """Write films of every kind in turn, so that each tenth of them is as much work as another."""
    kinds = [make_film(folder / name).read_bytes() for name in FILMS]
    films = [folder / f"film-{number}" for number in range(count)]
    for film, content in zip(films, cycle(kinds), strict=False):
        film.write_bytes(content)
    return films


async def _posters(films: list[Path], worker_count: int) -> None:
    us, cpu_at_s, memory = psutil.Process(), [], []
    async with WorkerPool(limit=worker_count) as pool:

        async def make(film: Path) -> None:
            work = MakePoster(path=bytes(film), target_path=bytes(film.with_suffix(".webp")))
            await pool.run(work, timeout_s=_TIMEOUT_S)

        await asyncio.gather(*(make(film) for film in films[: len(films) // 10]))
        begun_s = time.perf_counter()
        for tenth in batched(films, len(films) // 10, strict=False):
            cpu_at_s.append(cpu_s(us))
            await asyncio.gather(*(make(film) for film in tenth))
            memory.append(max(worker.memory_info().rss for worker in us.children()) / 1e6)
        rate = len(films) / (time.perf_counter() - begun_s)
        cpu_at_s.append(cpu_s(us))
    spent_s = [after - before for before, after in pairwise(cpu_at_s)]
    print(
        f"posters by {worker_count}: {rate:.1f}/s  (bar: >= {POSTERS_BAR}); CPU of the last", end=""
    )
    print(f" tenth {spent_s[-1] / spent_s[0]:.2f} of the first  (bar: <= {GROWTH_BAR}); ", end="")
    print(f"a worker's memory {memory[0]:.0f} to {memory[-1]:.0f} MB")


if __name__ == "__main__":
    main()
