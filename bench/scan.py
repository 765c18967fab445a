"""Scans: real small films with probe and pictures, and very many paths without reading a file.

python -m bench.scan films [--count 2000]
python -m bench.scan paths [--count 100000] [--flat]
"""

import argparse
import asyncio
import itertools
import os
import shutil
import subprocess
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from app.supervisor.worker import WorkerPool
from bench.measure import free_port
from server.kernel.cache import Cache
from server.kernel.clock import SystemClock
from server.kernel.db import Db, open_db
from server.kernel.ids import new_id
from server.kernel.messages import Messages
from server.kernel.migrate import migrate
from server.kernel.realm import PUBLIC, REALMS, new_secrets
from server.kernel.storage import Storage
from server.kernel.workers import Work, Workers
from server.main import MIGRATIONS_DIR
from server.media.model import Fingerprint, Probe, Probed
from server.modules.movie.scanner import MovieScanner
from server.services.catalog.module import INDEXES
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.intake import Intake
from server.services.library.pictures import Pictures
from server.services.library.scan import Order, ScanEngine
from server.services.library.tally import Tally
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import create_database, data_directory, start_cluster

TABLES = ("items", "files", "item_files", "events")
FACTS = Probed(
    container="matroska",
    media_type="video/x-matroska",
    length_ms=5_400_000,
    bitrate_bps=None,
    streams=[],
    chapters=[],
)


class NoProbe:
    """Walks with real workers; what would read a file is answered at once."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self.probe_count = 0

    async def run(self, work: Work[Any], *, timeout_s: float) -> Any:
        """Answer."""
        if isinstance(work, Fingerprint):
            return b"\0" * 32
        if isinstance(work, Probe):
            self.probe_count += 1
            return FACTS
        return await self._workers.run(work, timeout_s=timeout_s)

    def stream(self, work: Work[Any], *, timeout_s: float) -> AsyncGenerator[Any]:
        """Walk."""
        return self._workers.stream(work, timeout_s=timeout_s)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("films", "paths"))
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--flat", action="store_true", help="all paths in one folder")
    options = parser.parse_args()
    measure = _films if options.what == "films" else _paths
    with start_cluster(is_durable=True) as dsn, data_directory() as folder:
        asyncio.run(measure(dsn, folder, options))


async def _films(cluster_dsn: str, folder: Path, options: argparse.Namespace) -> None:
    count = options.count or 2_000
    _make_films(folder / "films", count)
    async with (
        _library(cluster_dsn, folder / "films") as (db, owner, library_id),
        WorkerPool() as pool,
    ):
        catalog = Catalog(db, SystemClock(), Messages.load(), Cache().room(INDEXES))
        tally = await _tally(db, library_id)
        marks: list[tuple[int, float]] = []
        took_s, _ = await _timed(_scan(db, pool, catalog, library_id, tally, marks))
        print(f"probe and rows: {count / took_s:.0f} files/s  (bar: >= 150)")
        print(
            f"CPU of the last tenth: {_flatness(marks, count):.2f} x of the first  (bar: <= 1.10)"
        )
        alone_s = _pyav_alone(folder / "films")
        print(
            f"PyAV alone, two processes: {count / alone_s:.0f} files/s; ours is {alone_s / took_s:.2f} x"
        )
        _peers(folder, count)
        pictures = Pictures(db, pool, Storage(folder), catalog)
        took_s, _ = await _timed(pictures.make(library_id, _nothing))
        made = await owner.fetchval("SELECT count(*) FROM images")
        print(f"pictures: {made / took_s:.1f}/s  (bar: >= 8)")


async def _paths(cluster_dsn: str, folder: Path, options: argparse.Namespace) -> None:
    count = options.count or 100_000
    _make_paths(folder / "films", count, is_flat=options.flat)
    async with (
        _library(cluster_dsn, folder / "films") as (db, owner, library_id),
        WorkerPool() as pool,
    ):
        workers = NoProbe(pool)
        catalog = Catalog(db, SystemClock(), Messages.load(), Cache().room(INDEXES))
        tally = await _tally(db, library_id)
        engine = ScanEngine(db, workers, catalog)
        (root,) = await db.all(store.ROOTS_OF, library_id)
        took_s, _ = await _timed(Intake(db, workers).take_in(root, MovieScanner(), tally))
        copy_s = await _raw_copy(owner)
        print(
            f"registration: {count / took_s:.0f} files/s  (bar: >= 5000), raw COPY of the rows alone {count / copy_s:.0f}/s"
        )
        order = Order(library_id=library_id, scanner=MovieScanner())
        took_s, _ = await _timed(engine.run(order, tally))
        print(
            f"walk again, items, probing off: {count / took_s:.0f} files/s, {workers.probe_count} asked for"
        )
        for _ in range(3):
            before, workers.probe_count = await _written(owner), 0
            took_s, cpu_s = await _timed(engine.run(order, tally))
            rows = await _written(owner) - before
            print(
                f"unchanged: {took_s:.2f} s  (bar: <= 3), CPU of this process {cpu_s:.2f} s, {rows} rows written, "
                f"{workers.probe_count} probes, {psutil.Process().memory_info().rss / 2**20:.0f} MB here, "
                f"{tally.found_count} found"
            )


@asynccontextmanager
async def _library(cluster_dsn: str, folder: Path) -> AsyncIterator[Any]:
    """Yield the database, the owner's connection and a library of the folder."""
    owner_dsn = await create_database(cluster_dsn, "bench")
    migrated = await migrate(owner_dsn, MIGRATIONS_DIR, REALMS, new_secrets(), lambda _: None)
    owner = await asyncpg.connect(owner_dsn)
    async with open_db(migrated.dsns[PUBLIC.name], min_size=2, max_size=5) as db:
        library_id = new_id()
        await db.execute(store.ADD_LIBRARY, library_id, "movie", "Films", SystemClock().now())
        await db.execute(store.ADD_ROOTS, library_id, [new_id()], [os.fsencode(folder)])
        yield db, owner, library_id
    await owner.close()


