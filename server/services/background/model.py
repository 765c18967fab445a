"""The types of background work."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.errors import NotFound
from server.kernel.http.api import Permission
from server.kernel.jobs import EndedJob, QueueName
from server.kernel.page import CursorText, Limit, Page
from server.kernel.schedule import Due

PAUSE: Final = Permission(
    "background:pause", "Let background work rest, and go on", is_for_members=False
)
READ: Final = Permission("jobs:read", "See background jobs and the schedule", is_for_members=False)
MANAGE: Final = Permission(
    "jobs:manage", "Cancel, replay, forget and start background jobs", is_for_members=False
)

State = Literal["running", "waiting", "dead"]
KindName = Annotated[str, Meta(min_length=1, max_length=100)]


class JobNotFound(NotFound):
    """No such job waits, runs or is dead."""

    code = "job.not_found"


class JobNotReplayed(NotFound):
    """No such dead job that this version can run, and that does not wait already."""

    code = "job.not_replayed"


class BackgroundWork(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether background work rests: what runs goes on to its end, nothing new begins."""

    is_paused: bool


class QueueSwitch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the jobs of one queue rest."""

    name: QueueName
    is_paused: bool


class JobProblem(Struct, frozen=True, kw_only=True):
    """Why a job failed, the last time; `code` is a code of its own or `job.failed`."""

    code: str
    detail: str


class Job(Struct, frozen=True, kw_only=True):
    """A job that waits, runs or is dead; a dead one stays for 30 days.

    `changed_at` is when it began to do so. `kind` is null where nobody can know it, `total_count` 0 where
    the end is not known. One that waits may have a problem, too: it failed and is tried again.
    """

    job_id: int
    kind: str | None
    queue: str
    state: State
    failure_count: int
    created_at: Instant
    due_at: Instant
    changed_at: Instant
    done_count: int | None
    total_count: int | None
    note: str | None
    problem: JobProblem | None
    can_replay: bool


class JobPage(Page[Job], frozen=True, kw_only=True):
    """Jobs of one state: those due first at the top; dead ones the latest first."""


class EndedJobPage(Page[EndedJob], frozen=True, kw_only=True):
    """Jobs that are no more, the latest first."""


class EndedQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list of jobs, perhaps of one kind only."""

    kind: KindName | None = None
    limit: Limit = 50
    cursor: CursorText | None = None


class JobQuery(EndedQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which jobs."""

    state: State


class Counts(Struct, frozen=True, kw_only=True):
    """How many jobs there are by state."""

    waiting: int
    running: int
    dead: int


class QueueState(Struct, frozen=True, kw_only=True):
    """A queue: so many jobs run at once, a failing one is tried so often again, each try has so long.

    Of two jobs that wait, that of the queue with the higher priority goes first. `limit_now` is less than
    `limit` while somebody streams, and 0 while the queue rests.
    """

    name: QueueName
    priority: int
    limit: int
    limit_now: int
    retries: int
    timeout_s: float
    is_paused: bool
    counts: Counts


class KindState(Struct, frozen=True, kw_only=True):
    """A kind of job; one that is not known was left by another version, and its jobs cannot run."""

    name: str
    is_known: bool
    counts: Counts


class Overview(Struct, frozen=True, kw_only=True):
    """All queues, the highest priority first, and all kinds of which there are jobs or may be.

    `gives_way` says that somebody streams: background work goes on, but slower.
    """

    gives_way: bool
    queues: list[QueueState]
    kinds: list[KindState]


class OfKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All dead jobs of a kind."""

    kind: KindName


class Changed(Struct, frozen=True, kw_only=True):
    """How many jobs it was done to."""

    job_count: int


class Schedule(Struct, frozen=True, kw_only=True):
    """What comes due by the clock, the next one first."""

    items: list[Due]


class Begun(Struct, frozen=True, kw_only=True):
    """The job that was enqueued; null where the same work waits or runs already."""

    job_id: int | None
