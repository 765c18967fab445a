"""What slices do with jobs: enqueue, cancel, pause, and tell how far they are."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct
from pgqueuer.domain.models import CancellationEvent
from pgqueuer.domain.types import Channel, JobId

from server.kernel.clock import Clock
from server.kernel.db import Db, Tx
from server.kernel.jobs import store
from server.kernel.jobs.model import QUEUES, Job, Kind, Queue, kinds_of
from server.kernel.log import cause
from server.kernel.precedence import Precedence

COMPLETED_KEPT: Final = timedelta(days=7)
CANCELLED_KEPT: Final = timedelta(days=1)
DISCARDED_KEPT: Final = timedelta(days=30)


class Jobs:
    """The jobs of one realm; `channel` is the name under which its tables notify."""

    def __init__(
        self, db: Db, clock: Clock, channel: str, precedence: Precedence | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._channel = channel
        self._enqueue = store.enqueue()
        self._by_payload: dict[type[Struct], Kind] = {}
        self.kinds: dict[str, Kind] = {}
        self.paused: frozenset[str] = frozenset()
        self.precedence = precedence or Precedence()

    def declare(self, controllers: Iterable[object]) -> None:
        """Take the marked methods of controllers as the jobs that there are; once, at the start.

        Raises: TypeError, ValueError, for a declaration that cannot work.
        """
        self.kinds = kinds_of(controllers)
        self._by_payload = {kind.payload: kind for kind in self.kinds.values()}

    def room(self, queue: Queue) -> int:
        """Return how many jobs of a queue may run at once now: none of one that is paused."""
        return 0 if queue.name in self.paused else self.precedence.room(queue.rank, queue.limit)

    def takes(self, payload: Struct) -> bool:
        """Return whether a job takes such payloads."""
        return type(payload) in self._by_payload

    def kind_of(self, payload: Struct) -> str:
        """Return the name of the job that takes a payload. Raises: KeyError, where none does."""
        return self._by_payload[type(payload)].rule.name

    async def add(
        self, tx: Tx, payload: Struct, *, delay_s: float = 0.0, priority: int | None = None
    ) -> int | None:
        """Enqueue a job; it exists if the transaction commits. None: the same work waits already."""
        [job_id] = await self.add_all(
            tx, [Job(payload=payload, delay_s=delay_s, priority=priority)]
        )
        return job_id

    async def add_all(self, tx: Tx, jobs: Sequence[Job | Struct]) -> list[int | None]:
        """Enqueue many jobs in one statement; ids in their order, None where the same work waits.

        Raises: KeyError, for a payload that no job takes.
        """
        wanted = [one if isinstance(one, Job) else Job(payload=one) for one in jobs]
        if not wanted:
            return []
        kinds = [self._by_payload[type(one.payload)] for one in wanted]
        rows = await tx.all(
            self._enqueue,
            [_priority(one, kind) for one, kind in zip(wanted, kinds, strict=True)],
            [kind.rule.queue.name for kind in kinds],
            [msgspec.json.encode(one.payload) for one in wanted],
            [one.delay for one in wanted],
            [kind.key(one.payload) for one, kind in zip(wanted, kinds, strict=True)],
            [_headers(kind) for kind in kinds],
        )
        ids: list[int | None] = [None] * len(wanted)
        for row in rows:
            ids[row.ord - 1] = row.id
        return ids

    async def alive(self, job_ids: Iterable[int]) -> frozenset[int]:
        """Return which of these jobs wait or run."""
        return frozenset(await self._db.all(store.ALIVE, list(job_ids)))

    async def cancel(self, *job_ids: int) -> int:
        """Remove jobs in any state, and break off those that run; return how many there were."""
        async with self._db.transaction() as tx:
            count = await tx.execute(store.CANCEL, list(job_ids))
            event = CancellationEvent(
                channel=Channel(self._channel),
                ids=[JobId(job_id) for job_id in job_ids],
                sent_at=datetime.now(UTC),
                type="cancellation_event",
            )
            await tx.value(store.NOTIFY, self._channel, event.model_dump_json())
        return count

    async def pause(self, *queues: Queue) -> None:
        """Start no more jobs of these queues, or of any; those that run go on. Survives a restart."""
        names = [queue.name for queue in queues or QUEUES]
        await self._db.execute(store.PAUSE, names, self._clock.now())
        self.paused |= set(names)

    async def resume(self, *queues: Queue) -> None:
        """Go on with these queues, or with all."""
        names = [queue.name for queue in queues or QUEUES]
        async with self._db.transaction() as tx:
            await tx.execute(store.RESUME, names)
            await self.wake(tx)
        self.paused -= set(names)

    async def load_pauses(self) -> None:
        """Take over what was paused before the start."""
        self.paused = frozenset(await self._db.all(store.PAUSED))

    async def note_progress(
        self, job_id: int, done_count: int, total_count: int, note: str
    ) -> None:
        """Note how far a job is."""
        now = self._clock.now()
        await self._db.execute(store.PUT_PROGRESS, job_id, done_count, total_count, note, now)

    async def note_advance(self, job_id: int) -> None:
        """Note that a job got further: its runner may die as often again as a new one's."""
        await self._db.execute(store.ADVANCE, job_id)

    async def forget_old(self) -> None:
        """Remove what is kept for too long: the log of ended jobs, and failed jobs."""
        now = self._clock.now()
        discarded_before = now - DISCARDED_KEPT
        await self._db.execute(store.FORGET_HELD, discarded_before)
        await self._db.execute(
            store.FORGET_LOG, now - COMPLETED_KEPT, now - CANCELLED_KEPT, discarded_before
        )
        await self._db.execute(store.FORGET_ENDS)

    async def wake(self, tx: Tx) -> None:
        """Tell the runner that there is work: only inserts and deletes notify by themselves."""
        await tx.value(store.NOTIFY, self._channel, store.table_changed(self._channel))


def _priority(one: Job, kind: Kind) -> int:
    return kind.rule.queue.priority if one.priority is None else one.priority


def _headers(kind: Kind) -> str:
    return msgspec.json.encode({"kind": kind.rule.name, **cause()}).decode()
