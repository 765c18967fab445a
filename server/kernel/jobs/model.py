"""What a job is: a method with a typed payload, in a queue, with rules for when it fails."""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Protocol, get_type_hints

import msgspec
from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.precedence import ANSWERS, ASKED, BACKGROUND, Rank

Status = Literal["queued", "picked", "failed"]
Handler = Callable[..., Awaitable[None]]
QueueName = Literal["transcode", "metadata", "notification", "library", "scrobble"]
JobId = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class JobTimedOut(Exception):
    """A job took longer than it may."""


class JobLost(Exception):
    """The process that ran a job died again and again."""


class UnknownJob(Exception):
    """A job of a kind, or in a queue, that this version does not have."""

    def __init__(self) -> None:
        super().__init__("this version of the server has no such jobs")


class Backoff(Struct, frozen=True, kw_only=True):
    """How long to wait before the next try: `first_s`, then `factor` times as long each time."""

    first_s: float = 1.0
    factor: float = 2.0
    longest_s: float = 3600.0

    def delay_s(self, failure_count: int) -> float:
        """Return the pause after so many failures, counted from 0."""
        return min(self.first_s * self.factor ** min(failure_count, 64), self.longest_s)


class Queue(Struct, frozen=True, kw_only=True):
    """Jobs that share workers; of two that wait, the one with the higher priority goes first.

    `limit` is how many run at once, fewer while somebody streams, by the `rank`. `retries`, `backoff` and `timeout_s` are for jobs that say nothing
    themselves; each try has the whole time.
    """

    name: QueueName
    priority: int
    limit: int
    rank: Rank
    retries: int
    timeout_s: float
    backoff: Backoff = Backoff()


HIGH: Final = 20
NORMAL: Final = 10
LOW: Final = 0

_STEADY: Final = Backoff(factor=1)

# fmt: off
TRANSCODE: Final = Queue(name="transcode", priority=HIGH, limit=2, rank=ASKED, retries=2, timeout_s=6 * 3600, backoff=_STEADY)
METADATA: Final = Queue(name="metadata", priority=NORMAL, limit=16, rank=ASKED, retries=3, timeout_s=600)
NOTIFICATION: Final = Queue(name="notification", priority=NORMAL, limit=8, rank=ANSWERS, retries=3, timeout_s=60, backoff=_STEADY)
LIBRARY: Final = Queue(name="library", priority=LOW, limit=4, rank=BACKGROUND, retries=1, timeout_s=24 * 3600, backoff=_STEADY)
SCROBBLE: Final = Queue(name="scrobble", priority=LOW, limit=4, rank=BACKGROUND, retries=5, timeout_s=120)
# fmt: on
QUEUES: Final = (TRANSCODE, METADATA, NOTIFICATION, LIBRARY, SCROBBLE)


class Run(Protocol):
    """One run of a job, as its handler sees it."""

    job_id: int
    failure_count: int

    async def progress(self, done_count: int, total_count: int, note: str = "") -> None:
        """Tell how far the job is; 0 as total where none is known. May be called at any rate."""
        ...

    async def advance(self) -> None:
        """Tell that something is done for good, so that earlier deaths of its runner are not laid to the job.

        May be called at any rate.
        """
        ...


class Rule(Struct, frozen=True, kw_only=True):
    """What `job` notes about a handler."""

    name: str
    queue: Queue
    retries: int
    backoff: Backoff
    unique: tuple[str, ...] | None
    timeout_s: float


class Kind(Struct, frozen=True, kw_only=True):
    """A sort of job: its rule, the type of its payload, and the bound handler."""

    rule: Rule
    payload: type[Struct]
    handler: Handler
    takes_run: bool
    decode: Callable[[bytes], Struct]

    def key(self, payload: Struct) -> str | None:
        """Return what two jobs have in common that must not wait twice; None: they may."""
        if self.rule.unique is None:
            return None
        values = {name: getattr(payload, name) for name in self.rule.unique}
        return f"{self.rule.name} {msgspec.json.encode(values, order='sorted').decode()}"


class Job(Struct, frozen=True, kw_only=True):
    """A payload to be enqueued with a delay or another priority than its queue's."""

    payload: Struct
    delay_s: float = 0.0
    priority: int | None = None

    @property
    def delay(self) -> timedelta:
        """The delay as PostgreSQL takes it."""
        return timedelta(seconds=self.delay_s)


