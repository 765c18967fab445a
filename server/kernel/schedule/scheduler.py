"""Waits until jobs are due and enqueues them, through suspended computers and lost databases."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger
from tzlocal import reload_localzone

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.errors import Unavailable
from server.kernel.jobs import Jobs
from server.kernel.leader import Leader
from server.kernel.log import get_log
from server.kernel.schedule import store
from server.kernel.schedule.model import Cron
from server.kernel.tasks import TaskScope

log = get_log(__name__)

_AGAIN_S: Final = 1.0


class Scheduler:
    """Enqueues the jobs of one realm when they are due, while it leads; what came due before, once.

    It looks at the clock every `look_s`: timers stand still while a computer sleeps, and do not know
    that its clock was set. Raises: ValueError, for a schedule that cannot work.
    """

    def __init__(
        self,
        db: Db,
        clock: Clock,
        jobs: Jobs,
        crons: Sequence[Cron],
        leader: Leader,
        *,
        look_s: float = 60.0,
    ) -> None:
        if len({cron.name for cron in crons}) != len(crons):
            raise ValueError("schedules need a name of their own each")
        for cron in crons:
            if not jobs.takes(cron.payload):
                raise ValueError(
                    f"schedule {cron.name}: no job takes {type(cron.payload).__name__}"
                )
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self._crons = crons
        self._leader = leader
        self._look_s = look_s

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Enqueue inside the block, whenever this process leads."""
        async with TaskScope() as tasks:
            tasks.spawn(self._leader.lead(self._lead), name="schedule")
            yield

    async def _lead(self) -> None:
        zone = local_zone()
        async with asyncio.TaskGroup() as group:
            for cron in self._crons:
                trigger = CronTrigger.from_crontab(cron.expression, zone)
                group.create_task(self._serve(cron, trigger), name=f"schedule {cron.name}")

    async def _serve(self, cron: Cron, trigger: CronTrigger) -> None:
        while True:
            try:
                await self._follow(cron, trigger)
            except Unavailable as error:
                log.debug("the schedule waits for the database", reason=repr(error))
                await asyncio.sleep(_AGAIN_S)

    async def _follow(self, cron: Cron, trigger: CronTrigger) -> None:
        """Enqueue each time that it is due; return when another leader was quicker."""
        last_at = noted_at = await self._db.value(store.BEGIN, cron.name, self._clock.now())
        while True:
            now = self._clock.now()
            last_at = min(last_at, now)  # the clock may have been set back
            due_at: datetime = trigger.get_next_fire_time(last_at, now)
            if due_at > now:
                await asyncio.sleep(min((due_at - now).total_seconds(), self._look_s))
            elif await self._enqueue(cron, noted_at, now):
                last_at = noted_at = now
            else:
                return

    async def _enqueue(self, cron: Cron, noted_at: datetime, now: datetime) -> bool:
        """Enqueue and note it; return whether nobody else did."""
        async with self._db.transaction() as tx:
            if await tx.execute(store.TAKE, cron.name, noted_at, now) == 0:
                return False
            job_id = await self._jobs.add(tx, cron.payload)
        log.info("a job is due", schedule=cron.name, job_id=job_id)
        return True


def local_zone() -> tzinfo:
    """Return the computer's time zone; UTC, and a line in the log, where it has none that is clear."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        try:
            return reload_localzone()
        except (ZoneInfoNotFoundError, OSError, ValueError, UserWarning) as error:
            log.warning("the schedule counts in UTC: no clear time zone, set TZ", reason=str(error))
            return UTC
