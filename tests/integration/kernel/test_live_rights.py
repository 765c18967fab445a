"""Live events alone: rights that change while somebody is connected, and who is not there any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec
import pytest

from server.kernel.background import Line
from server.kernel.db import Db
from server.kernel.errors import Unavailable
from server.kernel.events import Event, LibraryEvent, emit
from server.kernel.ids import new_id
from server.kernel.realm import PUBLIC, Secrets, realm_dsn
from server.kernel.realtime import Close, Pace
from server.kernel.viewer import Viewer
from tests.helpers.jobs import channel_of
from tests.helpers.live import Closed, LiveClient, live, live_server
from tests.helpers.until import until

LIBRARY_ID = new_id()


class Said(Event, frozen=True, kw_only=True, tag="test.said"):
    word: str


class Whispered(Event, frozen=True, kw_only=True, tag="test.whispered"):
    word: str


class Shelved(LibraryEvent, frozen=True, kw_only=True, tag="test.shelved"):
    pass


class Opened(Event, frozen=True, kw_only=True, tag="test.opened"):
    user_id: UUID

    def widens(self, viewer: Viewer) -> bool:
        return viewer.user_id == self.user_id


HEARD: dict[type[Event], str] = {
    Said: "test:hear",
    Shelved: "test:hear",
    Whispered: "test:whisper",
}
NARROW = Viewer(
    user_id=new_id(),
    profile_id=new_id(),
    profile_name="Ada",
    session_id=new_id(),
    realm="public",
    permissions=frozenset({"test:hear"}),
    library_ids=(),
    max_level=100,
    language="en",
)
WIDE = msgspec.structs.replace(
    NARROW,
    permissions=frozenset({"test:hear", "test:whisper"}),
    library_ids=(LIBRARY_ID,),
)
SHELVED, OPENED = Shelved(library_id=LIBRARY_ID), Opened(user_id=NARROW.user_id)
CALM = Pace()
BEARER = {"Authorization": "Bearer somebody"}


class Sessions:
    """One session, whose rights the test changes; may be away, or late with one answer."""

    def __init__(self) -> None:
        self.current: Viewer | None = NARROW
        self.is_away = False
        self.late: asyncio.Event | None = None

    async def viewer(self, token: str) -> Viewer | None:
        if self.is_away:
            raise Unavailable
        answer, late, self.late = self.current, self.late, None
        if late is not None:
            await late.wait()
        return answer


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


@pytest.fixture
async def line(owner_dsn: str, secrets: Secrets) -> Line:
    return Line(
        dsn=realm_dsn(owner_dsn, PUBLIC, secrets),
        channel=await channel_of(owner_dsn),
        key=secrets.key(PUBLIC),
    )


@asynccontextmanager
async def listening(
    db: Db, line: Line, sessions: Sessions, pace: Pace = CALM
) -> AsyncIterator[LiveClient]:
    async with (
        live_server(db, line, HEARD, sessions, private_events=(Opened,), pace=pace) as url,
        live(url, headers=BEARER) as client,
    ):
        assert (await client.next())["type"] == "hello"
        yield client


async def tell(db: Db, *events: Event) -> None:
    async with db.transaction() as tx:
        await emit(tx, *events)


async def kinds(client: LiveClient, count: int) -> list[str]:
    return [(await client.told())["event"]["kind"] for _ in range(count)]


async def end_of(client: LiveClient) -> int | None:
    try:
        while True:
            await client.next()
    except Closed as closed:
        return closed.code


async def test_who_lacks_the_permission_hears_nothing(
    db: Db, line: Line, sessions: Sessions
) -> None:
    async with listening(db, line, sessions) as client:
        await tell(db, Whispered(word="hush"), Said(word="aloud"))
        assert await kinds(client, 1) == ["test.said"]


async def test_what_stands_behind_a_wider_view_is_told_by_it(
    db: Db, line: Line, sessions: Sessions
) -> None:
    async with listening(db, line, sessions) as client:
        await tell(db, SHELVED, Whispered(word="hush"), Said(word="before"))
        assert await kinds(client, 1) == ["test.said"]
        sessions.current = WIDE
        await tell(db, OPENED, Whispered(word="hear"), SHELVED, Said(word="after"))
        assert await kinds(client, 3) == ["test.whispered", "test.shelved", "test.said"]


async def test_a_view_that_widens_for_others_changes_nothing(
    db: Db, line: Line, sessions: Sessions
) -> None:
    async with listening(db, line, sessions) as client:
        sessions.is_away = True  # asking would end the connection
        await tell(db, Opened(user_id=new_id()), Said(word="on we go"))
        assert await kinds(client, 1) == ["test.said"]


async def test_an_answer_that_comes_late_does_not_undo_a_later_one(
    db: Db, line: Line, sessions: Sessions
) -> None:
    async with listening(db, line, sessions, Pace(session_s=0.2)) as client:
        sessions.late = late = asyncio.Event()
        await until(lambda: sessions.late is None)
        sessions.current = WIDE
        await tell(db, OPENED, Whispered(word="one"))
        assert await kinds(client, 1) == ["test.whispered"]
        late.set()
        await tell(db, Whispered(word="two"))
        assert await kinds(client, 1) == ["test.whispered"]


async def test_nothing_is_lost_when_nobody_can_say_who_may_hear_it(
    db: Db, line: Line, sessions: Sessions
) -> None:
    async with live_server(db, line, HEARD, sessions, private_events=(Opened,), pace=Pace()) as url:
        async with live(url, headers=BEARER) as client:
            last_id = (await client.next())["last_id"]
            sessions.is_away = True
            await tell(db, OPENED, Whispered(word="hear"))
            assert await end_of(client) == Close.GOING_AWAY
        sessions.is_away, sessions.current = False, WIDE
        async with live(url, headers=BEARER, query=f"?after={last_id}") as client:
            assert await kinds(client, 1) == ["test.whispered"]


async def test_a_session_that_is_over_is_noticed(db: Db, line: Line, sessions: Sessions) -> None:
    async with listening(db, line, sessions, Pace(session_s=0.05)) as client:
        sessions.current = None
        assert await end_of(client) == Close.SESSION_ENDED


async def test_a_client_that_gives_no_sign_of_life_is_cut_off(
    db: Db, line: Line, sessions: Sessions
) -> None:
    pace = Pace(ping_s=0.05, silent_s=0.3, session_s=0.05)
    async with listening(db, line, sessions, pace) as client:
        assert (await client.next())["type"] == "ping"
        assert await end_of(client) == Close.SILENT