class JobRow(Struct, frozen=True, kw_only=True):
    """A job as an administrator sees it; a failed one stays until it is replayed or removed.

    `changed_at` is when it began to wait, to run, or was held; `kind` is None where nobody can know it.
    """

    job_id: int
    kind: str | None
    queue: str
    status: Status
    priority: int
    failure_count: int
    created_at: Instant
    due_at: Instant
    changed_at: Instant
    done_count: int | None
    total_count: int | None
    note: str | None
    error_type: str | None
    error: str | None


class EndedJob(Struct, frozen=True, kw_only=True):
    """A job that is no more: it was done, or else somebody removed it; `began_at` is of its last run."""

    job_id: int
    kind: str | None
    queue: str
    failure_count: int
    created_at: Instant
    began_at: Instant | None
    ended_at: Instant
    is_done: bool


class JobCount(Struct, frozen=True, kw_only=True):
    """How many jobs of a queue and kind have a status."""

    queue: str
    kind: str | None
    status: Status
    job_count: int


class Place(Struct, frozen=True, kw_only=True):
    """Where a page of a list of jobs ends: an instant of its order, and the job."""

    at: Instant
    job_id: JobId


def job(
    name: str,
    *,
    queue: Queue,
    retries: int | None = None,
    backoff: Backoff | None = None,
    unique: tuple[str, ...] | None = None,
    timeout_s: float | None = None,
) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of jobs: `async def handler(self, payload: SomeStruct)`.

    A second parameter of type `Run` is optional. A job may run twice: after a power cut, or when it
    took so long to end that it was given back. One whose runner died three times in a row is held; a
    long one says with `Run.advance` that it got further. `retries` counts runs after the first. `unique` names
    the fields of the payload that make two jobs the same: while one waits or runs, the other is not
    enqueued. Who must not lose a change that comes during a run puts its version among them.
    """
    rule = Rule(
        name=name,
        queue=queue,
        retries=queue.retries if retries is None else retries,
        backoff=backoff or queue.backoff,
        unique=unique,
        timeout_s=timeout_s or queue.timeout_s,
    )

    def mark(handler: Handler) -> Handler:
        handler.__dict__["job"] = rule
        return handler

    return mark


def exponential(factor: float = 2.0, *, first_s: float = 1.0, longest_s: float = 3600.0) -> Backoff:
    """Return a growing pause between tries."""
    return Backoff(first_s=first_s, factor=factor, longest_s=longest_s)


def jobs_of(controller: object) -> Iterator[Kind]:
    """Yield the marked methods of a controller. Raises: TypeError, for one that takes no Struct."""
    for name in type(controller).__dict__:
        rule = getattr(inspect.getattr_static(controller, name), "job", None)
        if isinstance(rule, Rule):
            yield _kind(rule, getattr(controller, name))


def _kind(rule: Rule, handler: Handler) -> Kind:
    hints = get_type_hints(handler)
    hints.pop("return", None)
    payload, *rest = hints.values() or (None,)
    if not (isinstance(payload, type) and issubclass(payload, Struct)):
        raise TypeError(f"job {rule.name} takes no Struct")
    if rest not in ([], [Run]):
        raise TypeError(f"job {rule.name} takes more than its payload and a Run")
    if unknown := set(rule.unique or ()) - set(payload.__struct_fields__):
        raise TypeError(f"job {rule.name} is unique by unknown fields: {sorted(unknown)}")
    return Kind(
        rule=rule,
        payload=payload,
        handler=handler,
        takes_run=bool(rest),
        decode=msgspec.json.Decoder(payload).decode,
    )


def kinds_of(controllers: Any) -> dict[str, Kind]:
    """Return all kinds by name. Raises: ValueError, for two of one name or one payload."""
    kinds: dict[str, Kind] = {}
    payloads: set[type[Struct]] = set()
    for kind in (kind for controller in controllers for kind in jobs_of(controller)):
        if kind.rule.name in kinds or kind.payload in payloads:
            raise ValueError(f"job {kind.rule.name} or its payload is declared twice")
        kinds[kind.rule.name] = kind
        payloads.add(kind.payload)
    return kinds
