"""The schedule on a real PostgreSQL, by a clock that the test sets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest
from msgspec import Struct

from server.kernel.background import Declared, Line, open_background
from server.kernel.clock import SystemClock
from server.kernel.db import Db, open_db
from server.kernel.jobs import Desk, Jobs
from server.kernel.leader import LockLeader, Work
from server.kernel.migrate import migrate
from server.kernel.realm import PUBLIC, REALMS, Secrets, new_secrets, realm_dsn
from server.kernel.roles import Owner
from server.kernel.schedule import Cron, Scheduler, ScheduleUnknown, Timetable
from server.kernel.tasks import TaskScope
from server.kernel.viewer import Viewer
from tests.conftest import MIGRATIONS
from tests.helpers.clock import FakeClock
from tests.helpers.jobs import Fail, Note, OddJobs, channel_of, odd_jobs
from tests.helpers.postgres import data_directory, running_cluster
from tests.helpers.until import until

NIGHTLY = Cron(name="odd.nightly", expression="0 4 * * *", payload=Fail(times=0))


class Unknown(Struct, frozen=True, kw_only=True):
    """No job takes this."""


class Alone:
    """The leader where there is nobody else."""

    async def lead(self, work: Work) -> None:
        await work()


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")


@pytest.fixture
def clock() -> FakeClock:
    """Half past three in the night, in Berlin in summer."""
    return FakeClock(datetime(2026, 7, 1, 1, 30, tzinfo=UTC))


@pytest.fixture
async def line(owner_dsn: str, secrets: Secrets) -> Line:
    return Line(
        dsn=realm_dsn(owner_dsn, PUBLIC, secrets),
        channel=await channel_of(owner_dsn),
        key=secrets.key(PUBLIC),
    )


@pytest.fixture
def made(db: Db, line: Line) -> tuple[Jobs, OddJobs]:
    return odd_jobs(db, line.channel)


@asynccontextmanager
async def scheduling(db: Db, clock: FakeClock, jobs: Jobs, *crons: Cron) -> AsyncIterator[None]:
    async with Scheduler(db, clock, jobs, crons, Alone(), look_s=0.01).running():
        await until(lambda: _have_begun(db, len(crons)))
        yield


async def _have_begun(db: Db, count: int) -> bool:
    return len(await db.records("SELECT FROM schedules")) == count


async def until_there_are(db: Db, jobs: Jobs, count: int) -> None:
    async def there_are() -> bool:
        return len(await Desk(db, jobs).page("queued")) == count

    await until(there_are)


async def test_a_job_is_enqueued_each_time_that_it_is_due(
    db: Db, clock: FakeClock, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    async with scheduling(db, clock, jobs, NIGHTLY):
        clock.go(minutes=29)
        await asyncio.sleep(0.1)
        assert await Desk(db, jobs).page("queued") == []
        clock.go(minutes=2)
        await until_there_are(db, jobs, 1)
        clock.go(days=1)
        await until_there_are(db, jobs, 2)
    [first, second] = await Desk(db, jobs).page("queued")
    assert (first.kind, second.kind) == ("odd.fail", "odd.fail")


async def test_what_came_due_while_the_server_was_off_is_made_up_for_once(
    db: Db, clock: FakeClock, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    async with scheduling(db, clock, jobs, NIGHTLY):
        pass
    assert await Desk(db, jobs).page("queued") == []
    clock.go(days=3)
    async with scheduling(db, clock, jobs, NIGHTLY):
        await until_there_are(db, jobs, 1)
        clock.go(days=1)
        await until_there_are(db, jobs, 2)
    async with scheduling(db, clock, jobs, NIGHTLY):
        await asyncio.sleep(0.1)
    assert len(await Desk(db, jobs).page("queued")) == 2


async def test_a_clock_that_is_set_back_stops_nothing(
    db: Db, clock: FakeClock, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    clock.go(days=36_500)
    async with scheduling(db, clock, jobs, NIGHTLY):
        pass
    clock.go(days=-36_500)
    async with scheduling(db, clock, jobs, NIGHTLY):
        await asyncio.sleep(0.1)
        clock.go(hours=1)
        await until_there_are(db, jobs, 1)


async def test_a_clock_that_jumps_by_a_day_and_back_doubles_nothing(
    db: Db, clock: FakeClock, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    async with scheduling(db, clock, jobs, NIGHTLY):
        clock.go(days=1)
        await until_there_are(db, jobs, 1)
        clock.go(days=-1)
        await asyncio.sleep(0.1)
        assert len(await Desk(db, jobs).page("queued")) == 1
        clock.go(hours=1)
        await until_there_are(db, jobs, 2)
        await asyncio.sleep(0.1)
    assert len(await Desk(db, jobs).page("queued")) == 2


async def test_work_that_waits_already_is_not_enqueued_again(
    db: Db, clock: FakeClock, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    note = Cron(name="odd.note", expression="* * * * *", payload=Note(word="a"))
    async with scheduling(db, clock, jobs, note, NIGHTLY):
        for _ in range(3):
            clock.go(minutes=1)
            await asyncio.sleep(0.05)
        clock.go(hours=1)
        await until_there_are(db, jobs, 2)


async def test_a_database_that_is_away_when_a_job_is_due_loses_nothing(clock: FakeClock) -> None:
    with data_directory() as folder:
        async with AsyncExitStack() as stack:
            with running_cluster(folder, is_durable=True) as cluster:
                migrated = await migrate(
                    cluster.dsn, MIGRATIONS, REALMS, new_secrets(), lambda _: None
                )
                db = await stack.enter_async_context(open_db(migrated.dsns["public"]))
                jobs, _ = odd_jobs(db, migrated.channels["public"])
                await stack.enter_async_context(scheduling(db, clock, jobs, NIGHTLY))
            clock.go(days=2)
            await asyncio.sleep(0.5)
            with running_cluster(folder, is_durable=True):
                await until_there_are(db, jobs, 1)
                await stack.aclose()


async def test_the_background_runs_what_is_due(db: Db, owner: Owner, line: Line) -> None:
    odd = OddJobs()
    cron = Cron(name="odd.yearly", expression="0 0 1 1 *", payload=Note(word="happy new year"))
    declared = Declared(jobs=(odd,), consumers=(), heard={}, private_events=(), schedule=(cron,))
    jobs = Jobs(db, SystemClock(), line.channel)
    await owner.execute("INSERT INTO public.schedules VALUES ('odd.yearly', '2020-01-01Z')")
    async with open_background(db, SystemClock(), jobs, line, declared, nobody):
        await until(lambda: odd.words == ["happy new year"])


@pytest.mark.parametrize(
    ("crons", "why"),
    [
        ((NIGHTLY, NIGHTLY), "name of their own"),
        ((Cron(name="odd", expression="0 4 * * *", payload=Unknown()),), "no job takes Unknown"),
    ],
)
async def test_a_schedule_that_cannot_work_is_refused(
    db: Db, clock: FakeClock, made: tuple[Jobs, OddJobs], crons: tuple[Cron, ...], why: str
) -> None:
    jobs, _ = made
    with pytest.raises(ValueError, match=why):
        Scheduler(db, clock, jobs, crons, Alone())


async def test_another_takes_over_when_the_connection_of_the_leader_dies(
    owner: Owner, line: Line
) -> None:
    terms: list[int] = []
    leading: set[int] = set()

    async def work() -> None:
        if leading:
            pytest.fail("there is one already")
        terms.append(len(terms))
        leading.add(terms[-1])
        try:
            await asyncio.Event().wait()
        finally:
            leading.clear()

    async with TaskScope() as tasks:
        for name in ("first", "second", "third"):
            leader = LockLeader(line.dsn, line.channel, look_s=0.05)
            tasks.spawn(leader.lead(work), name=name)
        for count in range(1, 6):
            await until(lambda count=count: len(terms) == count)
            await asyncio.sleep(0.2)
            assert len(terms) == count
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            )
        await until(lambda: len(terms) == 6)


async def test_work_that_breaks_is_begun_again(line: Line) -> None:
    tries: list[int] = []

    async def work() -> None:
        tries.append(len(tries))
        raise ValueError("broken work")

    async with TaskScope() as tasks:
        leader = LockLeader(line.dsn, line.channel, look_s=0.05)
        tasks.spawn(leader.lead(work), name="leader")
        await until(lambda: len(tries) >= 3)


async def test_two_leaders_for_a_moment_enqueue_once(
    db: Db, clock: FakeClock, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    async with AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(scheduling(db, clock, jobs, NIGHTLY))
        await asyncio.sleep(0.1)
        for days in range(1, 4):
            clock.go(days=1)
            await until_there_are(db, jobs, days)
        await asyncio.sleep(0.2)
    assert len(await Desk(db, jobs).page("queued")) == 3


async def test_the_timetable_says_what_comes_next_and_runs_it_now(
    db: Db, clock: FakeClock, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    weekly = Cron(name="odd.weekly", expression="30 3 * * sun", payload=Note(word="a"))
    table = Timetable(db, clock, jobs, (weekly, NIGHTLY))
    nightly, last = table.due()
    assert (nightly.name, nightly.kind, nightly.expression) == (
        "odd.nightly",
        "odd.fail",
        "0 4 * * *",
    )
    assert nightly.next_at == datetime(2026, 7, 1, 2, tzinfo=UTC)
    assert last.next_at == datetime(2026, 7, 5, 1, 30, tzinfo=UTC)
    assert await table.run_now("odd.weekly") is not None
    assert await table.run_now("odd.weekly") is None
    with pytest.raises(ScheduleUnknown):
        await table.run_now("odd.never")


async def nobody(_token: str) -> Viewer | None:
    return None
