"""Requests that no browser sends, byte by byte: answered with a plain status, never with a 5xx."""

import asyncio
import logging
from urllib.parse import urlsplit

import pytest

from tests.helpers.web import RunningWeb

_UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def status(web: RunningWeb, target: str, *, host: str = "localhost", more: str = "") -> int:
    """Return the status of the answer to a GET."""
    address = urlsplit(web.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        head = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n"
        writer.write(head.encode("latin-1"))
        async with asyncio.timeout(10):
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("target", "host", "expected"),
    [
        ("http://localhost/api/v1/setup", "localhost", 200),
        ("HTTP://localhost/api/v1/setup", "evil.example.com", 200),
        ("http://evil.example.com/api/v1/setup", "localhost", 421),
        ("http://localhost@evil.example.com/api/v1/setup", "localhost", 421),
        ("http://evil.example.com", "localhost", 421),
        ("http://[zz/", "localhost", 503),
        ("http://localhost", "localhost", 503),
        ("?x", "localhost", 421),
        ("*", "localhost", 421),
        ("evil.example.com:443", "localhost", 421),
    ],
)
async def test_an_absolute_target_goes_before_the_host_header(
    web: RunningWeb, target: str, host: str, expected: int
) -> None:
    assert await status(web, target, host=host) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [("/api//v1/setup", 404), ("/api/v1//setup", 404), ("//api/v1/setup", 200)],
)
async def test_nothing_is_redirected(web: RunningWeb, target: str, expected: int) -> None:
    assert await status(web, target) == expected


@pytest.mark.parametrize("target", ["/", "/api/v1/setup"])
@pytest.mark.parametrize("host", ["localhost", "evil.example.com"])
async def test_a_web_socket_is_refused(
    web: RunningWeb, caplog: pytest.LogCaptureFixture, target: str, host: str
) -> None:
    assert await status(web, target, host=host, more=_UPGRADE) == 403
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
