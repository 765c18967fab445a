"""Jobs for tests, and a runner of them that is a program of its own: `python -m tests.helpers.jobs DSN`."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from msgspec import Struct

from server.kernel.clock import SystemClock
from server.kernel.db import Db, open_db
from server.kernel.jobs import (
    LIBRARY,
    METADATA,
    TRANSCODE,
    Backoff,
    Jobs,
    Pace,
    Run,
    Runner,
    job,
)
from server.kernel.listen import Listener
from server.kernel.tasks import TaskScope

QUICK = Pace(lost_after_s=1.0, poll_s=0.5, clock_s=0.2, grace_s=0.2)
PATIENT = Pace(lost_after_s=600, poll_s=0.5, grace_s=0.2)


class Note(Struct, frozen=True, kw_only=True):
    """Write a word down."""

    word: str
    version: int = 0


class Fail(Struct, frozen=True, kw_only=True):
    """Fail so many times."""

    times: int


class Wait(Struct, frozen=True, kw_only=True):
    """Wait until it is cancelled."""

    name: str = ""


class Kill(Struct, frozen=True, kw_only=True):
    """Kill the process that runs this, perhaps after something was done."""

    has_advanced: bool = False


class Hurry(Struct, frozen=True, kw_only=True):
    """Take longer than it may."""


class OddJobs:
    """Handlers that note what they did."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.runs: list[float] = []
        self.begun = asyncio.Event()
        self.cancelled: list[str] = []

    @job("odd.note", queue=METADATA, unique=("word", "version"))
    async def note(self, payload: Note) -> None:
        self.words.append(payload.word)

    @job("odd.fail", queue=METADATA, retries=2, backoff=Backoff(first_s=0.1, factor=3))
    async def fail(self, payload: Fail, run: Run) -> None:
        self.runs.append(asyncio.get_running_loop().time())
        if run.failure_count < payload.times:
            raise ValueError("password=hunter2 was refused")

    @job("odd.wait", queue=LIBRARY)
    async def wait(self, payload: Wait, run: Run) -> None:
        await run.progress(1, 3, payload.name)
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append(payload.name)
            raise

    @job("odd.kill", queue=TRANSCODE)
    async def kill(self, payload: Kill, run: Run) -> None:
        if payload.has_advanced:
            await run.advance()
        os.kill(os.getpid(), signal.SIGKILL)

    @job("odd.hurry", queue=METADATA, retries=0, timeout_s=0.05)
    async def hurry(self, _payload: Hurry) -> None:
        await asyncio.sleep(30)


async def channel_of(dsn: str, realm: str = "public") -> str:
    """Return the realm's channel; the DSN is the owner's."""
    connection = await asyncpg.connect(dsn)
    try:
        name: str = await connection.fetchval(
            "SELECT name FROM shared.channels WHERE realm = $1", realm
        )
    finally:
        await connection.close()
    return name


def odd_jobs(db: Db, channel: str) -> tuple[Jobs, OddJobs]:
    """Return jobs and their handlers."""
    jobs, odd = Jobs(db, SystemClock(), channel), OddJobs()
    jobs.declare([odd])
    return jobs, odd


@asynccontextmanager
async def running(
    db: Db, dsn: str, jobs: Jobs, channel: str, pace: Pace = QUICK
) -> AsyncIterator[Runner]:
    """Run jobs inside the block."""
    listener = Listener(dsn)
    async with TaskScope() as tasks:
        tasks.spawn(listener.run(), name="listener")
        await listener.listening()
        runner = Runner(db, jobs, listener, channel, pace)
        async with runner.running():
            yield runner


async def _main(dsn: str, channel: str) -> None:
    async with open_db(dsn, min_size=1, max_size=3) as db:
        jobs, _ = odd_jobs(db, channel)
        async with running(db, dsn, jobs, channel, PATIENT):
            sys.stdout.write("running\n")
            sys.stdout.flush()
            await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[2]))
