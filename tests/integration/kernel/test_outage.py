"""Jobs and events live on when PostgreSQL is killed and comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from msgspec import Struct

from server.kernel.clock import SystemClock
from server.kernel.db import Db, open_db
from server.kernel.events import Dispatcher, emit
from server.kernel.jobs import Desk, Jobs, Pace, Runner
from server.kernel.listen import Listener
from server.kernel.migrate import migrate
from server.kernel.realm import REALMS, new_secrets
from server.kernel.tasks import TaskScope
from tests.conftest import MIGRATIONS
from tests.helpers.jobs import Note, OddJobs, Wait, odd_jobs
from tests.helpers.postgres import data_directory, running_cluster
from tests.helpers.until import until
from tests.integration.kernel.test_events import Counted, Heard


@dataclass(frozen=True)
class Background:
    """Jobs and events that run."""

    db: Db
    jobs: Jobs
    odd: OddJobs
    heard: Heard
    listener: Listener
    runner: Runner

    async def want(self, word: str, number: int, *more: Struct) -> None:
        """Enqueue a note and tell a number."""
        async with self.db.transaction() as tx:
            await self.jobs.add_all(tx, [*more, Note(word=word)])
            await emit(tx, Counted(number=number))


@asynccontextmanager
async def background(dsn: str, channel: str) -> AsyncIterator[Background]:
    async with open_db(dsn, max_size=4) as db, TaskScope() as tasks:
        jobs, odd = odd_jobs(db, channel)
        listener, heard = Listener(dsn), Heard()
        tasks.spawn(listener.run(), name="listener")
        dispatcher = Dispatcher(db, SystemClock(), listener, channel)
        dispatcher.declare((Counted,), (), heard)
        runner = Runner(db, jobs, listener, channel, Pace(lost_after_s=2, poll_s=30, grace_s=0.1))
        async with dispatcher.running(), runner.running():
            yield Background(db, jobs, odd, heard, listener, runner)


async def test_what_is_wanted_before_and_after_an_outage_happens() -> None:
    with data_directory() as folder:
        async with AsyncExitStack() as stack:
            with running_cluster(folder, is_durable=True) as cluster:
                migrated = await migrate(
                    cluster.dsn, MIGRATIONS, REALMS, new_secrets(), lambda _: None
                )
                one = await stack.enter_async_context(
                    background(migrated.dsns["public"], migrated.channels["public"])
                )
                await one.want("before", 1, Wait(name="through it all"))
                await until(lambda: one.odd.words == ["before"] and one.heard.numbers == [1])
                await one.odd.begun.wait()
            await asyncio.sleep(1)
            with running_cluster(folder, is_durable=True):
                await one.listener.listening()
                await one.want("after", 2)
                await until(lambda: "after" in one.odd.words and one.heard.numbers == [1, 2])
                await one.runner.check()
                assert one.odd.cancelled == []
                await one.runner.stop(0.1)
                [kept] = await Desk(one.db, one.jobs).page("queued")
                assert (kept.kind, kept.failure_count) == ("odd.wait", 0)
                await stack.aclose()
