"""Jobs on an embedded PostgreSQL: enqueues, runs and pick-up."""

import argparse
import asyncio
import statistics
import time

from msgspec import Struct

from server.kernel.clock import SystemClock
from server.kernel.db import Db, open_db
from server.kernel.jobs import METADATA, NOTIFICATION, Jobs, Runner, job
from server.kernel.jobs import Pace as RunnerPace
from server.kernel.listen import Listener
from server.kernel.migrate import migrate
from server.kernel.realm import PUBLIC, REALMS, new_secrets
from server.kernel.tasks import TaskScope
from server.main import MIGRATIONS_DIR
from tests.helpers.postgres import create_database, drop_database, start_cluster
from tests.helpers.until import until

ENQUEUES_BAR, RUNS_BAR, PICK_UP_BAR_MS = 10_000, 1_200, 25


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    options = parser.parse_args()
    with start_cluster(is_durable=True) as dsn:
        asyncio.run(_measure(dsn, options.jobs))


async def _measure(cluster_dsn: str, count: int) -> None:
    owner_dsn, secrets = await create_database(cluster_dsn, "bench"), new_secrets()
    migrated = await migrate(owner_dsn, MIGRATIONS_DIR, REALMS, secrets, lambda _: None)
    dsn, channel = migrated.dsns[PUBLIC.name], migrated.channels[PUBLIC.name]
    async with open_db(dsn, min_size=2, max_size=5) as db:
        await _jobs(db, dsn, channel, count)
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


def _told(delays_s: list[float]) -> str:
    ms = sorted(1000 * delay for delay in delays_s)
    return f"p50 {statistics.median(ms):.1f} ms, p95 {ms[int(len(ms) * 0.95)]:.1f} ms"


if __name__ == "__main__":
    main()
