"""Runs jobs by PgQueuer, with what it leaves open: retries, held poison, a stop that loses nothing."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from datetime import timedelta
from typing import Final, Literal

from msgspec import Struct
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context
from pgqueuer.domain.models import Job as Picked
from pgqueuer.domain.types import Channel, QueueEntrypoint

from server.kernel.db import Db
from server.kernel.errors import Limited, Unavailable
from server.kernel.jobs import store
from server.kernel.jobs.model import QUEUES, JobTimedOut, Kind, Queue, Rule, UnknownJob
from server.kernel.jobs.pgqueuer_parts import STOPPED, OutlivingDriver, RealmQueries, realm_queries
from server.kernel.jobs.service import Jobs
from server.kernel.listen import Listener
from server.kernel.log import bound, cause_in, get_log
from server.kernel.secret import masked

log = get_log(__name__)

_PROGRESS_EVERY_S: Final = 0.5
_RESTART_S: Final = 1.0
_GIVE_BACK_S: Final = 1.0
_REASON_MAX: Final = 1000
_QUEUES: Final[dict[str, Queue]] = {queue.name: queue for queue in QUEUES}


Result = Literal["done", "again", "failed", "cancelled"]
OnEnd = Callable[[Rule, Result, float], None]
Around = Callable[[Rule], AbstractContextManager[None]]


class Pace(Struct, frozen=True, kw_only=True):
    """How the runner goes about: a job whose runner gave no sign of life for `lost_after_s` is rescued.

    `poll_s` is how long a lost notification can delay a job, `clock_s` how long a clock that was set back can,
    `batch` how many are picked at once.
    """

    lost_after_s: float = 20.0
    poll_s: float = 2.0
    clock_s: float = 60.0
    batch: int = 8
    grace_s: float = 3.0


_DEFAULT_PACE: Final = Pace()


class Runner:
    """Runs the jobs of one realm, at most one life per instance."""

    def __init__(
        self, db: Db, jobs: Jobs, listener: Listener, channel: str, pace: Pace = _DEFAULT_PACE
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._pace = pace
        self._driver = OutlivingDriver(db, listener, channel)
        self._queries = realm_queries(self._driver, channel, self._room)
        self._channel = Channel(channel)
        self._manager: _Manager | None = None
        self._contexts: dict[int, Context] = {}
        self._counts: Counter[str] = Counter()
        self._is_stopping = False
        self._task: asyncio.Task[None] | None = None
        self.on_end: OnEnd = _ignore
        self.around: Around = _untraced

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run jobs inside the block; leaving stops as `stop` does."""
        await self._jobs.load_pauses()
        # a realm has one server process, this one: what seems to run does so for nobody alive
        self._queries.orphans = frozenset(await self._db.all(store.GIVE_BACK_ORPHANS))
        await self._hold_unknown()
        async with asyncio.TaskGroup() as group:
            self._task = group.create_task(self._run(), name="jobs")
            minding = group.create_task(self._mind_clock(), name="clock of jobs")
            try:
                yield
            finally:
                minding.cancel()
                await self.stop(self._pace.grace_s)

    async def stop(self, grace_s: float) -> None:
        """Pick no more, let jobs end for `grace_s`, then put those that still run back in the queue.

        Asked again, as when the first time was broken off, it waits for no job. One that does not heed
        its cancellation is given back by the next start.
        """
        if self._is_stopping:
            grace_s = 0.0
        self._is_stopping = True
        if self._task is None or self._task.done():
            return
        if self._manager is not None:
            self._manager.shutdown.set()
        await asyncio.wait({self._task}, timeout=grace_s)
        for context in list(self._contexts.values()):
            context.cancellation.cancel()
        await asyncio.wait({self._task}, timeout=_GIVE_BACK_S)
        self._driver.give_up()
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=_GIVE_BACK_S)

    async def check(self) -> None:
        """Raise unless the runner hears what it says to itself over PostgreSQL."""
        await self._driver.is_listening.wait()
        if self._manager is None:
            raise Unavailable
        await self._manager.listener_healthy(timeout=timedelta(seconds=4))

    async def execute(self, picked: Picked, context: Context) -> None:
        """Run a job that was picked. Raises: RetryRequested, and what makes it fail for good."""
        if self._is_stopping:
            raise RetryRequested(reason=STOPPED)
        kind = self._jobs.kinds.get(str((picked.headers or {}).get("kind")))
        if kind is None:
            raise UnknownJob
        self._contexts[picked.id] = context
        self._counts[picked.entrypoint] += 1
        try:
            with (
                bound(job_id=picked.id, job=kind.rule.name, **cause_in(picked.headers or {})),
                context.cancellation,
                self._timed(kind.rule),
            ):
                await self._handle(kind, picked)
        finally:
            self._counts[picked.entrypoint] -= 1
            self._contexts.pop(picked.id, None)
        if context.cancellation.cancelled_caught and self._is_stopping:
            raise RetryRequested(reason=STOPPED)

    @contextmanager
    def _timed(self, rule: Rule) -> Iterator[None]:
        result: Result = "cancelled"
        began_s = time.monotonic()
        try:
            yield
            result = "done"
        except RetryRequested:
            result = "again"
            raise
        except Exception:
            result = "failed"
            raise
        finally:
            self.on_end(rule, result, time.monotonic() - began_s)

    async def _hold_unknown(self) -> None:
        """Hold what an earlier version left and this one cannot run, all at once instead of one by one."""
        why = UnknownJob()
        kinds, queues = list(self._jobs.kinds), list(_QUEUES)
        held = await self._db.all(store.HOLD_UNKNOWN, kinds, queues, type(why).__name__, str(why))
        for one in held:
            log.warning("jobs are held", job=one.kind, count=one.job_count, reason=str(why))

    async def _handle(self, kind: Kind, picked: Picked) -> None:
        payload = kind.decode(
            picked.payload or b""
        )  # what does not fit will not fit later: no retry
        run = JobRun(self._jobs, picked.id, picked.attempts)
        arguments = (payload, run) if kind.takes_run else (payload,)
        limit = asyncio.timeout(kind.rule.timeout_s)
        try:
            with self.around(kind.rule):
                async with limit:
                    await kind.handler(*arguments)
        except Exception as error:
            timed_out = limit.expired() and isinstance(error, TimeoutError)
            failure = (
                JobTimedOut(f"took longer than {kind.rule.timeout_s} s") if timed_out else error
            )
            if picked.attempts >= kind.rule.retries:
                raise failure from error
            reason = masked(f"{type(failure).__name__}: {failure}")[:_REASON_MAX]
            raise RetryRequested(_delay(kind.rule, picked.attempts, error), reason) from error

    async def _run(self) -> None:
        """Run PgQueuer's manager; whatever ends it, a new one takes over."""
        while not self._is_stopping:
            self._manager = manager = _Manager(queries=self._queries, channel=self._channel)
            for queue in QUEUES:
                manager.register_executor(queue.name, _executor(self, queue.limit))
            try:
                await manager.run(
                    dequeue_timeout=timedelta(seconds=self._pace.poll_s),
                    batch_size=self._pace.batch,
                    heartbeat_timeout=timedelta(seconds=self._pace.lost_after_s),
                    log_aggregation_interval=timedelta(0),
                )
            except Exception:  # jobs must go on, whatever it was
                if not self._is_stopping:
                    log.exception("the job runner broke and starts again")
                    await asyncio.sleep(_RESTART_S)
            finally:
                self._manager = None
                self._queries.in_hand.clear()

    async def _mind_clock(self) -> None:
        """Keep what waits from waiting for the hour that it was, when the computer's clock is set back."""
        while True:
            await self._driver.execute(store.SETTLE_CLOCK.sql.text)
            await asyncio.sleep(self._pace.clock_s)

    def _room(self, name: QueueEntrypoint) -> int:
        """Return how many jobs of a queue may run at once now; 0 where none is to be looked for: it rests, or is full."""
        room = self._jobs.room(_QUEUES[name])
        return room if self._counts[name] < room else 0


