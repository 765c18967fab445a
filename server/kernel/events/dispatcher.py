"""The one dispatcher of a realm: brings committed events in order and serves every consumer."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.errors import Unavailable
from server.kernel.events import store
from server.kernel.events.model import Consumer, Event, Events, Happened, Stretch, kind_of
from server.kernel.events.store import EventRow
from server.kernel.listen import Listener
from server.kernel.log import get_log
from server.kernel.secret import masked
from server.kernel.tasks import TaskScope

log = get_log(__name__)

KEPT: Final = timedelta(days=3)
FAILURES_KEPT: Final = timedelta(days=30)
TRIES: Final = 6

_POLL_S: Final = 5.0
_BATCH: Final = 500
_FIRST_PAUSE_S: Final = 0.2
_REASON_MAX: Final = 1000

OnEvents = Callable[[Sequence[Happened]], None]


class Dispatcher:
    """Wakes by a notification of the outbox, or after some seconds where that was lost.

    `types` are all event types that there are. `on_events` hears every event live, in order, and
    keeps no place; consumers keep theirs in the database. `delay_s` is how long the latest event took to be told.
    """

    def __init__(self, db: Db, clock: Clock, listener: Listener, channel: str) -> None:
        self._db = db
        self._clock = clock
        self._listener = listener
        self._channel = f"{channel}_events"
        self._woken = asyncio.Event()
        self._consumer_wakes: list[asyncio.Event] = []
        self._on_events: OnEvents = _ignore
        self.events = Events(())
        self.consumers: tuple[Consumer, ...] = ()
        self.position = 0
        self.told_count = 0
        self.delay_s = 0.0
        self.handled_counts: Counter[str] = Counter()
        self.left_out_counts: Counter[str] = Counter()

    def declare(
        self, types: Sequence[type[Event]], consumers: Sequence[Consumer], on_events: OnEvents
    ) -> None:
        """Take the event types and consumers that there are; once, at the start.

        Raises: TypeError, ValueError, for a declaration that cannot work.
        """
        if len({consumer.name for consumer in consumers} | {""}) != len(consumers) + 1:
            raise ValueError("consumers need a name of their own each")
        self.events = Events(tuple(types))
        self.consumers = tuple(consumers)
        self._on_events = on_events

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Dispatch inside the block."""
        self.position = await self._db.value(store.LAST_POSITION)
        for consumer in self.consumers:
            await self._db.execute(store.BEGIN, consumer.name)
        await self._listener.add(self._channel, self._wake)
        async with TaskScope() as tasks:
            for consumer in self.consumers:
                wake = asyncio.Event()
                self._consumer_wakes.append(wake)
                tasks.spawn(self._serve(consumer, wake), name=f"events for {consumer.name}")
            tasks.spawn(self._run(), name="events")
            try:
                yield
            finally:
                await self._listener.remove(self._channel, self._wake)

    async def since(self, position: int, limit: int) -> Stretch | None:
        """Return events after a position that were told already; None where some are no longer kept."""
        head = self.position  # what is given a place meanwhile may be missing from the rows
        first = await self._db.value(store.FIRST_POSITION) or head + 1
        if not first - 1 <= position <= head:
            return None
        rows = await self._db.all(store.AFTER, position, limit)
        told = [row for row in rows if row.position <= head]
        end = told[-1].position if told else head
        return Stretch(events=self._read(told), end=end)

    async def forget_old(self) -> None:
        """Remove events that are older than they are kept."""
        now = self._clock.now()
        await self._db.execute(store.FORGET, now - KEPT)
        await self._db.execute(store.FORGET_FAILURES, now - FAILURES_KEPT)

    def _wake(self, _payload: str) -> None:
        self._woken.set()

    async def _run(self) -> None:
        is_sure = True
        while True:
            try:
                if not is_sure:  # an outage may have taken what was committed without a sync
                    self.position = min(self.position, await self._db.value(store.LAST_POSITION))
                await self._tell_live()
            except Unavailable as error:
                log.debug("events wait for the database", reason=repr(error))
                is_sure = False
                await asyncio.sleep(_FIRST_PAUSE_S)
                continue
            is_sure = True
            await _wait(self._woken)

    async def _tell_live(self) -> None:
        """Bring in order what waits, tell it live, wake the consumers."""
        self._woken.clear()
        is_first = True
        while is_first or await self._db.value(store.HAS_WAITING):
            is_first = False
            await self._put_in_order()
            while rows := await self._db.all(store.AFTER, self.position, _BATCH):
                self.position = rows[-1].position
                self.told_count += len(rows)
                self.delay_s = (self._clock.now() - rows[-1].emitted_at).total_seconds()
                self._on_events(self._read(rows))
                for wake in self._consumer_wakes:
                    wake.set()

    async def _put_in_order(self) -> None:
        if not await self._db.value(store.HAS_WAITING):
            return
        async with self._db.transaction() as tx:
            last = await tx.value(store.LOCK_ORDER)
            count = await tx.execute(store.PUT_IN_ORDER, last, _BATCH)
            await tx.execute(store.MOVE_ORDER, count)

    async def _serve(self, consumer: Consumer, wake: asyncio.Event) -> None:
        kinds = [kind_of(one) for one in consumer.events]
        while True:
            wake.clear()
            try:
                position = await self._db.value(store.CURSOR, consumer.name)
                while rows := await self._db.all(store.AFTER_OF, kinds, position, _BATCH):
                    for happened in self._read(rows):
                        await self._deliver(consumer, happened)
                    position = rows[-1].position
            except Unavailable as error:
                log.debug("events wait for the database", reason=repr(error))
                await asyncio.sleep(_FIRST_PAUSE_S)
                continue
            await wake.wait()

    async def _deliver(self, consumer: Consumer, happened: Happened) -> None:
        """Hand over one event, again and again where that fails, and note it as handled."""
        for failure_count in range(TRIES):
            try:
                await self._hand_over(consumer, happened)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - a consumer's fault; the next event has its turn
                await self._failed(consumer, happened, failure_count + 1, error)
            else:
                return

    async def _hand_over(self, consumer: Consumer, happened: Happened) -> None:
        async with self._db.transaction() as tx:
            if await tx.execute(store.NOTE, consumer.name, happened.position):
                await consumer.handle(tx, happened)
                self.handled_counts[consumer.name] += 1

    async def _failed(
        self, consumer: Consumer, happened: Happened, failure_count: int, error: Exception
    ) -> None:
        if failure_count < TRIES:
            await asyncio.sleep(_FIRST_PAUSE_S * 2**failure_count)
            return
        self.left_out_counts[consumer.name] += 1
        log.error(
            "an event is left out",
            consumer=consumer.name,
            position=happened.position,
            exc_info=error,
        )
        reason = masked(repr(error))[:_REASON_MAX]
        async with self._db.transaction() as tx:
            await tx.execute(store.NOTE, consumer.name, happened.position)
            now = self._clock.now()
            await tx.execute(store.NOTE_FAILURE, consumer.name, happened.position, reason, now)

    def _read(self, rows: Sequence[EventRow]) -> list[Happened]:
        """Return the events that this version knows."""
        read = [(row, self.events.read(row.kind, row.body)) for row in rows]
        return [
            Happened(position=row.position, event=event, emitted_at=row.emitted_at)
            for row, event in read
            if event is not None
        ]


async def _wait(woken: asyncio.Event) -> None:
    """Return when it is set, or after some seconds: a notification may be lost."""
    try:
        async with asyncio.timeout(_POLL_S):
            await woken.wait()
    except TimeoutError:
        return


def _ignore(_happened: Sequence[Happened]) -> None:
    """Tell nobody."""
