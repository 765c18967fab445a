"""What administrators see of background work and do with it."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from server.kernel.jobs import (
    QUEUES,
    Desk,
    JobCount,
    JobLost,
    JobRow,
    Jobs,
    JobTimedOut,
    Place,
    Queue,
    Status,
    UnknownJob,
)
from server.kernel.messages import Messages
from server.kernel.page import decode_cursor, encode_cursor
from server.services.background.model import (
    BackgroundWork,
    Changed,
    Counts,
    EndedJobPage,
    EndedQuery,
    Job,
    JobNotFound,
    JobNotReplayed,
    JobPage,
    JobProblem,
    JobQuery,
    KindState,
    Overview,
    QueueState,
    QueueSwitch,
    State,
)

# What our own errors of jobs are called for people; others are FAILED.
FAILED: Final = "job.failed"
REASONS: Final = {
    UnknownJob.__name__: "job.unknown",
    JobLost.__name__: "job.lost",
    JobTimedOut.__name__: "job.timed_out",
}

_STATES: Final[dict[Status, State]] = {"picked": "running", "queued": "waiting", "failed": "dead"}
_STATUSES: Final = {state: status for status, state in _STATES.items()}


class BackgroundService:
    """The jobs of one realm, for administrators."""

    def __init__(self, jobs: Jobs, desk: Desk, messages: Messages) -> None:
        self._jobs = jobs
        self._desk = desk
        self._messages = messages

    @property
    def work(self) -> BackgroundWork:
        """Whether all of it rests."""
        return BackgroundWork(is_paused=self._jobs.paused >= {queue.name for queue in QUEUES})

    async def switch(self, work: BackgroundWork) -> None:
        """Let all of it rest, or go on."""
        await (self._jobs.pause() if work.is_paused else self._jobs.resume())

    async def switch_queue(self, wanted: QueueSwitch) -> QueueState:
        """Let one queue rest, or go on."""
        [queue] = (one for one in QUEUES if one.name == wanted.name)
        await (self._jobs.pause(queue) if wanted.is_paused else self._jobs.resume(queue))
        return self._queue(queue, await self._desk.counts())

    async def overview(self) -> Overview:
        """Return queues and kinds with their counts."""
        counts = await self._desk.counts()
        found = {one.kind for one in counts if one.kind is not None}
        return Overview(
            gives_way=self._jobs.precedence.gives_way,
            queues=[self._queue(queue, counts) for queue in QUEUES],
            kinds=[
                KindState(
                    name=kind,
                    is_known=kind in self._jobs.kinds,
                    counts=_sum(one for one in counts if one.kind == kind),
                )
                for kind in sorted(found | self._jobs.kinds.keys())
            ],
        )

    async def page(self, query: JobQuery, language: str) -> JobPage:
        """Return jobs of a state."""
        after, limit = _place(query), query.limit
        if query.state == "dead":
            rows = await self._desk.dead(kind=query.kind, after=after, limit=limit + 1)
        else:
            status = _STATUSES[query.state]
            rows = await self._desk.page(status, kind=query.kind, after=after, limit=limit + 1)
        shown = rows[:limit]
        return JobPage(
            items=[self._shown(row, language) for row in shown],
            next_cursor=encode_cursor(_place_of(shown[-1])) if len(rows) > limit else None,
        )

    async def ended(self, query: EndedQuery) -> EndedJobPage:
        """Return jobs that are no more."""
        after, limit = _place(query), query.limit
        rows = await self._desk.ended(kind=query.kind, after=after, limit=limit + 1)
        shown = rows[:limit]
        return EndedJobPage(
            items=shown,
            next_cursor=encode_cursor(Place(at=shown[-1].ended_at, job_id=shown[-1].job_id))
            if len(rows) > limit
            else None,
        )

    async def remove(self, job_id: int) -> None:
        """Break off a job that runs, and remove it in any state. Raises: JobNotFound."""
        if await self._jobs.cancel(job_id) == 0:
            raise JobNotFound

    async def replay(self, job_id: int) -> None:
        """Give a dead job all its tries again. Raises: JobNotReplayed."""
        if await self._desk.replay(job_id) == 0:
            raise JobNotReplayed

    async def replay_kind(self, kind: str) -> Changed:
        """Give all dead jobs of a kind their tries again."""
        return Changed(job_count=await self._desk.replay(kind=kind))

    async def forget_kind(self, kind: str) -> Changed:
        """Remove all dead jobs of a kind."""
        return Changed(job_count=await self._desk.forget(kind))

    def _queue(self, queue: Queue, counts: Iterable[JobCount]) -> QueueState:
        return QueueState(
            name=queue.name,
            priority=queue.priority,
            limit=queue.limit,
            limit_now=self._jobs.room(queue),
            retries=queue.retries,
            timeout_s=queue.timeout_s,
            is_paused=queue.name in self._jobs.paused,
            counts=_sum(one for one in counts if one.queue == queue.name),
        )

    def _shown(self, row: JobRow, language: str) -> Job:
        return Job(
            job_id=row.job_id,
            kind=row.kind,
            queue=row.queue,
            state=_STATES[row.status],
            failure_count=row.failure_count,
            created_at=row.created_at,
            due_at=row.due_at,
            changed_at=row.changed_at,
            done_count=row.done_count,
            total_count=row.total_count,
            note=row.note,
            problem=self._problem(row, language),
            can_replay=row.status == "failed" and row.kind in self._jobs.kinds,
        )

    def _problem(self, row: JobRow, language: str) -> JobProblem | None:
        if row.error_type is None:
            return None
        code = REASONS.get(row.error_type, FAILED)
        reason = row.error or row.error_type
        if " " not in reason:  # perhaps the code of one of our errors
            reason = self._messages.text(language, reason, {}).detail
        context = {"reason": reason}
        return JobProblem(code=code, detail=self._messages.text(language, code, context).detail)


def _sum(counts: Iterable[JobCount]) -> Counts:
    by_state: Counter[State] = Counter()
    for one in counts:
        by_state[_STATES[one.status]] += one.job_count
    return Counts(**{state: by_state[state] for state in _STATES.values()})


def _place(query: EndedQuery) -> Place | None:
    return None if query.cursor is None else decode_cursor(query.cursor, Place)


def _place_of(row: JobRow) -> Place:
    at = row.changed_at if row.status == "failed" else row.due_at
    return Place(at=at, job_id=row.job_id)