class JobRun:
    """One run of a job, as its handler sees it."""

    def __init__(self, jobs: Jobs, job_id: int, failure_count: int) -> None:
        self.job_id = job_id
        self.failure_count = failure_count
        self._jobs = jobs
        self._noted_s = float("-inf")
        self._has_advanced = False

    async def progress(self, done_count: int, total_count: int, note: str = "") -> None:
        """Tell how far the job is; what comes too often is left out, but never the end."""
        now_s = time.monotonic()
        if now_s - self._noted_s < _PROGRESS_EVERY_S and done_count != total_count:
            return
        self._noted_s = now_s
        await self._jobs.note_progress(self.job_id, done_count, total_count, note)

    async def advance(self) -> None:
        """Tell that something is done for good; noted once a run."""
        if not self._has_advanced:
            await self._jobs.note_advance(self.job_id)
            self._has_advanced = True


class _Manager(QueueManager):
    """PgQueuer's manager that leaves out queues without room."""

    queries: RealmQueries

    def entrypoints_below_capacity_limits(self) -> set[QueueEntrypoint]:
        """Return the queues to pick from; their limits are kept by the statement that picks."""
        return {name for name in self.entrypoint_registry if self.queries.room(name)}


class _Executor(AbstractEntrypointExecutor):
    """Hands a job of a queue to the runner; what fails for good is held for an administrator."""

    runner: Runner

    async def execute(self, job: Picked, context: Context) -> None:
        """Run the job."""
        await self.runner.execute(job, context)


def _executor(runner: Runner, limit: int) -> _Executor:
    executor = _Executor(
        EntrypointExecutorParameters(
            concurrency_limit=limit, func=runner.execute, accepts_context=True, on_failure="hold"
        )
    )
    executor.runner = runner
    return executor


def _ignore(_rule: Rule, _result: Result, _duration_s: float) -> None:
    """Nobody wants to know how runs end."""


def _untraced(_rule: Rule) -> AbstractContextManager[None]:
    """Nobody traces runs."""
    return nullcontext()


def _delay(rule: Rule, failure_count: int, error: Exception) -> timedelta:
    """Return the pause before the next try: no shorter than who failed asks for."""
    asked_s = error.retry_after_s if isinstance(error, (Limited, Unavailable)) else 0
    return timedelta(seconds=max(rule.backoff.delay_s(failure_count), asked_s))
