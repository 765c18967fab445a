"""Jobs and live events on an embedded PostgreSQL: enqueues, runs and pick-up, event to WebSocket."""

import argparse
import asyncio
import statistics
import time
from uuid import UUID

from msgspec import Struct

from server.kernel.background import Line
from server.kernel.clock import SystemClock
from server.kernel.db import Db, open_db
from server.kernel.events import Event, emit
from server.kernel.ids import new_id
from server.kernel.jobs import METADATA, NOTIFICATION, Jobs, Runner, job
from server.kernel.jobs import Pace as RunnerPace
from server.kernel.listen import Listener
from server.kernel.migrate import migrate
from server.kernel.realm import PUBLIC, REALMS, new_secrets
from server.kernel.realtime import Pace
from server.kernel.tasks import TaskScope
from server.kernel.viewer import Viewer
from server.main import MIGRATIONS_DIR
from server.services.catalog.model import READ, ItemsAdded
from tests.helpers.live import live, live_server
from tests.helpers.postgres import create_database, drop_database, start_cluster
from tests.helpers.until import until

ENQUEUES_BAR, RUNS_BAR, PICK_UP_BAR_MS, LIVE_BAR_MS = 10_000, 1_200, 25, 100


class Nothing(Struct, frozen=True, kw_only=True):
    """Do nothing; `at_s` is when it was asked for."""

    number: int
    at_s: float = 0.0


class Other(Struct, frozen=True, kw_only=True):
    """Do nothing, in another queue."""

    number: int


class IdleJobs:
    """Count and time."""

    def __init__(self) -> None:
        self.count = 0
        self.delays_s: list[float] = []

    @job("bench.nothing", queue=METADATA, unique=("number",))
    async def nothing(self, payload: Nothing) -> None:
        """Count."""
        self.count += 1
        self.delays_s.append(time.monotonic() - payload.at_s)

    @job("bench.other", queue=NOTIFICATION)
    async def other(self, _payload: Other) -> None:
        """Count."""
        self.count += 1


class Everybody:
    """Sessions that are all the same viewer's."""

    def __init__(self, library_id: UUID) -> None:
        self._viewer = Viewer(
            user_id=new_id(),
            profile_id=new_id(),
            profile_name="Ada",
            session_id=new_id(),
            realm=PUBLIC.name,
            permissions=frozenset({READ.name}),
            library_ids=(library_id,),
            max_level=100,
            language="en",
        )

    async def viewer(self, token: str) -> Viewer:
        """Return the viewer."""
        del token
        return self._viewer


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--events", type=int, default=200)
    options = parser.parse_args()
    with start_cluster(is_durable=True) as dsn:
        asyncio.run(_measure(dsn, options))


async def _measure(cluster_dsn: str, options: argparse.Namespace) -> None:
    owner_dsn, secrets = await create_database(cluster_dsn, "bench"), new_secrets()
    migrated = await migrate(owner_dsn, MIGRATIONS_DIR, REALMS, secrets, lambda _: None)
    dsn, channel = migrated.dsns[PUBLIC.name], migrated.channels[PUBLIC.name]
    async with open_db(dsn, min_size=2, max_size=5) as db:
        await _jobs(db, dsn, channel, options.jobs)
        await _live(db, Line(dsn=dsn, channel=channel), options)
    await drop_database(owner_dsn)


async def _jobs(db: Db, dsn: str, channel: str, count: int) -> None:
    jobs, idle = Jobs(db, SystemClock(), channel), IdleJobs()
    jobs.declare([idle])
    began_s = time.monotonic()
    for first in range(0, count, 1000):
        async with db.transaction() as tx:
            await jobs.add_all(
                tx,
                [
                    Nothing(number=n) if n % 2 else Other(number=n)
                    for n in range(first, first + 1000)
                ],
            )
    took_s = time.monotonic() - began_s
    print(f"list enqueue: {count / took_s:.0f}/s  (bar: >= {ENQUEUES_BAR})")
    listener = Listener(dsn)
    async with TaskScope() as tasks:
        tasks.spawn(listener.run(), name="listener")
        await listener.listening()
        async with Runner(db, jobs, listener, channel, RunnerPace()).running():
            began_s = time.monotonic()
            await until(lambda: idle.count >= count, within_s=120)
            took_s = time.monotonic() - began_s
            print(f"no-op runs with limits: {count / took_s:.0f}/s  (bar: >= {RUNS_BAR})")
            await asyncio.sleep(1)
            idle.delays_s.clear()
            for n in range(200):
                async with db.transaction() as tx:
                    await jobs.add(tx, Nothing(number=-n - 1, at_s=time.monotonic()))
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.5)
            print(f"pick-up: {_told(idle.delays_s)}  (bar: p95 <= {PICK_UP_BAR_MS} ms)")


async def _live(db: Db, line: Line, options: argparse.Namespace) -> None:
    library_id = new_id()
    delays_s: list[float] = []
    sent: dict[str, float] = {}
    ready = asyncio.Semaphore(0)

    async def hear(url: str) -> None:
        async with live(url, headers={"Authorization": "Bearer everybody"}) as socket:
            await socket.next()
            ready.release()
            for _ in range(options.events):
                told = await socket.told(within_s=60)
                delays_s.append(time.monotonic() - sent[told["event"]["item_ids"][0]])

    heard: dict[type[Event], str] = {ItemsAdded: READ.name}
    pace = Pace(connections_a_user=options.clients)
    async with (
        live_server(db, line, heard, Everybody(library_id), pace=pace) as url,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(options.clients):
            group.create_task(hear(url))
        for _ in range(options.clients):
            await ready.acquire()
        for _ in range(options.events):
            item_id = new_id()
            async with db.transaction() as tx:
                await emit(tx, ItemsAdded(library_id=library_id, item_ids=[item_id]))
                sent[str(item_id)] = time.monotonic()
            await asyncio.sleep(0.1)
    print(
        f"event to WebSocket, {options.clients} clients: {_told(delays_s)}  (bar: p95 <= {LIVE_BAR_MS} ms)"
    )


def _told(delays_s: list[float]) -> str:
    ms = sorted(1000 * delay for delay in delays_s)
    return f"p50 {statistics.median(ms):.1f} ms, p95 {ms[int(len(ms) * 0.95)]:.1f} ms"


if __name__ == "__main__":
    main()
