"""Jobs on a real PostgreSQL: what is wanted happens, and nothing gets lost."""

import asyncio
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import Struct
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder
from pgqueuer.adapters.persistence.queries import Queries

from app.supervisor.worker import WorkerPool
from server.kernel.clock import SystemClock
from server.kernel.db import Db
from server.kernel.jobs import (
    LIBRARY,
    Desk,
    EndedJob,
    Job,
    JobRow,
    Jobs,
    Pace,
    Place,
    UnknownJob,
    job,
)
from server.kernel.jobs.store import settings
from server.kernel.precedence import Precedence
from server.kernel.realm import PUBLIC, REALMS, Realm, Secrets, realm_dsn
from server.kernel.roles import Owner
from server.kernel.workers import Workers
from tests.helpers.jobs import (
    PATIENT,
    Fail,
    Hurry,
    Kill,
    Note,
    OddJobs,
    Wait,
    channel_of,
    odd_jobs,
    running,
)
from tests.helpers.odd_worker import Crash, Echo
from tests.helpers.until import until

ROOT = Path(__file__).parents[3]


class Aborted(Exception):
    """The transaction is given up."""


class CrashWorker(Struct, frozen=True, kw_only=True):
    """Have a worker process die."""


class WriteDown(Struct, frozen=True, kw_only=True):
    """Have a worker say something."""


