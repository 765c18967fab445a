"""What comes due when, for those who want to look, or do not want to wait."""

from collections.abc import Sequence

from apscheduler.triggers.cron import CronTrigger
from msgspec import Struct

from server.kernel.clock import Clock, Instant
from server.kernel.db import Db
from server.kernel.errors import NotFound
from server.kernel.jobs import Jobs
from server.kernel.schedule.model import Cron
from server.kernel.schedule.scheduler import local_zone


class ScheduleUnknown(NotFound):
    """Nothing of that name comes due."""

    code = "schedule.unknown"


class Due(Struct, frozen=True, kw_only=True):
    """A schedule, the job that it enqueues, and when it does next."""

    name: str
    kind: str
    expression: str
    next_at: Instant


class Timetable:
    """The schedules of one realm; names are unique."""

    def __init__(self, db: Db, clock: Clock, jobs: Jobs, crons: Sequence[Cron]) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self._crons = {cron.name: cron for cron in crons}

    def due(self) -> list[Due]:
        """Return all schedules, the next one first."""
        now, zone = self._clock.now(), local_zone()
        rows = [
            Due(
                name=cron.name,
                kind=self._jobs.kind_of(cron.payload),
                expression=cron.expression,
                next_at=CronTrigger.from_crontab(cron.expression, zone).get_next_fire_time(
                    None, now
                ),
            )
            for cron in self._crons.values()
        ]
        return sorted(rows, key=lambda row: (row.next_at, row.name))

    async def run_now(self, name: str) -> int | None:
        """Enqueue a schedule's job beside its times. None: the same work waits. Raises: ScheduleUnknown."""
        if name not in self._crons:
            raise ScheduleUnknown
        async with self._db.transaction() as tx:
            return await self._jobs.add(tx, self._crons[name].payload)
