"""Live events for who only listens: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from types import TracebackType
from typing import Annotated, Any, Final

from msgspec import Meta, Struct
from quart import Request, Response
from quart.wrappers.response import ResponseBody

from server.kernel.errors import Unauthenticated, Unavailable
from server.kernel.http.api import SIGNED_IN, Call, route
from server.kernel.http.sockets import CLOSE_S, ask_of
from server.kernel.http.wire import cut
from server.kernel.realtime import Ask, Client, Message, Realtime, TooManyConnections
from server.kernel.realtime.model import Hello, Ping, Reset, Told, encode
from server.kernel.tasks import TaskScope
from server.kernel.viewer import Viewer

MEDIA_TYPE: Final = "text/event-stream"

_HEADERS: Final = {
    "Content-Type": MEDIA_TYPE,
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would hold events back
}


class EventsQuery(Struct, frozen=True, kw_only=True):
    """Which events."""

    topics: (
        Annotated[
            str,
            Meta(
                description="Topics between commas: kinds such as `items.added`, or what stands before the dot; "
                "all that the session may hear where it is left out"
            ),
        ]
        | None
    ) = None


class EventStream(Struct, frozen=True, kw_only=True):
    """An answer that tells events until the client leaves or its session ends."""

    realtime: Realtime
    token: str
    viewer: Viewer
    ask: Ask


class EventRoutes:
    """Events over plain HTTP."""

    def __init__(self, realtime: Realtime) -> None:
        self._realtime = realtime

    @route(
        "GET",
        "/events",
        permission=SIGNED_IN,
        raises=(TooManyConnections,),
        media_type=MEDIA_TYPE,
    )
    async def get(self, query: EventsQuery, call: Call) -> EventStream:
        """Events as they happen, as server-sent events.

        The messages are those that the server says over the WebSocket `/api/v1/ws`: `hello`, `event` and
        `reset`, each a `data` line of JSON. With the header `Last-Event-ID` nothing is missed between two
        connections; after a `reset` read everything anew. An empty event with a new id comes at least every
        30 seconds. A client that does not read is cut off, and the end of the session ends the answer.
        """
        if call.session_token is None:
            raise Unauthenticated
        return EventStream(
            realtime=self._realtime,
            token=call.session_token,
            viewer=call.viewer,
            ask=ask_of(call.last_event_id, query.topics),
        )


def tell(reply: EventStream, request: Request) -> Response:
    """Return the answer. Raises: TooManyConnections, Unavailable."""
    if request.method == "HEAD":
        return Response(b"", 200, _HEADERS)
    client = reply.realtime.admit(reply.token, reply.viewer, reply.ask)
    client.heard_s = float("inf")  # it has no way to give a sign of life
    response = Response(_Body(reply.realtime, client, request.scope), 200, _HEADERS)
    response.timeout = None
    return response


class _Body(ResponseBody):
    """What a client is told; ends with its session, or when the server stops."""

    def __init__(self, realtime: Realtime, client: Client, scope: Any) -> None:
        self._realtime = realtime
        self._client = client
        self._scope = scope
        self._tasks = TaskScope()
        self._sent = self._blocks()

    async def __aenter__(self) -> AsyncIterator[bytes]:
        self._tasks.spawn(self._realtime.watch(self._client), name="watches a listener")
        self._tasks.spawn(self._cut_late(), name="cuts a listener")
        return self._sent

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._realtime.leave(self._client)
        await self._sent.aclose()
        await self._tasks.__aexit__(kind, error, trace)

    def __del__(self) -> None:
        """Leave; a body that is never sent has no other end."""
        self._realtime.leave(self._client)

    async def _blocks(self) -> AsyncGenerator[bytes]:
        with suppress(Unavailable):  # the client comes back, and misses nothing
            async with aclosing(self._realtime.messages(self._client)) as messages:
                async for message in messages:
                    yield _block(message)

    async def _cut_late(self) -> None:
        """Cut a connection whose last words nobody reads."""
        await asyncio.wait([self._client.ended])
        await asyncio.sleep(CLOSE_S)
        cut(self._scope)


def _block(message: Message) -> bytes:
    """Return a message as a block of lines; without data it is no event, but its id counts."""
    match message:
        case Hello(last_id=""):  # the client keeps its id, and is told again should this break here
            return b"data: %s\n\n" % encode(message)
        case Hello(last_id=last_id) | Reset(last_id=last_id) | Told(id=last_id):
            return b"id: %s\ndata: %s\n\n" % (last_id.encode(), encode(message))
        case Ping(last_id=last_id):
            return b"id: %s\n\n" % last_id.encode()
        case _:
            return b"data: %s\n\n" % encode(message)