class Doomed:
    """Work on which every worker dies, and work beside it."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self.run_count = 0
        self.written = ""

    @job("odd.write_down", queue=LIBRARY)
    async def write_down(self, _payload: WriteDown) -> None:
        self.written = await self._workers.run(Echo(text="as ever"), timeout_s=20)

    @job("odd.crash_worker", queue=LIBRARY)
    async def crash(self, _payload: CrashWorker) -> None:
        self.run_count += 1
        await self._workers.run(Crash(), timeout_s=20)


@pytest.fixture
async def channel(owner_dsn: str) -> str:
    return await channel_of(owner_dsn)


@pytest.fixture
def dsn(owner_dsn: str, secrets: Secrets) -> str:
    return realm_dsn(owner_dsn, PUBLIC, secrets)


@pytest.fixture
def made(db: Db, channel: str) -> tuple[Jobs, OddJobs]:
    return odd_jobs(db, channel)


async def add(db: Db, jobs: Jobs, *payloads: Job | Note | Fail | Wait | Kill | Hurry) -> list[int]:
    async with db.transaction() as tx:
        ids = await jobs.add_all(tx, payloads)
    return [job_id for job_id in ids if job_id is not None]


async def give_up(db: Db, jobs: Jobs) -> None:
    async with db.transaction() as tx:
        assert await jobs.add(tx, Note(word="never")) is not None
        raise Aborted


async def status(owner: Owner) -> list[tuple[str, int]]:
    rows = await owner.fetch("SELECT status::text, attempts FROM public.jobs ORDER BY id")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("realm", REALMS, ids=lambda realm: realm.name)
async def test_the_tables_are_those_of_the_installed_release(
    owner: Owner, realm: Realm, owner_dsn: str
) -> None:
    names = settings(await channel_of(owner_dsn, realm.name))
    await owner.execute(f"SET search_path = {realm.search_path}")
    queries = Queries(
        AsyncpgDriver(owner), qbe=QueryBuilderEnvironment(names), qbq=QueryQueueBuilder(names)
    )
    plan = await queries.plan_upgrade()
    assert list(plan.statements) == [], "write a migration with these statements"


async def test_the_realms_have_channels_of_their_own(owner: Owner) -> None:
    bodies = await owner.fetch("SELECT prosrc FROM pg_proc WHERE proname = 'jobs_changed'")
    names = await owner.fetch("SELECT name FROM shared.channels")
    assert len({row["name"] for row in names}) == len(bodies) == len(REALMS)
    assert all(any(name["name"] in body["prosrc"] for body in bodies) for name in names)


async def test_names_in_the_environment_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHANNEL", "QUEUE_TABLE", "PGQUEUER_SCHEMA", "PGQUEUER_PREFIX", "FUNCTION"):
        monkeypatch.setenv(name, "stranger")
    names = settings("ours")
    assert "stranger" not in repr(names)
    assert "stranger" not in QueryBuilderEnvironment(names).build_install_query()


async def test_a_rolled_back_transaction_leaves_no_job(
    db: Db, owner: Owner, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    with pytest.raises(Aborted):
        await give_up(db, jobs)
    assert await status(owner) == []


async def test_the_same_work_waits_once_and_the_transaction_goes_on(
    db: Db, owner: Owner, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    async with db.transaction() as tx:
        first = await jobs.add(tx, Note(word="a"))
        again = await jobs.add(tx, Note(word="a"))
        newer, twice = await jobs.add_all(
            tx, [Note(word="a", version=1), Note(word="a", version=1)]
        )
    assert first is not None
    assert again is None
    assert newer is not None
    assert twice is None
    assert len(await status(owner)) == 2


async def test_jobs_run_and_are_gone(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    async with running(db, dsn, jobs, channel) as runner:
        await add(db, jobs, *(Note(word=str(n)) for n in range(100)))
        await until(lambda: len(odd.words) == 100)
        await runner.check()
        await until(lambda: _is_empty(owner))
    assert sorted(odd.words) == sorted(str(n) for n in range(100))


async def test_a_failing_job_is_tried_again_with_growing_pauses_and_then_held(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    async with running(db, dsn, jobs, channel):
        [job_id] = await add(db, jobs, Fail(times=99))
        await until(lambda: _statuses_are(owner, [("failed", 2)]))
        first, second, third = odd.runs
        assert second - first >= 0.1
        assert third - second >= 0.3
        [held] = await Desk(db, jobs).page("failed")
        assert (held.job_id, held.kind, held.failure_count) == (job_id, "odd.fail", 2)
        assert held.error is not None
        assert "hunter2" not in held.error
        stored = await owner.fetch("SELECT traceback::text AS text FROM public.job_log")
        assert not any("hunter2" in (row["text"] or "") for row in stored)

        assert await Desk(db, jobs).replay(job_id) == 1
        await until(lambda: len(odd.runs) == 6)


async def test_a_job_that_succeeds_at_the_last_try_is_done(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    async with running(db, dsn, jobs, channel):
        await add(db, jobs, Fail(times=2))
        await until(lambda: len(odd.runs) == 3)
        await until(lambda: _is_empty(owner))


async def test_a_job_that_takes_too_long_fails(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    async with running(db, dsn, jobs, channel):
        await add(db, jobs, Hurry())
        await until(lambda: _statuses_are(owner, [("failed", 0)]))
        [held] = await Desk(db, jobs).page("failed")
        assert held.error == "took longer than 0.05 s"


async def test_a_payload_that_does_not_fit_and_an_unknown_kind_are_held(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    await add(db, jobs, Note(word="a"), Note(word="b"))
    await owner.execute("UPDATE public.jobs SET payload = '[]' WHERE id % 2 = 0")
    await owner.execute('UPDATE public.jobs SET headers = \'{"kind": "of.yore"}\' WHERE id % 2 = 1')
    async with running(db, dsn, jobs, channel):
        await until(lambda: _statuses_are(owner, [("failed", 0), ("failed", 0)]))


async def test_ten_thousand_jobs_of_a_removed_kind_are_held_at_once_and_stop_nothing(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    desk = Desk(db, jobs)
    await add(db, jobs, *(Fail(times=0) for _ in range(10_000)))
    await owner.execute('UPDATE public.jobs SET headers = \'{"kind": "of.yore"}\'')
    await add(db, jobs, Note(word="a"))
    async with running(db, dsn, jobs, channel):
        await until(lambda: odd.words == ["a"])
        [count] = await _counts(desk)
        assert count == ("metadata", "of.yore", "failed", 10_000)
        [held, *_] = await desk.dead(limit=1)
        assert held.error_type == UnknownJob.__name__
        assert held.error == "this version of the server has no such jobs"
        assert await desk.replay(held.job_id) == 0
        assert await desk.replay(kind="of.yore") == 0
        assert await desk.forget("of.yore") == 10_000
    assert await status(owner) == []


async def test_a_job_in_a_queue_that_is_no_more_is_held_and_replayed_in_the_one_of_its_kind(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    await add(db, jobs, Note(word="a"))
    await owner.execute("UPDATE public.jobs SET entrypoint = 'of-yore'")
    async with running(db, dsn, jobs, channel):
        await until(lambda: _statuses_are(owner, [("failed", 0)]))
        assert await Desk(db, jobs).replay(kind="odd.note") == 1
        await until(lambda: odd.words == ["a"])


async def test_lists_come_page_by_page_and_leave_nothing_out(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    desk = Desk(db, jobs)
    ids = await add(db, jobs, *(Note(word=str(n)) for n in range(25)))
    seen = await _walk(lambda after: desk.page("queued", after=after, limit=10), "due_at")
    assert seen == ids
    await owner.execute("UPDATE public.jobs SET status = 'failed'")
    seen = await _walk(lambda after: desk.dead(after=after, limit=10), "changed_at")
    assert seen == ids[::-1]
    assert await desk.dead(kind="odd.other") == []
    async with running(db, dsn, jobs, channel):
        assert await desk.replay(kind="odd.note") == 25
        await until(lambda: len(odd.words) == 25)
        await until(lambda: _is_empty(owner))
    seen = await _walk(lambda after: desk.ended(after=after, limit=10), "ended_at")
    assert sorted(seen) == ids


async def test_what_ended_tells_how_and_when(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    async with running(db, dsn, jobs, channel):
        [later] = await add(db, jobs, Job(payload=Note(word="later"), delay_s=60))
        [done] = await add(db, jobs, Fail(times=1))
        await until(lambda: _statuses_are(owner, [("queued", 0)]))
        await jobs.cancel(later)
    [cancelled, ended] = await Desk(db, jobs).ended()
    assert (cancelled.job_id, cancelled.is_done, cancelled.began_at) == (later, False, None)
    assert (ended.job_id, ended.kind, ended.queue) == (done, "odd.fail", "metadata")
    assert (ended.is_done, ended.failure_count) == (True, 1)
    assert ended.began_at is not None
    assert ended.created_at <= ended.began_at <= ended.ended_at
    await owner.execute("UPDATE public.job_log SET created = created - interval '31 days'")
    await jobs.forget_old()
    assert await Desk(db, jobs).ended() == []


async def test_stopping_puts_a_running_job_back_without_a_failure(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    async with running(db, dsn, jobs, channel) as runner:
        await add(db, jobs, Wait(name="long"))
        await odd.begun.wait()
        began_s = time.monotonic()
        await runner.stop(0.2)
        assert time.monotonic() - began_s < 1
    assert odd.cancelled == ["long"]
    assert await status(owner) == [("queued", 0)]
    odd.begun.clear()
    again, second = odd_jobs(db, channel)
    async with running(db, dsn, again, channel):
        await second.begun.wait()


async def test_a_stop_that_is_hurried_gives_a_running_job_back_at_once(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    async with asyncio.timeout(10), running(db, dsn, jobs, channel, Pace(grace_s=60)) as runner:
        await add(db, jobs, Wait(name="long"))
        await odd.begun.wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(runner.stop(60), 0.2)
        assert odd.cancelled == []
    assert odd.cancelled == ["long"]
    assert await status(owner) == [("queued", 0)]


async def test_a_job_whose_worker_dies_each_time_is_dead_after_its_tries(
    db: Db, dsn: str, owner: Owner, channel: str
) -> None:
    async with WorkerPool([sys.executable, "-m", "tests.helpers.odd_worker"], limit=1) as workers:
        doomed = Doomed(workers)
        jobs = Jobs(db, SystemClock(), channel)
        jobs.declare([doomed])
        async with db.transaction() as tx:
            await jobs.add_all(tx, [CrashWorker(), WriteDown()])
        async with running(db, dsn, jobs, channel):
            await until(lambda: _statuses_are(owner, [("failed", 1)]))
    assert (doomed.run_count, doomed.written) == (2, "as ever")
    [held] = await Desk(db, jobs).dead()
    assert held.error_type == "WorkerLost"


async def test_cancelling_breaks_off_what_runs_and_removes_what_waits(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    async with running(db, dsn, jobs, channel):
        [running_id] = await add(db, jobs, Wait(name="one"))
        [waiting_id] = await add(db, jobs, Job(payload=Note(word="later"), delay_s=60))
        await odd.begun.wait()
        [seen] = await Desk(db, jobs).page("picked")
        assert (seen.done_count, seen.total_count, seen.note) == (1, 3, "one")
        began_s = time.monotonic()
        assert await jobs.cancel(running_id, waiting_id) == 2
        await until(lambda: odd.cancelled == ["one"])
        assert time.monotonic() - began_s < 1
        assert await status(owner) == []
    assert await status(owner) == []


async def test_a_paused_queue_rests_also_after_a_restart(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    await jobs.pause()
    again, second = odd_jobs(db, channel)
    async with running(db, dsn, again, channel):
        await add(db, jobs, Note(word="a"))
        await asyncio.sleep(0.8)
        assert second.words == []
        await again.resume(LIBRARY)
        await asyncio.sleep(0.3)
        assert second.words == []
        began_s = time.monotonic()
        await again.resume()
        await until(lambda: second.words == ["a"])
        assert time.monotonic() - began_s < 0.4
    assert odd.words == []


async def test_fewer_run_at_once_while_somebody_streams(db: Db, dsn: str, channel: str) -> None:
    odd = OddJobs()
    jobs = Jobs(db, SystemClock(), channel, Precedence(hold_s=1.0))
    jobs.declare([odd])

    async def there_run(count: int) -> bool:
        return len(await Desk(db, jobs).page("picked")) == count

    jobs.precedence.streamed()
    async with running(db, dsn, jobs, channel):
        for name in "abcdef":
            await add(db, jobs, Wait(name=name))
        await until(lambda: there_run(1))
        while jobs.precedence.gives_way:
            assert await there_run(1) or not jobs.precedence.gives_way
        await until(lambda: there_run(LIBRARY.limit))


async def test_a_clock_that_jumps_ahead_runs_nothing_twice(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    async with running(db, dsn, jobs, channel):
        await add(db, jobs, Wait(name="long"))
        await odd.begun.wait()
        odd.begun.clear()
        for count in range(1, 6):
            await owner.execute(
                "UPDATE public.jobs SET heartbeat = heartbeat - interval '1 day', "
                "updated = updated - interval '1 day', created = created - interval '1 day'"
            )
            await add(db, jobs, Note(word=f"{count}"))
            await until(lambda count=count: len(odd.words) >= count)
        assert odd.words == ["1", "2", "3", "4", "5"]
        assert not odd.begun.is_set()
    assert odd.cancelled == ["long"]
    assert await status(owner) == [("queued", 0)]


async def test_a_clock_that_is_set_back_lets_nothing_wait_for_the_day_that_was(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    await jobs.pause()
    async with running(db, dsn, jobs, channel):
        await add(db, jobs, Note(word="due"), Job(payload=Note(word="in an hour"), delay_s=3600))
        await owner.execute(
            "UPDATE public.jobs SET created = created + interval '1 day', "
            "updated = updated + interval '1 day', execute_after = execute_after + interval '1 day'"
        )
        await jobs.resume()
        await until(lambda: odd.words == ["due"])
        [later] = await Desk(db, jobs).page("queued")
        assert timedelta(minutes=50) < later.due_at - SystemClock().now() < timedelta(minutes=61)


async def test_what_a_killed_process_ran_begins_again_at_once(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made

    async def runs() -> bool:
        return [one.note for one in await Desk(db, jobs).page("picked")] == ["long"]

    await add(db, jobs, Wait(name="long"))
    async with child(dsn, channel) as process:
        await until(runs)
        process.kill()
    assert await status(owner) == [("picked", 0)]
    async with running(db, dsn, jobs, channel, PATIENT):
        await odd.begun.wait()
        assert await status(owner) == [("picked", 0)]


async def test_a_job_that_kills_its_runner_three_times_is_held(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, _ = made
    await add(db, jobs, Kill())
    for _ in range(3):
        async with child(dsn, channel) as process:
            assert await asyncio.wait_for(process.wait(), 20) == -9
    async with running(db, dsn, jobs, channel, PATIENT):
        await until(lambda: _statuses_are(owner, [("failed", 0)]))
        [held] = await Desk(db, jobs).page("failed")
        assert held.error is not None
        assert "died 3 times" in held.error


async def test_a_job_that_gets_further_each_time_is_not_held(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    await add(db, made[0], Kill(has_advanced=True))
    for _ in range(5):
        async with child(dsn, channel) as process:
            assert await asyncio.wait_for(process.wait(), 20) == -9
    assert await status(owner) == [("picked", 0)]


async def test_old_log_rows_and_failed_jobs_go(
    db: Db, dsn: str, owner: Owner, channel: str, made: tuple[Jobs, OddJobs]
) -> None:
    jobs, odd = made
    async with running(db, dsn, jobs, channel):
        await add(db, jobs, Note(word="a"), Hurry())
        await until(lambda: _statuses_are(owner, [("failed", 0)]))
        await until(lambda: odd.words == ["a"])
    [waiting] = await add(db, jobs, Job(payload=Note(word="b"), delay_s=60))
    await owner.execute("UPDATE public.job_log SET created = created - interval '31 days'")
    await owner.execute("UPDATE public.jobs SET updated = updated - interval '31 days'")
    await jobs.forget_old()
    await owner.execute("UPDATE public.job_log SET created = created - interval '31 days'")
    await jobs.forget_old()
    assert await status(owner) == [("queued", 0)]
    left = await owner.fetch("SELECT DISTINCT job_id FROM public.job_log")
    assert [row["job_id"] for row in left] == [waiting]


async def _counts(desk: Desk) -> list[tuple[str, str | None, str, int]]:
    return [
        (one.queue, one.kind, one.status, one.job_count)
        for one in await desk.counts()
        if one.kind != "odd.note"
    ]


async def _walk[Row: (JobRow, EndedJob)](
    page: Callable[[Place | None], Awaitable[list[Row]]], at: str
) -> list[int]:
    """Return the ids of all pages."""
    seen: list[int] = []
    rows = await page(None)
    while rows:
        seen += [row.job_id for row in rows]
        rows = await page(Place(at=getattr(rows[-1], at), job_id=rows[-1].job_id))
    return seen


async def _is_empty(owner: Owner) -> bool:
    return await status(owner) == []


async def _statuses_are(owner: Owner, expected: list[tuple[str, int]]) -> bool:
    return await status(owner) == expected


@asynccontextmanager
async def child(dsn: str, channel: str) -> AsyncIterator[Process]:
    """Run jobs in a process of its own, which has ended after the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.helpers.jobs", dsn, channel, cwd=ROOT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
