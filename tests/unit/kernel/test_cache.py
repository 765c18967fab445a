import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from server.kernel.cache import Cache, CacheRule, Room
from server.kernel.events import Event


class Changed(Event, frozen=True, kw_only=True, tag="test.changed"):
    pass


class Other(Event, frozen=True, kw_only=True, tag="test.other"):
    pass


RULE: CacheRule[str] = CacheRule(name="word", kind=str, drop_on=(Changed,))


@pytest.fixture
def cache() -> Iterator[Cache]:
    made = Cache()
    yield made
    made.close()


@pytest.fixture
def room(cache: Cache) -> Room[str]:
    return cache.room(RULE)


class Source:
    """Counts how often it is asked; answers when it may."""

    def __init__(self, *answers: str | None) -> None:
        self._answers = list(answers)
        self.count = 0
        self.may = asyncio.Event()
        self.may.set()

    async def load(self) -> str | None:
        answer = self._answers[min(self.count, len(self._answers) - 1)]
        self.count += 1
        await self.may.wait()
        return answer


@pytest.mark.parametrize("answer", ["word", None])
async def test_what_was_loaded_is_kept_and_so_is_that_there_is_none(
    room: Room[str], answer: str | None
) -> None:
    source = Source(answer)
    assert [await room.get("a", source.load) for _ in range(3)] == [answer] * 3
    assert source.count == 1
    assert (room.hit_count, room.load_count) == (2, 1)


async def test_keys_and_rules_are_apart(cache: Cache, room: Room[str]) -> None:
    other = cache.room(CacheRule[str](name="other", kind=str))
    assert await room.get("a", Source("1").load) == "1"
    assert await room.get("b", Source("2").load) == "2"
    assert await other.get("a", Source("3").load) == "3"


async def test_many_at_once_are_one_load(room: Room[str]) -> None:
    source = Source("word")
    source.may.clear()
    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(room.get("a", source.load)) for _ in range(50)]
        await asyncio.sleep(0)
        source.may.set()
    assert [task.result() for task in asking] == ["word"] * 50
    assert source.count == 1


async def test_where_the_one_who_loads_leaves_the_next_takes_its_turn(room: Room[str]) -> None:
    source = Source("first", "second")
    source.may.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(room.get("a", source.load))
        others = [group.create_task(room.get("a", source.load)) for _ in range(5)]
        await asyncio.sleep(0)
        first.cancel()
        others[0].cancel()
        await asyncio.sleep(0)
        source.may.set()
    assert {other.result() for other in others[1:]} == {"second"}
    assert source.count == 2


async def test_an_error_reaches_all_who_wait_and_is_not_kept(room: Room[str]) -> None:
    async def fail() -> str:
        await asyncio.sleep(0)
        raise LookupError

    failed = await asyncio.gather(*(room.get("a", fail) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in failed] == [LookupError] * 3
    assert await room.get("a", Source("word").load) == "word"


@pytest.mark.parametrize(("event", "expected"), [(Changed(), "new"), (Other(), "old")])
async def test_an_event_of_the_rule_drops_and_no_other(
    cache: Cache, room: Room[str], event: Event, expected: str
) -> None:
    source = Source("old", "new")
    await room.get("a", source.load)
    cache.happened([event])
    assert await room.get("a", source.load) == expected


async def test_what_is_dropped_while_it_is_loaded_is_not_kept(
    cache: Cache, room: Room[str]
) -> None:
    source = Source("old", "new")
    source.may.clear()
    async with asyncio.TaskGroup() as group:
        early = group.create_task(room.get("a", source.load))
        await asyncio.sleep(0)
        cache.happened([Changed()])
        late = group.create_task(room.get("a", source.load))
        await asyncio.sleep(0)
        source.may.set()
    assert (early.result(), late.result()) == ("old", "new")
    assert await room.get("a", source.load) == "new"


def endless() -> Callable[[], Awaitable[str]]:
    async def load() -> str:
        return "word"

    return load


@pytest.mark.parametrize("key", ["", "x" * 100_000, "\ud800", "a:b\n"])
async def test_any_key_will_do(room: Room[str], key: str) -> None:
    assert await room.get(key, endless()) == "word"
    assert await room.get(key, endless()) == "word"
    assert room.load_count == 1


async def test_a_flood_of_keys_does_not_grow_without_end(cache: Cache, room: Room[str]) -> None:
    for number in range(60_000):
        await room.get(str(number), endless())
    assert cache.entry_count < 25_000
