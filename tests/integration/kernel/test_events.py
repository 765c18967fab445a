"""Events on a real PostgreSQL: told when they are true, in order, once."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from server.kernel.clock import SystemClock
from server.kernel.db import Db, Query, Tx, open_db
from server.kernel.events import Consumer, Dispatcher, Event, Happened, Stretch, emit
from server.kernel.events.dispatcher import TRIES
from server.kernel.listen import Listener
from server.kernel.realm import PUBLIC, Secrets, realm_dsn
from server.kernel.roles import Owner
from server.kernel.sql import SqlText
from server.kernel.tasks import TaskScope
from tests.helpers.clock import FakeClock
from tests.helpers.jobs import channel_of
from tests.helpers.until import until

ROOT = Path(__file__).parents[3]


class Counted(Event, frozen=True, kw_only=True, tag="test.counted"):
    number: int


class Unheard(Event, frozen=True, kw_only=True, tag="test.unheard"):
    pass


class Refused(Exception):
    """The consumer does not want it."""


class Heard:
    """Hears events live."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.positions: list[int] = []

    def __call__(self, happened: Sequence[Happened]) -> None:
        for one in happened:
            if isinstance(one.event, Counted):
                self.numbers.append(one.event.number)
                self.positions.append(one.position)


SEEN = Query(
    SqlText(
        name="seen",
        text="INSERT INTO event_failures VALUES ('seen', $1, $2, now())",
        comment="",
        path=ROOT,
    )
)


class Writer:
    """Writes what it hears into a table, by the transaction that it is handed."""

    def __init__(self, *, refuses: int | None = None, refusals: int = 10**6) -> None:
        self.numbers: list[int] = []
        self._refuses = refuses
        self._refusals = refusals

    async def __call__(self, tx: Tx, happened: Happened) -> None:
        assert isinstance(happened.event, Counted)
        await tx.execute(SEEN, happened.position, str(happened.event.number))
        if happened.event.number == self._refuses and self._refusals:
            self._refusals -= 1
            raise Refused
        self.numbers.append(happened.event.number)


@pytest.fixture
def dsn(owner_dsn: str, secrets: Secrets) -> str:
    return realm_dsn(owner_dsn, PUBLIC, secrets)


@asynccontextmanager
async def dispatching(
    db: Db, dsn: str, channel: str, consumers: Sequence[Consumer] = (), heard: Heard | None = None
) -> AsyncIterator[Dispatcher]:
    listener = Listener(dsn)
    async with TaskScope() as tasks:
        tasks.spawn(listener.run(), name="listener")
        await listener.listening()
        dispatcher = Dispatcher(db, SystemClock(), listener, channel)
        dispatcher.declare((Counted,), consumers, heard or Heard())
        async with dispatcher.running():
            yield dispatcher


async def count(db: Db, *numbers: int) -> None:
    async with db.transaction() as tx:
        await emit(tx, *(Counted(number=number) for number in numbers))


async def written(owner: Owner) -> list[int]:
    rows = await owner.fetch(
        "SELECT reason FROM public.event_failures WHERE consumer = 'seen' ORDER BY position"
    )
    return [int(row["reason"]) for row in rows]


async def give_up(db: Db) -> None:
    async with db.transaction() as tx:
        await emit(tx, Counted(number=1))
        raise Refused


@pytest.fixture
async def channel(owner_dsn: str) -> str:
    return await channel_of(owner_dsn)


async def test_a_rolled_back_transaction_tells_nothing(
    db: Db, owner: Owner, dsn: str, channel: str
) -> None:
    heard = Heard()
    async with dispatching(db, dsn, channel, heard=heard):
        with pytest.raises(Refused):
            await give_up(db)
        await count(db, 2)
        await until(lambda: heard.numbers == [2])
    assert len(await owner.fetch("SELECT FROM public.events")) == 1


async def test_events_are_heard_in_the_order_in_which_they_became_true(
    db: Db, owner: Owner, dsn: str, channel: str
) -> None:
    heard = Heard()
    async with dispatching(db, dsn, channel, heard=heard):
        async with db.transaction() as late:
            await emit(late, Counted(number=10), Counted(number=11))
            await count(db, 1)
            await until(lambda: heard.numbers == [1])
        await count(db, *range(20, 700))
        await until(lambda: len(heard.numbers) == 683)
    assert heard.numbers == [1, 10, 11, *range(20, 700)]
    assert heard.positions == list(range(1, 684))


