"""The shared cache on a real Valkey: two servers, drops, outages, poison."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from server.kernel.cache import Cache, CacheRule, Shared
from server.kernel.cache.shared import SharedCacheGone
from server.kernel.events import Event
from server.kernel.tasks import TaskScope
from tests.helpers.until import until
from tests.helpers.valkey import Valkey, running_valkey


class Changed(Event, frozen=True, kw_only=True, tag="test.changed"):
    pass


CHANGING: CacheRule[str] = CacheRule(name="word", kind=str, is_shared=True, drop_on=(Changed,))
LASTING: CacheRule[str] = CacheRule(name="answer", kind=str, is_shared=True)


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with running_valkey() as running:
        yield running


class Server:
    """One server with a cache of its own over the shared one, and a truth that both read."""

    def __init__(self, shared: Shared, truth: list[str | None]) -> None:
        self.shared = shared
        self.cache = Cache(shared)
        self.changing, self.lasting = self.cache.room(CHANGING), self.cache.room(LASTING)
        self._truth = truth

    async def word(self, key: str = "a") -> str | None:
        return await self.changing.get(key, self._load)

    async def answer(self, key: str = "a") -> str | None:
        return await self.lasting.get(key, self._load)

    async def is_there(self) -> bool:
        try:
            await self.shared.check()
        except SharedCacheGone:
            return False
        return True

    async def is_gone(self) -> bool:
        return not await self.is_there()

    async def _load(self) -> str | None:
        return self._truth[0]


@asynccontextmanager
async def server(url: str, truth: list[str | None], prefix: str = "rv") -> AsyncIterator[Server]:
    one = Server(Shared(url, prefix), truth)
    async with TaskScope() as tasks:
        tasks.spawn(one.shared.run(), name="shared")
        await until(one.is_there)
        yield one
    one.cache.close()


async def test_another_server_and_a_later_one_need_not_load(valkey: Valkey) -> None:
    async with server(valkey.url, ["1"]) as first, server(valkey.url, ["2"]) as second:
        assert await first.word() == "1"
        assert await second.word() == "1"
        assert second.changing.shared_hit_count == 1
        assert await first.answer() == "1"
    async with server(valkey.url, ["3"]) as later:
        assert await later.answer() == "1"
        assert await later.word() == "3", "what can become untrue is not believed after a start"


async def test_a_drop_reaches_the_other_server(valkey: Valkey) -> None:
    truth: list[str | None] = ["old"]
    async with server(valkey.url, truth) as first, server(valkey.url, truth) as second:
        assert [await first.word(), await second.word()] == ["old", "old"]
        truth[0] = "new"
        first.cache.happened([Changed()])
        assert await first.word() == "new"

        async def hears() -> bool:
            return await second.word() == "new"

        await until(hears)


async def test_that_there_is_none_is_shared(valkey: Valkey) -> None:
    async with server(valkey.url, [None]) as first, server(valkey.url, ["2"]) as second:
        assert await first.answer() is None
        assert await second.answer() is None


async def test_what_is_not_shared_stays_here(valkey: Valkey) -> None:
    async with server(valkey.url, ["1"]) as one:
        own = one.cache.room(CacheRule[str](name="own", kind=str))
        await own.get("secret", one._load)
        with valkey.client() as client:
            assert not [key for key in client.scan_iter() if b"own" in key]


async def test_realms_do_not_meet(valkey: Valkey) -> None:
    async with server(valkey.url, ["1"], "rv_a") as a, server(valkey.url, ["2"], "rv_b") as b:
        assert [await a.answer(), await b.answer()] == ["1", "2"]


async def test_it_works_without_and_heals(valkey: Valkey) -> None:
    truth: list[str | None] = ["old"]
    async with server(valkey.url, truth) as one:
        assert await one.word() == "old"
        valkey.kill()
        truth[0] = "new"
        one.cache.happened([Changed()])
        assert await one.word() == "new"
        await until(one.is_gone)
        valkey.start()
        await until(one.is_there)
        assert await one.word() == "new"


async def test_a_drop_that_the_shared_cache_missed_is_made_up_for(valkey: Valkey) -> None:
    truth: list[str | None] = ["old"]
    async with server(valkey.url, truth) as one, server(valkey.url, truth) as other:
        assert [await one.word(), await other.word()] == ["old", "old"]
        valkey.freeze()
        truth[0] = "new"
        one.cache.happened([Changed()])
        assert await one.word() == "new", "nobody waits for it"
        valkey.thaw()

        async def hears() -> bool:
            return await other.word() == "new"

        await until(hears)


async def test_a_frozen_one_costs_one_wait_and_then_none(valkey: Valkey) -> None:
    async with server(valkey.url, ["1"]) as one:
        valkey.freeze()
        loop = asyncio.get_running_loop()
        assert await one.answer("a") == "1"
        began_s = loop.time()
        for number in range(100):
            assert await one.answer(f"b{number}") == "1"
        assert loop.time() - began_s < 10, "a hundred waits would be 50 s"
        valkey.thaw()
        await until(one.is_there)


@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x81\xa1a\x01", b"\x05", b"x" * 1_000_000])
async def test_poison_is_a_miss(valkey: Valkey, raw: bytes) -> None:
    async with server(valkey.url, ["1"]) as one:
        slot = one.shared.slot("answer", "a")
        with valkey.client() as client:
            assert slot is not None
            client.set(slot, raw)
            client.publish(slot.decode().rpartition(":answer")[0] + ":dropped", raw)
        assert await one.answer() == "1"
        assert await one.is_there()


@pytest.mark.parametrize("key", ["", "\ud800", "a:b\r\nGET x", "x" * 100_000])
async def test_any_key_will_do(valkey: Valkey, key: str) -> None:
    async with server(valkey.url, ["1"]) as one, server(valkey.url, ["2"]) as other:
        assert [await one.answer(key), await other.answer(key)] == ["1", "1"]
        assert await one.is_there()


async def test_an_emptied_one_is_only_slower(valkey: Valkey) -> None:
    truth: list[str | None] = ["1"]
    async with server(valkey.url, truth) as one:
        await one.word()
        with valkey.client() as client:
            client.flushall()
        truth[0] = "2"
        one.cache.happened([Changed()])
        assert await one.word() == "2"


async def test_killed_fifty_times_under_load_nothing_is_lost_but_time(valkey: Valkey) -> None:
    truth: list[str | None] = ["0"]
    async with server(valkey.url, truth) as one:
        is_over = False
        asked = 0

        async def ask(number: int) -> None:
            nonlocal asked
            while not is_over:
                before = truth[0]
                found = await one.word(f"{number}-{asked % 7}")
                assert found is not None
                assert int(found) >= int(before or 0), "older than the last drop"
                asked += 1
                await asyncio.sleep(0.001)

        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(ask(number))
            for turn in range(1, 51):
                valkey.kill()
                truth[0] = str(turn)
                one.cache.happened([Changed()])
                await asyncio.sleep(0.02)
                valkey.start()  # in this thread: a fork in another one clears what PyAV keeps here
                await asyncio.sleep(0.02)
            is_over = True
        await until(one.is_there)
        assert asked > 1000
