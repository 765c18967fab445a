"""Clients of live events, as small as tests and benchmarks need them, and a server of live events alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.events import Event as SocketEvent
from wsproto.extensions import PerMessageDeflate

from server.kernel.background import Line
from server.kernel.clock import SystemClock
from server.kernel.config import Limits
from server.kernel.db import Db
from server.kernel.events import Dispatcher, Event
from server.kernel.http.api import routes_of
from server.kernel.http.app import Live, Mount, Web, web_app
from server.kernel.http.events import EventRoutes
from server.kernel.http.guard import Gate, Guard
from server.kernel.http.limits import Gatekeeper
from server.kernel.http.static import Site
from server.kernel.listen import Listener
from server.kernel.messages import Messages
from server.kernel.realtime import Pace, Places, Realtime
from server.kernel.tasks import TaskScope
from tests.helpers.web import served

PATH = "/api/v1/ws"
EVENTS_PATH = "/api/v1/events"


class Refused(Exception):
    """The server did not accept the connection; `status` and `body` are its answer."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class Closed(Exception):
    """The server ended the connection; `code` says why."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


class LiveClient:
    """One open connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._events: list[SocketEvent] = []
        self._text = ""
        self.is_compressed = False

    async def open(self, host: str, target: str, headers: Mapping[str, str]) -> None:
        """Shake hands, as browsers do: they offer to compress. Raises: Refused."""
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        offered = [PerMessageDeflate()]
        self._send_event(Request(host=host, target=target, extra_headers=extra, extensions=offered))
        answer = await self._event()
        if isinstance(answer, RejectConnection):
            body = b""
            while answer.has_body and isinstance(part := await self._event(), RejectData):
                body += part.data
                if part.body_finished:
                    break
            raise Refused(answer.status_code, body)
        assert isinstance(answer, AcceptConnection)
        self.is_compressed = bool(answer.extensions)

    def send(self, message: object) -> None:
        """Send a message as JSON."""
        self._send_event(TextMessage(data=json.dumps(message)))

    def send_text(self, text: str) -> None:
        """Send a text as it is."""
        self._send_event(TextMessage(data=text))

    async def next(self, *, within_s: float = 10) -> dict[str, Any]:
        """Return the next message. Raises: Closed, TimeoutError."""
        async with asyncio.timeout(within_s):
            while True:
                event = await self._event()
                if isinstance(event, CloseConnection):
                    raise Closed(event.code)
                if isinstance(event, TextMessage):
                    self._text += event.data
                    if event.message_finished:
                        text, self._text = self._text, ""
                        message: dict[str, Any] = json.loads(text)
                        return message

    async def told(self, *, within_s: float = 10) -> dict[str, Any]:
        """Return the next message that is an event."""
        while True:
            message = await self.next(within_s=within_s)
            if message["type"] == "event":
                return message

    def _send_event(self, event: Any) -> None:
        self._writer.write(self._protocol.send(event))

    async def _event(self) -> SocketEvent:
        while not self._events:
            data = await self._reader.read(65536)
            self._protocol.receive_data(data or None)
            self._events.extend(self._protocol.events())
        return self._events.pop(0)


@asynccontextmanager
async def live(
    url: str, *, headers: Mapping[str, str], query: str = ""
) -> AsyncIterator[LiveClient]:
    """Connect to the live events of a server. Raises: Refused."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    client = LiveClient(reader, writer)
    try:
        await client.open(parts.netloc, f"{PATH}{query}", headers)
        yield client
    finally:
        writer.close()


class Listening:
    """One answer of server-sent events."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, *, within_s: float = 10) -> dict[str, Any]:
        """Return the next message with the id of its block. Raises: StopAsyncIteration, at the end."""
        block: dict[str, Any] = {}
        async with asyncio.timeout(within_s):
            while line := await anext(self._lines):
                name, _, value = line.partition(": ")
                block |= {"id": value} if name == "id" else json.loads(value)
        return block

    async def told(self, *, within_s: float = 10) -> dict[str, Any]:
        """Return the next message that is an event."""
        while True:
            message = await self.next(within_s=within_s)
            if message.get("type") == "event":
                return message


@asynccontextmanager
async def listening(
    url: str, *, headers: Mapping[str, str], query: str = "", last_id: str | None = None
) -> AsyncIterator[Listening]:
    """Listen to the server-sent events of a server."""
    headers = {**headers, "Last-Event-ID": last_id} if last_id is not None else headers
    async with (
        httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client,
        client.stream("GET", f"{EVENTS_PATH}{query}", headers=headers) as answer,
    ):
        yield Listening(answer)


@asynccontextmanager
async def live_server(
    db: Db,
    line: Line,
    heard: Mapping[type[Event], str],
    gate: Gate,
    *,
    private_events: Sequence[type[Event]] = (),
    pace: Pace,
    limits: Limits | None = None,
) -> AsyncIterator[str]:
    """Tell a realm's events to the sessions of `gate` until the block ends; yields the address.

    `heard` says for each event which permission it needs.
    """
    listener = Listener(line.dsn)
    dispatcher = Dispatcher(db, SystemClock(), listener, line.channel)
    realtime = Realtime(dispatcher, Places(line.key), pace=pace)
    realtime.declare(heard, gate.viewer)
    dispatcher.declare((*heard, *private_events), (), realtime.tell)
    web = Web(
        mounts=(Mount(prefix="/api/v1", routes=tuple(routes_of(EventRoutes(realtime)))),),
        guard=Guard(gate),
        messages=Messages.load(),
        pages=Site(Path("/nonexistent")),
        gatekeeper=Gatekeeper(lambda: limits or Limits()),
        live=Live(path=PATH, realtime=realtime),
    )
    async with TaskScope() as tasks, dispatcher.running(), served(web_app(web)) as url:
        tasks.spawn(listener.run(), name="listener")
        yield url
