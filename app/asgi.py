"""The little of ASGI that our own two small applications need."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import msgspec
from msgspec import Struct

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[
    [Any, Any, Any], Awaitable[None]
]  # every framework has its own types for these three


class Answer(Struct, frozen=True, kw_only=True):
    """A whole response."""

    status: int
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = {}


def json_answer(value: Any, *, status: int = 200, media_type: str = "application/json") -> Answer:
    """Return the value as JSON."""
    return Answer(status=status, body=msgspec.json.encode(value), media_type=media_type)


def header(scope: Scope, name: str) -> str:
    """Return the first value of a request header, empty where it is absent."""
    wanted = name.lower().encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == wanted), "")


async def send_answer(scope: Scope, send: Send, answer: Answer) -> None:
    """Send the response; HEAD gets the head of it, and who asks for a socket gets it in place of one."""
    headers = {
        "content-type": answer.media_type,
        "content-length": str(len(answer.body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **answer.headers,
    }
    lines = [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    await send({"type": f"{kind}.start", "status": answer.status, "headers": lines})
    body = b"" if scope.get("method") == "HEAD" else answer.body
    await send({"type": f"{kind}.body", "body": body})


async def live_and_end(receive: Receive, send: Send) -> None:
    """Agree to the server's start and stop: what these applications need is made elsewhere."""
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
