"""What PgQueuer is given: a driver that outlives PostgreSQL, and queries that hold what kills runners."""

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Self

from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.tm import TaskManager
from pgqueuer.domain.models import Job as Picked
from pgqueuer.domain.models import TracebackRecord
from pgqueuer.domain.types import JOB_STATUS, QueueEntrypoint, QueueManagerId
from pgqueuer.ports.driver import Driver, NotifyCallback
from pgqueuer.ports.repository import EntrypointExecutionParameter

from server.kernel.db import Db
from server.kernel.errors import Unavailable
from server.kernel.jobs import store
from server.kernel.jobs.model import JobLost
from server.kernel.listen import Heard, Listener
from server.kernel.log import get_log
from server.kernel.secret import masked

log = get_log(__name__)

STOPPED: Final = "the server stops"
LOST_RUNS_MAX: Final = 3
"""A job whose runner died this often in a row is held: it is likely the cause."""

_AGAIN_S: Final = 0.25


class OutlivingDriver(Driver):
    """PgQueuer's way to the database: waits while it is away, so that an outage ends no manager."""

    def __init__(self, db: Db, listener: Listener, channel: str) -> None:
        self._db = db
        self._listener = listener
        self._channel = channel
        self._heard: list[tuple[str, Heard]] = []
        self._has_given_up = asyncio.Event()
        self.is_listening = asyncio.Event()

    def give_up(self) -> None:
        """Wait no longer for a database that is away: the server stops."""
        self._has_given_up.set()

    async def fetch(self, query: str, *args: object) -> list[dict[str, Any]]:
        """Return rows. Raises: Unavailable, after `give_up`."""
        while True:
            try:
                return await self._db.records(query, *args)
            except Unavailable:
                if self._has_given_up.is_set():
                    raise
            await asyncio.sleep(_AGAIN_S)

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement; nobody reads its tag."""
        await self.fetch(query, *args)
        return ""

    async def notify(self, channel: str, payload: str) -> None:
        """Notify at once."""
        await self.fetch("SELECT pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Call back with each payload, and as if there were work after notifications may be lost."""

        def heard(payload: str) -> None:
            callback(payload or store.table_changed(self._channel))

        self._heard.append((channel, heard))
        await self._listener.add(channel, heard)
        self.is_listening.set()

    @property
    def shutdown(self) -> asyncio.Event:
        """Set when the driver should take no more work."""
        return self._has_given_up

    @property
    def tm(self) -> TaskManager:
        """Tasks of the driver: none."""
        return TaskManager()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for channel, heard in self._heard:
            await self._listener.remove(channel, heard)
        self._heard.clear()
        self.is_listening.clear()


@dataclasses.dataclass(kw_only=True)
class RealmQueries(Queries):
    """PgQueuer's queries, which look into queues with room only and hold jobs whose runners keep dying."""

    room: Callable[[QueueEntrypoint], int]
    orphans: frozenset[int] = frozenset()  # ran when an earlier process died
    in_hand: set[int] = dataclasses.field(default_factory=set)

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[Picked]:
        """Pick jobs, without those that are held from now on; no more than there is room for now."""
        limits = {
            name: EntrypointExecutionParameter(concurrency_limit=room)
            for name in entrypoints
            if (room := self.room(name))  # PgQueuer takes 0 for no limit
        }
        if not limits:
            return []
        ours = set(self.in_hand)  # it may end while the statement runs
        found = await super().dequeue(
            batch_size, limits, queue_manager_id, global_concurrency_limit, heartbeat_timeout
        )
        # What we run seems lost when the clock was set on, or the computer slept: its runner did not die.
        for again in [one for one in found if one.id in ours]:
            await self.driver.execute(store.ADVANCE.sql.text, again.id)
        picked = [one for one in found if one.id not in ours]
        self.in_hand.update(one.id for one in picked)
        suspects = [  # others are too young to have been lost
            one.id
            for one in picked
            if one.id in self.orphans or one.updated - one.created > heartbeat_timeout
        ]
        if not suspects:
            return picked
        rows = await self.driver.fetch(store.LOST_RUNS.sql.text, suspects)
        poison = {row["job_id"] for row in rows if _count(row["pick_count"]) > LOST_RUNS_MAX}
        await self._hold([one for one in picked if one.id in poison])
        return [one for one in picked if one.id not in poison]

    async def _hold(self, poison: list[Picked]) -> None:
        if not poison:
            return
        lost = JobLost(f"its runner died {LOST_RUNS_MAX} times in a row while it ran")
        for one in poison:
            log.error("job is held", job_id=one.id, headers=one.headers, reason=str(lost))
        await self.log_jobs(
            [(one, "failed", TracebackRecord.from_exception(lost, one.id)) for one in poison]
        )

    async def log_jobs(
        self, job_status: list[tuple[Picked, JOB_STATUS, TracebackRecord | None]]
    ) -> None:
        """Note how jobs ended."""
        await super().log_jobs([(one, status, _clean(why)) for one, status, why in job_status])
        self.in_hand.difference_update(one.id for one, _, _ in job_status)
        if any(status == "failed" for _, status, _ in job_status):
            await self._wake()

    async def retry_job(
        self, job: Picked, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        """Queue a job again: after a failure it counts, after a stop it does not."""
        self.in_hand.discard(job.id)
        context = (traceback_record and traceback_record.additional_context) or {}
        if context.get("reason") == STOPPED:
            await self.driver.execute(store.GIVE_BACK.sql.text, job.id)
        else:
            await super().retry_job(job, delay, _clean(traceback_record))
        await self._wake()

    async def _wake(self) -> None:
        """Tell that a place in a queue is free: updates notify nobody."""
        channel = self.qbe.settings.channel
        await self.driver.notify(channel, store.table_changed(channel))

    async def queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        """Return whether anything waits in queues with room."""
        return await super().queued_work([name for name in entrypoints if self.room(name)])

    async def eligible_queued_work(self, entrypoints: list[QueueEntrypoint]) -> int:
        """Return whether anything in queues with room could start now."""
        opened = [name for name in entrypoints if self.room(name)]
        return await super().eligible_queued_work(opened)

    async def next_deferred_eta(self, entrypoints: list[QueueEntrypoint]) -> timedelta | None:
        """Return how long until something in queues with room may start."""
        return await super().next_deferred_eta([name for name in entrypoints if self.room(name)])


def realm_queries(
    driver: Driver,
    channel: str,
    room: Callable[[QueueEntrypoint], int],
) -> RealmQueries:
    """Return PgQueuer's queries with all names given."""
    names = store.settings(channel)
    return RealmQueries(
        driver=driver,
        qbe=QueryBuilderEnvironment(names),
        qbq=QueryQueueBuilder(names),
        qbs=QuerySchedulerBuilder(names),
        room=room,
    )


def _clean(why: TracebackRecord | None) -> TracebackRecord | None:
    """Return what is kept of a failure, without the secrets that texts of errors may quote."""
    if why is None:
        return None
    return why.model_copy(
        update={
            "exception_message": masked(why.exception_message),
            "traceback": masked(why.traceback),
        }
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
