"""Live events under faults: clients that never read, connections that die, a database that goes away."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import psutil
import pytest

from server.kernel.background import Line
from server.kernel.db import Db, open_db
from server.kernel.errors import Unavailable
from server.kernel.migrate import migrate
from server.kernel.realm import PUBLIC, REALMS, Secrets, new_secrets, realm_dsn
from server.kernel.realtime import Pace
from server.kernel.roles import Owner
from tests.conftest import MIGRATIONS
from tests.helpers.jobs import channel_of
from tests.helpers.live import (
    EVENTS_PATH,
    PATH,
    Listening,
    LiveClient,
    listening,
    live,
    live_server,
)
from tests.helpers.postgres import data_directory, running_cluster
from tests.helpers.until import until
from tests.integration.kernel.test_live_rights import BEARER, HEARD, Said, Sessions, tell

HASTY = Pace(slow_s=0.3, session_s=0.1)
HANDSHAKE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
type Open = Callable[[str, str | None], AbstractAsyncContextManager[LiveClient | Listening]]


def over_socket(url: str, last_id: str | None) -> AbstractAsyncContextManager[LiveClient]:
    return live(url, headers=BEARER, query="" if last_id is None else f"?after={last_id}")


def over_http(url: str, last_id: str | None) -> AbstractAsyncContextManager[Listening]:
    return listening(url, headers=BEARER, last_id=last_id)


@pytest.fixture
async def line(owner_dsn: str, secrets: Secrets) -> Line:
    return Line(
        dsn=realm_dsn(owner_dsn, PUBLIC, secrets),
        channel=await channel_of(owner_dsn),
        key=secrets.key(PUBLIC),
    )


@pytest.fixture(params=[over_socket, over_http])
def connect(request: pytest.FixtureRequest) -> Open:
    opener: Open = request.param
    return opener


@pytest.mark.parametrize(("path", "headers"), [(PATH, HANDSHAKE), (EVENTS_PATH, "")])
async def test_the_connection_of_a_client_that_never_reads_is_dropped(
    db: Db, line: Line, path: str, headers: str
) -> None:
    async with live_server(db, line, HEARD, Sessions(), pace=HASTY) as url:
        with raw(url, path, headers) as deaf:
            await asyncio.sleep(0.5)  # it is admitted
            assert is_held(deaf.getsockname())
            for _ in range(12):
                await tell(db, Said(word="x" * 1_000_000))
            await until(lambda: not is_held(deaf.getsockname()))
        async with live(url, headers=BEARER) as client:
            await client.next()
            await tell(db, Said(word="well"))
            assert (await client.told())["event"]["word"] == "well"


FRAMES = {
    "noise": b"\xff\x00" * 200,
    "not masked": b"\x81\x05hello",
    "said to be compressed": b"\xc1\x85\0\0\0\0hello",
    "no UTF-8": b"\x81\x82\0\0\0\0\xff\xfe",
    "a ping that is too long": b"\x89\xfe\x01\x00" + b"\0" * 260,
    "the rest of nothing": b"\x80\x85\0\0\0\0hello",
    "half a frame": b"\x81\xff\x00\x00",
    "endless": b"\x81\xff" + (2**40).to_bytes(8) + b"\0" * 300_000,
    "endless parts": b"\x01\xfe\xff\xff" + b"\0" * 65_539 + b"\x00\xfe\xff\xff" + b"\0" * 65_539,
}


@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES.keys())
async def test_frames_that_are_none_harm_nobody_else(db: Db, line: Line, frames: bytes) -> None:
    pace = Pace(session_s=0.1, silent_s=1, connections_a_user=1)
    async with live_server(db, line, HEARD, Sessions(), pace=pace) as url:
        with raw(url, PATH, HANDSHAKE) as client:
            await asyncio.sleep(0.5)  # it is admitted
            client.sendall(frames)
            await until(lambda: not is_held(client.getsockname()))
        async with live(url, headers=BEARER) as other:
            await other.next()
            await tell(db, Said(word="well"))
            assert (await other.told())["event"]["word"] == "well"


async def test_a_message_without_end_takes_no_memory(db: Db, line: Line) -> None:
    async with live_server(db, line, HEARD, Sessions(), pace=Pace()) as url:
        with raw(url, PATH, HANDSHAKE) as client:
            await asyncio.sleep(0.5)  # it is admitted
            client.sendall(b"\x81\xff" + (2**40).to_bytes(8) + b"\0" * 4)
            with suppress(ConnectionError):
                for _ in range(1000):
                    await asyncio.to_thread(client.sendall, b"x" * 100_000)
            await until(lambda: not is_held(client.getsockname()))


async def test_nothing_is_missed_or_told_twice_while_all_connections_die(
    db: Db, owner: Owner, line: Line, connect: Open, caplog: pytest.LogCaptureFixture
) -> None:
    words = [f"{number}" for number in range(300)]

    async def say() -> None:
        for word in words:
            await tell(db, Said(word=word))

    async def kill() -> None:
        while True:
            await asyncio.sleep(0.05)
            await owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'revenge listener' AND datname = current_database()"
            )

    async with live_server(db, line, HEARD, Sessions(), pace=Pace()) as url:
        async with connect(url, None) as first:
            last_id = (await first.next())["last_id"]
        async with asyncio.TaskGroup() as group:
            killing = group.create_task(kill())
            group.create_task(say())
            assert await heard(connect, url, last_id, len(words)) == words
            killing.cancel()
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []


async def test_a_connection_that_dies_after_its_first_word_loses_nothing(
    db: Db, line: Line, connect: Open
) -> None:
    async with live_server(db, line, HEARD, Sessions(), pace=Pace()) as url:
        async with connect(url, None) as first:
            last_id = (await first.next())["last_id"]
        await tell(db, Said(word="missed"))
        for _ in range(3):
            async with connect(url, last_id) as client:
                last_id = (await client.next())["last_id"]
        assert await heard(connect, url, last_id, 1) == ["missed"]
        async with connect(url, "nobody's") as client:
            assert (await client.next())["last_id"] == ""
            assert (await client.next())["type"] == "reset"


async def test_after_the_database_was_away_everybody_hears_on(connect: Open) -> None:
    secrets = new_secrets()
    with data_directory() as folder:
        async with AsyncExitStack() as stack:
            with running_cluster(folder, is_durable=True) as cluster:
                migrated = await migrate(cluster.dsn, MIGRATIONS, REALMS, secrets, lambda _: None)
                dsn, channel = migrated.dsns["public"], migrated.channels["public"]
                line = Line(dsn=dsn, channel=channel, key=secrets.key(PUBLIC))
                db = await stack.enter_async_context(open_db(dsn, max_size=4))
                url = await stack.enter_async_context(
                    live_server(db, line, HEARD, Sessions(), pace=Pace())
                )
                async with connect(url, None) as client:
                    last_id = (await client.next())["last_id"]
                await tell(db, Said(word="before"))
            with running_cluster(folder, is_durable=True):
                await until(lambda: is_told(db, "after"))
                assert await heard(connect, url, last_id, 2) == ["before", "after"]
                await stack.aclose()


async def is_told(db: Db, word: str) -> bool:
    """Tell it, unless the pool still holds connections that are dead."""
    try:
        await tell(db, Said(word=word))
    except Unavailable:
        return False
    return True


@contextmanager
def raw(url: str, path: str, headers: str) -> Iterator[socket.socket]:
    """Ask, and leave the rest to the test: nothing reads."""
    host = urlsplit(url)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((host.hostname, host.port))
        bearer = f"Authorization: {BEARER['Authorization']}"
        asked = f"GET {path} HTTP/1.1\r\nHost: {host.netloc}\r\n{bearer}\r\n{headers}\r\n"
        client.sendall(asked.encode())
        yield client


def is_held(address: tuple[str, int]) -> bool:
    """Return whether this process, which is the server, holds the other end of a connection."""
    return any(one.raddr == address for one in psutil.Process().net_connections("tcp"))


async def heard(connect: Open, url: str, last_id: str, count: int) -> list[str]:
    """Return what is heard by a client that leaves and comes back all the time."""
    words: list[str] = []
    while len(words) < count:
        async with connect(url, last_id) as client:
            for _ in range(7):
                message = await client.told(within_s=30)
                words.append(message["event"]["word"])
                last_id = message["id"]
                if len(words) == count:
                    break
    return words