async def test_a_consumer_acts_once_on_each_event_also_after_an_error(
    db: Db, owner: Owner, dsn: str, channel: str
) -> None:
    writer = Writer(refuses=2, refusals=2)
    consumer = Consumer(name="writer", events=(Counted,), handle=writer)
    async with dispatching(db, dsn, channel, [consumer]):
        await count(db, 1, 2, 3)
        await until(lambda: writer.numbers == [1, 2, 3])
    assert await written(owner) == [1, 2, 3]


async def test_an_event_that_always_fails_is_noted_and_left_out(
    db: Db, owner: Owner, dsn: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kernel.events.dispatcher._FIRST_PAUSE_S", 0.001)
    writer = Writer(refuses=2)
    other = Writer()
    consumers = [
        Consumer(name="writer", events=(Counted,), handle=writer),
        Consumer(name="other", events=(Unheard,), handle=other),
    ]
    async with dispatching(db, dsn, channel, consumers):
        await count(db, 1, 2, 3)
        await until(lambda: writer.numbers == [1, 3])
    failures = await owner.fetch("SELECT consumer, position FROM public.event_failures")
    assert ("writer", 2) in {tuple(row) for row in failures}
    assert await written(owner) == [1, 3]
    assert TRIES > 1
    assert other.numbers == []


async def test_a_consumer_that_is_killed_between_acting_and_noting_acts_once(
    db: Db, owner: Owner, dsn: str, channel: str
) -> None:
    consumer = Consumer(name="writer", events=(Counted,), handle=Writer())
    async with dispatching(db, dsn, channel, [consumer]):
        pass  # the consumer's place begins here
    await count(db, 1, 2, 3)
    command = [sys.executable, "-m", "tests.helpers.killed_consumer", dsn, channel]
    killed = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, check=False, timeout=30, capture_output=True
    )
    assert killed.returncode == -9, killed.stderr
    assert await written(owner) == [1]
    writer = Writer()
    again = Consumer(name="writer", events=(Counted,), handle=writer)
    async with dispatching(db, dsn, channel, [again]):
        await until(lambda: writer.numbers == [2, 3])
    assert await written(owner) == [1, 2, 3]


async def test_what_is_kept_can_be_read_again_and_old_events_go(
    db: Db, owner: Owner, dsn: str, channel: str
) -> None:
    heard = Heard()
    async with dispatching(db, dsn, channel, heard=heard) as dispatcher:
        await count(db, 1, 2, 3)
        await until(lambda: len(heard.numbers) == 3)
        since = await dispatcher.since(1, 100)
        assert since is not None
        assert [one.position for one in since.events] == [2, 3]
        assert await dispatcher.since(4, 100) is None
        await owner.execute(
            "UPDATE public.events SET emitted_at = emitted_at - interval '4 days' WHERE position < 3"
        )
        await dispatcher.forget_old()
        assert await dispatcher.since(1, 100) is None
        assert await dispatcher.since(2, 100) is not None
        assert dispatcher.position == 3
        clock = FakeClock(SystemClock().now() + timedelta(days=9))
        dispatcher._clock = clock
        await dispatcher.forget_old()
        assert await dispatcher.since(3, 100) == Stretch(events=[], end=3)
    async with dispatching(db, dsn, channel, heard=heard) as again:
        assert again.position == 3
        await count(db, 4)
        await until(lambda: heard.positions == [1, 2, 3, 4])


async def test_a_consumer_without_a_name_of_its_own_is_refused(
    db: Db, dsn: str, channel: str
) -> None:
    consumer = Consumer(name="twin", events=(Counted,), handle=Writer())
    with pytest.raises(ValueError, match="name"):
        async with dispatching(db, dsn, channel, [consumer, consumer]):
            pass


async def test_two_dispatchers_give_one_order(owner: Owner, dsn: str, channel: str) -> None:
    heard, other_heard = Heard(), Heard()
    async with (
        open_db(dsn) as one,
        open_db(dsn) as other,
        dispatching(one, dsn, channel, heard=heard),
        dispatching(other, dsn, channel, heard=other_heard),
    ):
        for number in range(50):
            await count(one, number)
        await until(lambda: len(heard.numbers) == len(other_heard.numbers) == 50)
    assert heard.numbers == other_heard.numbers == list(range(50))
    assert heard.positions == other_heard.positions == list(range(1, 51))
