"""The range responder behind a real server and a real socket."""

import asyncio
import hashlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from pathlib import Path

import pytest
from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart, Response, request

from server.kernel.http.stream import CHUNK_BYTES, FileReply, OpenFile, respond

SIZE_BYTES = 5 * CHUNK_BYTES + 12_345
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def content() -> bytes:
    return os.urandom(SIZE_BYTES)


@pytest.fixture
def path(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    return path


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[int]:
    """Serve one file on a free port of the loopback interface."""
    app = Quart(__name__)

    @app.get("/file")
    async def file() -> Response:
        reply = FileReply(path=path, media_type="video/mp4", file_name="Amélie.mp4")
        return await respond(reply, request._get_current_object())

    listener = socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.errorlog = None
    config.graceful_timeout = 0.5
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(app, config, shutdown_trigger=stop.wait))
        yield listener.getsockname()[1]
        stop.set()
    listener.detach()


async def connect(
    port: int, method: str = "GET", **headers: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{method} /file HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    return reader, writer


async def head_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = (line.partition(": ") for line in lines if line)
    return int(first.split()[1]), {name.lower(): value for name, _, value in pairs}


async def ask(port: int, method: str = "GET", **headers: str) -> Answer:
    reader, writer = await connect(port, method, **headers)
    status, answered = await head_of(reader)
    body = await reader.read()
    writer.close()
    return status, answered, body


def same(body: bytes, expected: bytes) -> bool:
    """Compare by digest: a failed comparison of megabytes would print them."""
    return hashlib.sha256(body).digest() == hashlib.sha256(expected).digest()


async def test_every_form_of_range_gives_exactly_its_bytes(path: Path, content: bytes) -> None:
    last = SIZE_BYTES - 1
    forms = {
        "bytes=0-": slice(0, None),
        "bytes=0-0": slice(0, 1),
        "bytes=-1": slice(-1, None),
        "bytes=-500000": slice(-500_000, None),
        f"bytes=-{10**300}": slice(0, None),
        f"bytes={last}-": slice(last, None),
        f"bytes={CHUNK_BYTES - 1}-{CHUNK_BYTES}": slice(CHUNK_BYTES - 1, CHUNK_BYTES + 1),
        f"bytes=1-{CHUNK_BYTES * 3}": slice(1, CHUNK_BYTES * 3 + 1),
        f"bytes=4000000-{10**300}": slice(4_000_000, None),
    }
    async with serving(path) as port:
        for header, part in forms.items():
            status, headers, body = await ask(port, Range=header)
            assert (status, int(headers["content-length"])) == (206, len(body)), header
            assert same(body, content[part]), header
        for header in ("bytes=x", "bytes=9-1", "items=0-1", "bytes=" + "0-0," * 17 + "1-1"):
            status, headers, body = await ask(port, Range=header)
            assert (status, same(body, content)) == (200, True), header
        status, headers, body = await ask(port, Range=f"bytes={SIZE_BYTES}-")
        assert (status, headers["content-range"], body) == (416, f"bytes */{SIZE_BYTES}", b"")


async def test_several_ranges_arrive_as_readable_parts(path: Path, content: bytes) -> None:
    async with serving(path) as port:
        status, headers, body = await ask(port, Range="bytes=-10,0-1500000,2000000-2000009")
    assert (status, int(headers["content-length"])) == (206, len(body))
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + body).walk()
    ranges = [part["Content-Range"] for part in parts if not part.is_multipart()]
    assert ranges == [
        f"bytes {SIZE_BYTES - 10}-{SIZE_BYTES - 1}/{SIZE_BYTES}",
        f"bytes 0-1500000/{SIZE_BYTES}",
        f"bytes 2000000-2000009/{SIZE_BYTES}",
    ]
    expected = content[-10:], content[:1_500_001], content[2_000_000:2_000_010]
    assert all(part in body for part in expected)


async def test_head_gives_the_headers_of_get(path: Path) -> None:
    async with serving(path) as port:
        get, head = await ask(port), await ask(port, "HEAD", Range="bytes=0-9")
    assert (get[0], head[0], head[2]) == (200, 200, b"")
    names = ("content-length", "etag", "last-modified", "accept-ranges", "content-disposition")
    assert [get[1][name] for name in names] == [head[1][name] for name in names]
    assert head[1]["content-length"] == str(SIZE_BYTES)


async def test_a_replaced_file_ends_a_download_that_is_resumed(path: Path) -> None:
    async with serving(path) as port:
        etag = (await ask(port, "HEAD"))[1]["etag"]
        assert (await ask(port, Range="bytes=5-", If_Range=etag))[0] == 206
        assert (await ask(port, If_None_Match=etag))[::2] == (304, b"")
        await asyncio.to_thread(path.write_bytes, b"another film")
        status, _, body = await ask(port, Range="bytes=5-", If_Range=etag)
        assert (status, body) == (200, b"another film")
        assert (await ask(port, If_Match=etag))[::2] == (412, b"")


async def test_a_client_that_reads_slowly_is_not_read_ahead_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.mp4"
    with path.open("wb") as file:
        file.truncate(200 * CHUNK_BYTES)
    offsets: list[int] = []
    read = OpenFile.read

    async def counting(self: OpenFile, offset: int, count: int) -> bytes:
        offsets.append(offset)
        return await read(self, offset, count)

    monkeypatch.setattr(OpenFile, "read", counting)
    async with serving(path) as port:
        reader, writer = await connect(port)
        await head_of(reader)
        await asyncio.sleep(0.3)
        assert 0 < len(offsets) < 20
        assert len(await reader.readexactly(200 * CHUNK_BYTES)) == 200 * CHUNK_BYTES
        writer.close()


async def test_clients_that_vanish_leave_no_open_file(path: Path) -> None:
    async with serving(path) as port:
        await ask(port, "HEAD")
        for _ in range(30):
            reader, writer = await connect(port)
            await head_of(reader)
            writer.transport.abort()
        for _ in range(50):
            await asyncio.sleep(0.02)
            if path not in open_files():
                break
        assert path not in open_files()


async def test_a_file_that_shrinks_ends_the_connection_early(path: Path) -> None:
    with path.open("ab") as file:
        file.truncate(200 * CHUNK_BYTES)
    async with serving(path) as port:
        reader, writer = await connect(port)
        _, headers = await head_of(reader)
        os.truncate(path, 30 * CHUNK_BYTES)
        body = await reader.read()
        assert len(body) < int(headers["content-length"]) == 200 * CHUNK_BYTES
        writer.close()
        assert path not in open_files()
        assert (await ask(port, Range="bytes=0-9"))[0] == 206


async def test_sixteen_clients_at_once_all_get_the_film(path: Path, content: bytes) -> None:
    async with serving(path) as port:
        answers = await asyncio.gather(*(ask(port) for _ in range(16)))
    assert all(same(body, content) for _, _, body in answers)


def open_files() -> set[Path]:
    """Return what the descriptors of this process name."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.add(link.readlink())
        except FileNotFoundError:
            continue
    return found