async def _tally(db: Db, library_id: Any) -> Tally:
    scan_id = new_id()
    await db.execute(store.ADD_SCAN, scan_id, library_id, None, SystemClock().now())
    return Tally(db, scan_id, _nothing, _untold)


async def _nothing() -> None:
    """Nobody wants to know that something is done."""


async def _untold(_done_count: int, _total_count: int) -> None:
    """Nobody wants to know how far it is."""


async def _scan(
    db: Db, pool: WorkerPool, catalog: Catalog, library_id: Any, tally: Tally, marks: list[Any]
) -> None:
    """Scan, and note now and then how many files are done at what cost of all processes."""
    engine = ScanEngine(db, pool, catalog)
    async with asyncio.TaskGroup() as group:
        order = Order(library_id=library_id, scanner=MovieScanner())
        scanning = group.create_task(engine.run(order, tally))
        while not scanning.done():
            marks.append((tally.done_count, _cpu_s()))
            await asyncio.wait([scanning], timeout=0.1)
    marks.append((tally.done_count, _cpu_s()))


def _cpu_s() -> float:
    me = psutil.Process()
    found = [me, *me.children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in found if process.is_running())


def _flatness(marks: list[tuple[int, float]], count: int) -> float:
    """Return the CPU of the last tenth of the files over that of the first."""

    def at(done: float) -> float:
        for (before, cost), (after, more) in itertools.pairwise(marks):
            if before <= done <= after and after > before:
                return cost + (more - cost) * (done - before) / (after - before)
        return marks[-1][1]

    return (at(count) - at(0.9 * count)) / (at(0.2 * count) - at(0.1 * count))


async def _timed(work: Any) -> tuple[float, float]:
    began_s, cpu_s = time.perf_counter(), time.process_time()
    await work
    return time.perf_counter() - began_s, time.process_time() - cpu_s


async def _written(owner: Any) -> int:
    """Return how many rows were ever written to the tables of a scan."""
    await owner.execute("SELECT pg_stat_force_next_flush()")
    await asyncio.sleep(1.5)
    return int(
        await owner.fetchval(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables "
            "WHERE schemaname = 'public' AND relname = ANY ($1)",
            list(TABLES),
        )
    )


async def _raw_copy(owner: Any) -> float:
    """Return the seconds of one COPY of as many rows of files as were registered."""
    rows = await owner.fetch("SELECT * FROM files")
    columns = list(rows[0].keys())
    await owner.execute("CREATE TABLE copied (LIKE files INCLUDING ALL)")
    began_s = time.perf_counter()
    await owner.copy_records_to_table(
        "copied", columns=columns, records=[tuple(row) for row in rows]
    )
    return time.perf_counter() - began_s


def _peers(folder: Path, count: int) -> None:
    """Let others read the same films, as far as they are installed: they note less of each."""
    paths = sorted((folder / "films").rglob("*.mp4"))
    if shutil.which("ffprobe"):
        began_s = time.perf_counter()
        for path in paths[:50]:
            subprocess.run(
                ["ffprobe", "-v", "error", "-show_streams", path], check=True, capture_output=True
            )
        print(f"ffprobe a file: {50 / (time.perf_counter() - began_s):.0f} files/s")
    if shutil.which("minidlnad"):
        print(f"minidlna: {count / _minidlna(folder):.0f} files/s")


def _minidlna(folder: Path) -> float:
    """Return the seconds in which minidlna scans the films."""
    home = folder / "minidlna"
    home.mkdir()
    config, log = home / "minidlna.conf", home / "minidlna.log"
    config.write_text(
        f"media_dir=V,{folder / 'films'}\ndb_dir={home}\nlog_dir={home}\nport={free_port()}\n"
        "network_interface=lo\ninotify=no\nroot_container=.\n"
    )
    command = ["minidlnad", "-d", "-f", str(config), "-P", str(home / "pid"), "-R"]
    began_s = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        while b"finished" not in log.read_bytes():
            time.sleep(0.05)
        return time.perf_counter() - began_s
    finally:
        process.kill()
        process.wait()


def _make_films(folder: Path, count: int) -> None:
    folder.mkdir()
    template = make_film(folder / "template.mp4", Recipe(length_s=2))
    for number in range(count):
        place = folder / f"Film {number:05} ({1930 + number % 95})"
        place.mkdir()
        path = place / f"{place.name}.mp4"
        shutil.copyfile(template, path)
        with path.open("ab") as file:  # each has a content of its own
            file.write(b"\0\0\0\x10free%08d" % number)
    template.unlink()


def _make_paths(folder: Path, count: int, *, is_flat: bool) -> None:
    folder.mkdir()
    for number in range(count):
        name = f"Film number {number:06} ({1930 + number % 95})"
        place = folder if is_flat else folder / name
        if not is_flat:
            place.mkdir()
        (place / f"{name}.mkv").touch()


def _pyav_alone(folder: Path) -> float:
    paths = sorted(str(path) for path in folder.rglob("*.mp4"))
    with get_context("spawn").Pool(2) as pool:
        pool.map(_open, paths[:4])
        began_s = time.perf_counter()
        pool.map(_open, paths, chunksize=50)
        return time.perf_counter() - began_s


def _open(path: str) -> int:
    import av

    with av.open(path) as container:
        return len(container.streams)


if __name__ == "__main__":
    main()
