"""Live events: memory of idle WebSockets, and the time from an event to all who hear it, on both kinds of connections."""

import argparse
import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from multiprocessing.connection import Connection

import psutil
import uvloop
from msgspec import Struct

from server.kernel.background import Line
from server.kernel.config import Limits
from server.kernel.db import open_db
from server.kernel.events import emit
from server.kernel.ids import new_id
from server.kernel.migrate import migrate
from server.kernel.realm import PUBLIC, REALMS, new_secrets
from server.kernel.realtime import Pace
from server.kernel.viewer import Viewer
from server.main import MIGRATIONS_DIR
from server.services.catalog.model import READ, ItemsAdded
from tests.helpers.live import Listening, LiveClient, listening, live, live_server
from tests.helpers.postgres import create_database, drop_database, start_cluster

IDLE_BAR_MB, DELAY_BAR_MS = 60, 100
LIBRARY_ID = new_id()
HEADERS = {"Authorization": "Bearer everybody"}
PING_S = 5.0  # oftener than in earnest: what a ping takes is to be in the figures

type Open = Callable[[str], AbstractAsyncContextManager[LiveClient | Listening]]


class Everybody:
    """Sessions that are all the same viewer's, who hears of the library `library_ids`."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    async def viewer(self, token: str) -> Viewer:
        """Return the viewer."""
        del token
        return self._viewer


class Started(Struct, frozen=True, kw_only=True):
    """A server in a process of its own."""

    url: str
    process: psutil.Process


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--events", type=int, default=200)
    options = parser.parse_args()
    with start_cluster(is_durable=True) as dsn:
        uvloop.run(_measure(dsn, options))


async def _measure(cluster_dsn: str, options: argparse.Namespace) -> None:
    owner_dsn, secrets = await create_database(cluster_dsn, "bench"), new_secrets()
    migrated = await migrate(owner_dsn, MIGRATIONS_DIR, REALMS, secrets, lambda _: None)
    line = Line(
        dsn=migrated.dsns[PUBLIC.name],
        channel=migrated.channels[PUBLIC.name],
        key=secrets.key(PUBLIC),
    )
    async with _started(line) as started:
        await _idle(started, options.idle)
    for name, opened in (("WebSockets", _socket), ("event streams", _stream)):
        async with _started(line) as started:
            delays_ms = await _delays(started, line, opened, options)
            told = f"p50 {statistics.median(delays_ms):.1f} ms, p95 {delays_ms[int(len(delays_ms) * 0.95)]:.1f} ms"
            print(f"event to {options.clients} {name}: {told}  (bar: p95 <= {DELAY_BAR_MS} ms)")
    await drop_database(owner_dsn)


async def _idle(started: Started, count: int) -> None:
    """Print what WebSockets cost that nobody tells anything, after two pings each."""
    async with AsyncExitStack() as stack:
        for _ in range(10):  # the first ones load what all of them use
            await (await stack.enter_async_context(_socket(started.url))).next()
        before_bytes = _pss_bytes(started)
        for _ in range(count):
            await (await stack.enter_async_context(_socket(started.url))).next()
        await asyncio.sleep(2 * PING_S + 1)
        grown_mb = (_pss_bytes(started) - before_bytes) / 1e6
    print(
        f"{count} idle WebSockets: {grown_mb:.1f} MB PSS more than {before_bytes / 1e6:.1f}  (bar: <= {IDLE_BAR_MB})"
    )


async def _delays(
    started: Started, line: Line, opened: Open, options: argparse.Namespace
) -> list[float]:
    """Return in ms, sorted, how long after the commit each client heard of each event."""
    delays_ms: list[float] = []
    sent_s: dict[str, float] = {}
    ready = asyncio.Semaphore(0)

    async def hear() -> None:
        async with opened(started.url) as client:
            await client.next()
            ready.release()
            for _ in range(options.events):
                told = await client.told(within_s=60)
                now_s = time.monotonic()
                delays_ms.append(1000 * (now_s - sent_s[told["event"]["item_ids"][0]]))

    async with (
        open_db(line.dsn, min_size=1, max_size=1) as db,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(options.clients):
            group.create_task(hear())
        for _ in range(options.clients):
            await ready.acquire()
        for _ in range(options.events):
            item_id = new_id()
            async with db.transaction() as tx:
                await emit(tx, ItemsAdded(library_id=LIBRARY_ID, item_ids=[item_id]))
                sent_s[str(item_id)] = time.monotonic()
            await asyncio.sleep(0.1)
    return sorted(delays_ms)


def _socket(url: str) -> AbstractAsyncContextManager[LiveClient]:
    return live(url, headers=HEADERS)


def _stream(url: str) -> AbstractAsyncContextManager[Listening]:
    return listening(url, headers=HEADERS)


def _pss_bytes(started: Started) -> int:
    return int(started.process.memory_full_info().pss)


@asynccontextmanager
async def _started(line: Line) -> AsyncIterator[Started]:
    """Run a server of live events until the block ends."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    viewer = Viewer(
        user_id=new_id(),
        profile_id=new_id(),
        profile_name="Ada",
        session_id=new_id(),
        realm=PUBLIC.name,
        permissions=frozenset({READ.name}),
        library_ids=(LIBRARY_ID,),
        max_level=100,
        language="en",
    )
    server = context.Process(target=_run, args=(line, viewer, there), daemon=True)
    server.start()
    try:
        url = await asyncio.to_thread(here.recv)
        yield Started(url=url, process=psutil.Process(server.pid))
    finally:
        server.kill()
        server.join()


def _run(line: Line, viewer: Viewer, parent: Connection) -> None:
    """Be that server, in its process."""
    uvloop.run(_serve(line, viewer, parent))


async def _serve(line: Line, viewer: Viewer, parent: Connection) -> None:
    pace = Pace(connections_a_user=sys.maxsize, ping_s=PING_S)
    unlimited = Limits(user_per_s=0)
    async with (
        open_db(line.dsn, min_size=2, max_size=5) as db,
        live_server(
            db, line, {ItemsAdded: READ.name}, Everybody(viewer), pace=pace, limits=unlimited
        ) as url,
    ):
        parent.send(url)
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
