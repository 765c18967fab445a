"""Server-sent events over a real listener: the same events and rights as over the WebSocket."""

from uuid import UUID

import httpx
import pytest

from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.realtime import Pace
from server.kernel.realtime.realtime import REPLAY_MAX
from server.kernel.roles import Owner
from server.services.catalog.model import ItemsChanged
from tests.helpers.live import EVENTS_PATH, listening, live
from tests.helpers.until import until
from tests.helpers.web import RunningWeb
from tests.integration.kernel.test_realtime import (
    add_library,
    added,
    bearer,
    sign_in,
    tell,
)


@pytest.fixture
async def token(web: RunningWeb) -> str:
    async with web.signed_in() as client:
        return await sign_in(client)


@pytest.fixture
async def library_id(owner: Owner, token: str) -> UUID:
    made = new_id()
    await add_library(owner, made)
    return made


async def test_an_event_is_heard_by_who_sees_its_library(
    db: Db, web: RunningWeb, token: str, library_id: UUID
) -> None:
    async with listening(web.url, headers=bearer(token)) as listener:
        assert listener.answer.headers["content-type"] == "text/event-stream"
        assert listener.answer.headers["cache-control"] == "no-store"
        hello = await listener.next()
        assert hello["type"] == "hello"
        assert hello["id"] == hello["last_id"]
        event = added(library_id)
        await tell(db, added(new_id()), event)
        told = await listener.next()
    assert told["type"] == "event"
    assert told["event"]["item_ids"] == [str(event.item_ids[0])]


async def test_what_is_rated_too_high_is_not_heard(
    db: Db, owner: Owner, web: RunningWeb, token: str, library_id: UUID
) -> None:
    await owner.execute("UPDATE shared.profiles SET max_level = 50")
    async with listening(web.url, headers=bearer(token)) as listener:
        await listener.next()
        await tell(db, added(library_id, 51), added(library_id, 50))
        assert (await listener.told())["event"]["rating_level"] == 50


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(
    db: Db, web: RunningWeb, token: str, library_id: UUID
) -> None:
    async with live(web.url, headers=bearer(token)) as client:  # ids are the same everywhere
        await client.next()
        await tell(db, added(library_id))
        last_id = (await client.told())["id"]
    missed = [added(library_id) for _ in range(5)]
    await tell(db, *missed, added(new_id()))
    async with listening(web.url, headers=bearer(token), last_id=last_id) as listener:
        late = added(library_id)
        await tell(db, late)
        heard = [(await listener.told())["event"]["item_ids"][0] for _ in range(6)]
    assert heard == [str(event.item_ids[0]) for event in [*missed, late]]


@pytest.mark.parametrize("last_id", ["", "x", "0", "A" * 32, "9" * 4000])
async def test_an_id_that_nobody_gave_is_no_way_into_the_past(
    db: Db, web: RunningWeb, token: str, library_id: UUID, last_id: str
) -> None:
    await tell(db, added(library_id))
    async with listening(web.url, headers=bearer(token), last_id=last_id) as listener:
        assert (await listener.next())["type"] == "hello"
        assert (await listener.next())["type"] == "reset"


async def test_who_has_too_much_to_catch_up_with_reads_everything_anew(
    db: Db, web: RunningWeb, token: str, library_id: UUID
) -> None:
    async with listening(web.url, headers=bearer(token), query="?topics=items.changed") as listener:
        last_id = (await listener.next())["id"]
        many = (added(library_id) for _ in range(REPLAY_MAX + 100))
        await tell(db, *many, ItemsChanged(library_id=library_id, item_ids=[new_id()]))
        await listener.told()
    async with listening(web.url, headers=bearer(token), last_id=last_id) as listener:
        while (message := await listener.next())["type"] != "reset":
            pass
        assert message["id"] == message["last_id"]


async def test_only_the_topics_asked_for_are_told(
    db: Db, web: RunningWeb, token: str, library_id: UUID
) -> None:
    async with listening(web.url, headers=bearer(token), query="?topics=items.changed") as listener:
        await listener.next()
        changed = ItemsChanged(library_id=library_id, item_ids=[new_id()])
        await tell(db, added(library_id), changed)
        assert (await listener.told())["event"]["kind"] == "items.changed"
    many = ",".join(str(number) for number in range(10_000))
    async with httpx.AsyncClient(base_url=web.url, trust_env=False) as client:
        for query in (f"?topics={many[:600]}", "?topics=a&topics=b", "?topics=%00"):
            answer = await client.get(EVENTS_PATH + query, headers=bearer(token))
            assert answer.status_code == 400, query


async def test_head_begins_nothing(web: RunningWeb, token: str) -> None:
    async with httpx.AsyncClient(base_url=web.url, trust_env=False) as client:
        for _ in range(2 * Pace().connections_a_user):
            answer = await client.head(EVENTS_PATH, headers=bearer(token))
            assert (answer.status_code, answer.headers["content-type"]) == (
                200,
                "text/event-stream",
            )


async def test_both_kinds_of_connections_count_and_those_that_left_do_not(
    web: RunningWeb, token: str
) -> None:
    for _ in range(2 * Pace().connections_a_user):
        async with listening(web.url, headers=bearer(token)) as listener:
            await listener.next()

    async def status(count: int) -> int:
        """Return how a listener is answered while so many others are there."""
        async with live(web.url, headers=bearer(token)) as client:
            await client.next()
            if count > 1:
                return await status(count - 1)
            async with listening(web.url, headers=bearer(token)) as listener:
                return listener.answer.status_code

    async def refused() -> bool:
        return await status(Pace().connections_a_user) == 429

    await until(refused)
    assert await status(Pace().connections_a_user - 1) == 200


async def test_signing_out_ends_the_answer(web: RunningWeb, token: str) -> None:
    async with listening(web.url, headers=bearer(token)) as listener:
        await listener.next()
        async with web.client() as client:
            await client.post("/api/v1/auth/logout", headers=bearer(token))
        with pytest.raises(StopAsyncIteration):
            await listener.next()


async def test_a_server_that_stops_ends_the_answer_and_begins_none(
    web: RunningWeb, token: str
) -> None:
    async with listening(web.url, headers=bearer(token)) as listener:
        await listener.next()
        await web.drain(0)
        with pytest.raises(StopAsyncIteration):
            await listener.next()
    async with listening(web.url, headers=bearer(token)) as listener:
        assert listener.answer.status_code == 503
