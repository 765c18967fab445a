"""Live events over a real listener: who hears what, from where, and when it ends."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
import pytest

from server.kernel.db import Db
from server.kernel.events import Event, emit
from server.kernel.ids import new_id
from server.kernel.realtime import TOPICS_MAX, Pace
from server.kernel.realtime.realtime import RECENT_MAX, REPLAY_MAX
from server.kernel.roles import Owner
from server.services.catalog.model import ItemsAdded, ItemsChanged
from tests.helpers.live import Closed, LiveClient, Refused, live
from tests.helpers.until import until
from tests.helpers.web import ADMIN_NAME, ADMIN_PASSWORD, RunningWeb


@pytest.fixture
async def token(web: RunningWeb) -> str:
    async with web.signed_in() as client:
        return await sign_in(client)


@pytest.fixture
async def library_id(owner: Owner, token: str) -> UUID:
    made = new_id()
    await add_library(owner, made)
    return made


@pytest.fixture
async def connected(web: RunningWeb, token: str, library_id: UUID) -> AsyncIterator[LiveClient]:
    async with live(web.url, headers=bearer(token)) as client:
        assert (await client.next())["type"] == "hello"
        yield client


async def sign_in(client: httpx.AsyncClient) -> str:
    given = {"name": ADMIN_NAME, "password": ADMIN_PASSWORD, "mode": "token"}
    answer = await client.post("/api/v1/auth/login", json=given)
    token: str = answer.json()["token"]
    return token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def add_library(owner: Owner, library_id: UUID) -> None:
    await owner.execute(
        "INSERT INTO public.libraries (library_id, kind, name, changed_at) VALUES ($1, 'movie', 'F', now())",
        library_id,
    )


async def tell(db: Db, *events: Event) -> None:
    async with db.transaction() as tx:
        await emit(tx, *events)


async def read_all(client: LiveClient) -> None:
    while True:
        await client.next()


def added(library_id: UUID, level: int = 0) -> ItemsAdded:
    return ItemsAdded(library_id=library_id, rating_level=level, item_ids=[new_id()])


async def test_an_event_is_heard_by_who_sees_its_library(
    db: Db, connected: LiveClient, library_id: UUID
) -> None:
    event = added(library_id)
    await tell(db, added(new_id()), event)
    told = await connected.told()
    assert told["event"] == {
        "kind": "items.added",
        "library_id": str(library_id),
        "rating_level": 0,
        "item_ids": [str(event.item_ids[0])],
    }


async def test_what_is_rated_too_high_is_not_heard(
    db: Db, owner: Owner, web: RunningWeb, token: str, library_id: UUID
) -> None:
    await owner.execute("UPDATE shared.profiles SET max_level = 50")
    async with live(web.url, headers=bearer(token)) as client:
        await client.next()
        await tell(db, added(library_id, 51), added(library_id, 50))
        assert (await client.told())["event"]["rating_level"] == 50


async def test_who_subscribes_to_a_topic_hears_no_other(
    db: Db, connected: LiveClient, library_id: UUID
) -> None:
    connected.send({"type": "subscribe", "topics": ["items.changed"]})
    assert await connected.next() == {"type": "subscribed", "topics": ["items.changed"]}
    changed = ItemsChanged(library_id=library_id, item_ids=[new_id()])
    await tell(db, added(library_id), changed)
    assert (await connected.told())["event"]["kind"] == "items.changed"


async def test_a_new_library_is_heard_of_without_connecting_again(
    db: Db, owner: Owner, connected: LiveClient
) -> None:
    made = new_id()
    await add_library(owner, made)
    await tell(db, added(made))
    assert (await connected.told())["event"]["library_id"] == str(made)


async def test_who_comes_back_misses_nothing_and_hears_nothing_twice(
    db: Db, web: RunningWeb, token: str, library_id: UUID
) -> None:
    async with live(web.url, headers=bearer(token)) as client:
        await client.next()
        await tell(db, added(library_id))
        last_id = (await client.told())["id"]
    missed = [added(library_id) for _ in range(5)]
    await tell(db, *missed)
    await tell(db, added(new_id()))
    async with live(web.url, headers=bearer(token), query=f"?after={last_id}") as client:
        assert (await client.next())["type"] == "hello"
        late = added(library_id)
        await tell(db, late)
        heard = [(await client.told())["event"]["item_ids"][0] for _ in range(6)]
    assert heard == [str(event.item_ids[0]) for event in [*missed, late]]


async def test_who_comes_back_too_late_is_told_to_read_everything_anew(
    db: Db, owner: Owner, web: RunningWeb, token: str, library_id: UUID
) -> None:
    async with live(web.url, headers=bearer(token)) as client:
        last_id = (await client.next())["last_id"]
        await tell(db, *(added(new_id()) for _ in range(RECENT_MAX + 1)), added(library_id))
        await client.told()
    await owner.execute("DELETE FROM public.events WHERE position < 300")
    async with live(web.url, headers=bearer(token), query=f"?after={last_id}") as client:
        await client.next()
        reset = await client.next()
        assert reset["type"] == "reset"
    async with live(web.url, headers=bearer(token), query=f"?after={reset['last_id']}") as client:
        await client.next()
        await tell(db, added(library_id))
        assert (await client.next())["type"] == "event"


@pytest.mark.parametrize(
    "after", ["", "x", "-1", "0", "999999", "A" * 32, "\u00e4" * 32, "%00" * 32, "1" * 4000]
)
async def test_an_id_that_nobody_gave_is_no_way_into_the_past(
    db: Db, web: RunningWeb, token: str, library_id: UUID, after: str
) -> None:
    await tell(db, added(library_id))
    async with live(web.url, headers=bearer(token), query=f"?after={quote(after, safe='%')}") as it:
        assert (await it.next())["type"] == "hello"
        assert (await it.next())["type"] == "reset"


async def test_who_has_too_much_to_catch_up_with_reads_everything_anew(
    db: Db, web: RunningWeb, token: str, library_id: UUID
) -> None:
    async with live(web.url, headers=bearer(token), query="?topics=items.changed") as client:
        last_id = (await client.next())["last_id"]
        many = (added(library_id) for _ in range(REPLAY_MAX + 100))
        await tell(db, *many, ItemsChanged(library_id=library_id, item_ids=[new_id()]))
        await client.told()
    async with live(web.url, headers=bearer(token), query=f"?after={last_id}") as client:
        while (await client.next())["type"] != "reset":
            pass
        latest = added(library_id)
        await tell(db, latest)
        assert (await client.told())["event"]["item_ids"] == [str(latest.item_ids[0])]


async def test_what_others_hear_leaves_no_trace(
    db: Db, web: RunningWeb, token: str, library_id: UUID
) -> None:
    """Neither more events than anybody replays, nor ids, tell that something is kept from the viewer."""
    async with live(web.url, headers=bearer(token)) as client:
        last_id = (await client.next())["last_id"]
    hidden, seen = new_id(), [added(library_id) for _ in range(2)]
    await tell(db, seen[0], *(added(hidden) for _ in range(REPLAY_MAX + 100)), seen[1])
    async with live(web.url, headers=bearer(token), query=f"?after={last_id}") as client:
        hello = await client.next()
        told = [await client.next() for _ in range(2)]
    assert [one["event"]["item_ids"] for one in told] == [[str(one.item_ids[0])] for one in seen]
    names = {last_id, hello["last_id"], *(one["id"] for one in told)}
    assert {len(name) for name in names} == {32}
    async with live(web.url, headers=bearer(token), query=f"?after={told[1]['id']}") as client:
        assert (await client.next())["last_id"] not in names


async def test_nothing_is_compressed(connected: LiveClient) -> None:
    """Each connection would hold a window, and a small frame could unpack to a huge one."""
    assert not connected.is_compressed


async def test_topics_may_stand_in_the_address(
    db: Db, web: RunningWeb, token: str, library_id: UUID
) -> None:
    for topics, kind in (("items.changed", "items.changed"), ("jobs,items", "items.added")):
        async with live(web.url, headers=bearer(token), query=f"?topics={topics}") as client:
            await client.next()
            await tell(db, added(library_id))
            await tell(db, ItemsChanged(library_id=library_id, item_ids=[new_id()]))
            assert (await client.told())["event"]["kind"] == kind


async def test_too_many_topics_are_refused(
    web: RunningWeb, token: str, connected: LiveClient
) -> None:
    many = [str(number) for number in range(TOPICS_MAX + 1)]
    connected.send({"type": "subscribe", "topics": many})
    assert await connected.next() == {"type": "error", "code": "too_many_topics"}
    with pytest.raises(Refused) as refused:
        async with live(web.url, headers=bearer(token), query=f"?topics={','.join(many)}"):
            pass
    assert refused.value.status == 400
    connected.send({"type": "subscribe", "topics": [str(number) for number in range(10_000)]})
    with pytest.raises(Closed) as closed:
        await connected.next()
    assert closed.value.code == 1009


async def test_a_flood_of_messages_ends_the_connection(connected: LiveClient) -> None:
    for _ in range(Pace().messages + 1):
        connected.send({"type": "subscribe", "topics": None})
    with pytest.raises(Closed) as closed:
        await read_all(connected)
    assert closed.value.code in {4413, 4429}


async def test_without_a_session_nobody_is_let_in(web: RunningWeb, token: str) -> None:
    for headers in ({}, bearer("A" * 43), {"Cookie": "revenge_session=nobody"}):
        with pytest.raises(Refused) as refused:
            async with live(web.url, headers=headers):
                pass
        assert refused.value.status in {401, 403}


async def test_a_cookie_is_good_from_our_own_pages_only(web: RunningWeb) -> None:
    async with web.signed_in() as client:
        cookie = f"revenge_session={client.cookies['revenge_session']}"
    host = urlsplit(web.url).netloc
    for origin in ("https://evil.example.com", "null", ""):
        with pytest.raises(Refused) as refused:
            async with live(web.url, headers={"Cookie": cookie, "Origin": origin}):
                pass
        assert refused.value.status == 403
    async with live(web.url, headers={"Cookie": cookie, "Origin": f"http://{host}"}) as socket:
        assert (await socket.next())["type"] == "hello"


async def test_a_foreign_host_is_refused(web: RunningWeb, token: str) -> None:
    parts = urlsplit(web.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    with pytest.raises(Refused) as refused:
        await LiveClient(reader, writer).open("evil.example.com", "/api/v1/ws", bearer(token))
    writer.close()
    assert refused.value.status == 403


async def test_signing_out_ends_the_connection(
    web: RunningWeb, token: str, connected: LiveClient
) -> None:
    async with web.client() as client:
        answer = await client.post("/api/v1/auth/logout", headers=bearer(token))
        assert answer.is_success
    with pytest.raises(Closed) as closed:
        await connected.next(within_s=2)
    assert closed.value.code == 4401


async def test_a_server_that_stops_says_so(web: RunningWeb, connected: LiveClient) -> None:
    await web.drain(0)
    with pytest.raises(Closed) as closed:
        await connected.next(within_s=2)
    assert closed.value.code == 1001


async def test_messages_that_make_no_sense_are_answered(connected: LiveClient) -> None:
    for text in ("", "{", "[]", '{"type": "rule_the_world"}', "[" * 5000):
        connected.send_text(text)
        assert await connected.next() == {"type": "error", "code": "invalid_message"}
    connected.send_text('"' + "x" * 20_000 + '"')
    with pytest.raises(Closed) as closed:
        await connected.next()
    assert closed.value.code == 1009


async def test_a_user_has_so_many_connections_and_no_more(web: RunningWeb, token: str) -> None:
    async with asyncio.TaskGroup() as group:
        stop = asyncio.Event()

        async def hold() -> None:
            async with live(web.url, headers=bearer(token)) as client:
                await client.next()
                await stop.wait()

        for _ in range(Pace().connections_a_user):
            group.create_task(hold())
        await asyncio.sleep(0.5)
        try:
            with pytest.raises(Refused) as refused:
                async with live(web.url, headers=bearer(token)):
                    pass
            assert refused.value.status == 429
        finally:
            stop.set()


async def test_health_knows_the_jobs(web: RunningWeb) -> None:
    async with web.client() as client:

        async def state() -> bool:
            checks = (await client.get("/health/ready")).json().get("checks", [])
            return any(one["name"] == "jobs" and one["state"] == "healthy" for one in checks)

        await until(state)
