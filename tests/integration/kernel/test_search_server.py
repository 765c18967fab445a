"""What is made of whatever answers where a search server should be: byte by byte, over a real socket."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from server.kernel.search import (
    NoTypesense,
    SearchAddress,
    SearchNotReady,
    SearchRefused,
    SearchServer,
    SearchUnreachable,
    SearchUnwell,
)
from server.kernel.secret import Secret, SecretUrl

KEY = "k_9-"
Answer = Callable[[str], bytes]


def reply(status: int, body: bytes, *headers: bytes) -> bytes:
    head = (f"HTTP/1.1 {status} X".encode(), b"Connection: close", *headers)
    return b"\r\n".join((*head, b"", body))


WELL = reply(200, b'{"ok":true}')
HUGE = b"[" + b"1," * 500_000


def then(status: int, body: bytes = b"[]") -> Answer:
    """Be well, and answer this to the question that needs the key."""
    return lambda path: WELL if path == "/health" else reply(status, body)


def first(raw: bytes) -> Answer:
    return lambda _: raw


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[tuple[str, list[str]]]:
    """Yield an address and what was asked of it."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head)
        writer.write(answer(head.split()[1]))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", asked


async def check(url: str, key: str | None = KEY) -> None:
    address = SearchAddress(url=SecretUrl(url), key=None if key is None else Secret(key))
    async with aclosing(SearchServer(address)) as server:
        await server.check()


@pytest.mark.parametrize(
    ("raw", "version"),
    [
        (reply(200, b'{"state":1,"version":"30.2"}'), "30.2"),
        (reply(401, b'{"version":"30.2"}'), None),
        (reply(200, b'{"version":"' + b"3" * 41 + b'"}'), None),
        (reply(200, b'{"version":30}'), None),
        (reply(200, b"{}"), None),
        (reply(200, HUGE), None),
        (b"", None),
    ],
)
async def test_its_version_is_what_it_says(raw: bytes, version: str | None) -> None:
    async with answering(first(raw)) as (url, asked):
        address = SearchAddress(url=SecretUrl(url), key=Secret(KEY))
        async with aclosing(SearchServer(address)) as server:
            assert await server.version() == version
    assert asked[0].startswith("GET /debug ")


@pytest.mark.parametrize("path", ["", "/", "/behind/a/proxy"])
async def test_one_that_is_ready_and_takes_the_key_is_well(path: str) -> None:
    at = path.rstrip("/")

    def answer(asked: str) -> bytes:
        return WELL if asked == f"{at}/health" else reply(200, HUGE)

    async with answering(answer) as (url, asked):
        await check(url + path)
    assert [head.split()[1] for head in asked] == [f"{at}/health", f"{at}/collections?limit=1"]
    assert f"x-typesense-api-key: {KEY}\r\n" in asked[1].lower()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (first(reply(503, b'{"ok":false}')), SearchNotReady),
        (first(reply(200, b'{"ok":false}')), SearchNotReady),
        (first(reply(503, b'{"ok":true}')), SearchNotReady),
        (then(503, b'{"message":"Not Ready or Lagging"}'), SearchNotReady),
        (then(401), SearchRefused),
        (then(403), SearchRefused),
        (then(404), NoTypesense),
        (then(302), NoTypesense),
        (first(reply(200, b"<!doctype html>")), NoTypesense),
        (first(reply(200, b"")), NoTypesense),
        (first(reply(200, b"[]")), NoTypesense),
        (first(reply(200, b'{"ok":"yes"}')), NoTypesense),
        (first(reply(200, b'{"ok":1}')), NoTypesense),
        (first(reply(200, b"{}")), NoTypesense),
        (first(reply(200, b"[" * 60_000)), NoTypesense),
        (first(reply(200, HUGE)), NoTypesense),
        (first(reply(302, b"", b"Location: http://192.0.2.1/")), NoTypesense),
        (first(reply(500, b"\xff\x00")), NoTypesense),
        (first(reply(200, b"\x1f\x8b\x08", b"Content-Encoding: gzip")), NoTypesense),
        (first(b""), SearchUnreachable),
        (first(b"SSH-2.0-OpenSSH_9.2\r\n"), SearchUnreachable),
        (first(reply(200, b'{"ok"', b"Content-Length: 99")), SearchUnreachable),
        (first(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000), SearchUnreachable),
    ],
)
async def test_what_answers_otherwise_is_told_apart(
    answer: Answer, error: type[SearchUnwell]
) -> None:
    async with answering(answer) as (url, _):
        with pytest.raises(error):
            await check(url)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1", "http://", "http://:80", "http:///x", f"http://{'a' * 70}/", "http://a:99999", "http://" + "a" * 70_000,
     "http://nowhere.invalid", "https://127.0.0.1:1"],
)  # fmt: skip
async def test_where_nothing_is_nothing_answers(url: str) -> None:
    with pytest.raises(SearchUnreachable):
        await check(url)


async def test_without_a_key_it_is_refused() -> None:
    async with answering(lambda path: WELL if path == "/health" else reply(401, b"")) as (url, _):
        with pytest.raises(SearchRefused):
            await check(url, None)


@pytest.mark.parametrize("key", ["k\r\nX-Evil: 1", "schlüssel", "k\0", "🗝"])
async def test_a_key_that_no_header_can_hold_is_refused_and_told_nowhere(
    key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with answering(then(200)) as (url, asked):
        with pytest.raises(SearchRefused) as refused:
            await check(url, key)
    assert asked == []
    assert key not in repr(refused.value) + caplog.text


async def test_neither_key_nor_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with answering(then(200)) as (url, _):
        await check(url.replace("//", "//someone:hunter2@"))
    assert "hunter2" not in caplog.text
    assert KEY not in caplog.text
