"""The statements of jobs beyond PgQueuer's own, and the names of its tables."""

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
from pgqueuer.domain.models import TableChangedEvent
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel

from server.kernel.db import Query
from server.kernel.jobs.model import EndedJob, JobCount, JobRow
from server.kernel.sql import SqlText, load

sql = load(__file__)


class Enqueued(Struct, frozen=True, kw_only=True):
    """A job that was inserted; `ord` counts from 1 in the order of what was asked for."""

    ord: int
    id: int


class LostRuns(Struct, frozen=True, kw_only=True):
    """Picks of a job without an end."""

    job_id: int
    pick_count: int


class HeldKind(Struct, frozen=True, kw_only=True):
    """How many jobs of a kind were held."""

    kind: str | None
    job_count: int


def settings(channel: str) -> DBSettings:
    """Return PgQueuer's names for a realm, all of them: what is left out it takes from the environment.

    The schema is that of the login's search path.
    """
    return DBSettings(
        prefix="",
        db_schema=None,
        channel=Channel(channel),
        function="jobs_changed",
        trigger="jobs_changed",
        queue_status_type="job_status",
        queue_table="jobs",
        queue_table_log="job_log",
        schedules_table="job_schedules",
        statistics_table="job_statistics",
        durability=Durability.durable,
        widen_id=True,
    )


def enqueue() -> Query[Enqueued]:
    """Return PgQueuer's own statement, to be run in a transaction of ours; what is there already is skipped."""
    text = QueryQueueBuilder(settings("unused")).build_enqueue_query("skip")
    statement = SqlText(name="enqueue", text=text, comment="Enqueue jobs.", path=sql("page").path)
    return Query(statement, Enqueued)


def table_changed(channel: str) -> str:
    """Return what PgQueuer's trigger notifies: there may be work."""
    return TableChangedEvent(
        channel=Channel(channel),
        operation="insert",
        sent_at=datetime.now(UTC),
        table="jobs",
        type="table_changed_event",
    ).model_dump_json(exclude={"received_at"})


PAGE: Final = Query(sql("page"), JobRow)
DEAD: Final = Query(sql("dead"), JobRow)
ENDED: Final = Query(sql("ended"), EndedJob)
ALIVE: Final = Query(sql("alive"), int)
COUNTS: Final = Query(sql("counts"), JobCount)
CANCEL: Final = Query(sql("cancel"))
NOTIFY: Final = Query(sql("notify"), bool)
REPLAY: Final = Query(sql("replay"))
HOLD_UNKNOWN: Final = Query(sql("hold_unknown"), HeldKind)
FORGET_KIND: Final = Query(sql("forget_kind"))
PUT_PROGRESS: Final = Query(sql("put_progress"))
ADVANCE: Final = Query(sql("advance"))
PAUSED: Final = Query(sql("paused"), str)
PAUSE: Final = Query(sql("pause"))
RESUME: Final = Query(sql("resume"))
FORGET_LOG: Final = Query(sql("forget_log"))
FORGET_ENDS: Final = Query(sql("forget_ends"))
FORGET_HELD: Final = Query(sql("forget_held"))
LOST_RUNS: Final = Query(sql("lost_runs"), LostRuns)
GIVE_BACK: Final = Query(sql("give_back"))
GIVE_BACK_ORPHANS: Final = Query(sql("give_back_orphans"), int)
SETTLE_CLOCK: Final = Query(sql("settle_clock"))
