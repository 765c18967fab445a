"""Events live: tells each connected viewer what they may hear, from where they left off."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from enum import IntEnum
from typing import Any, Final, Literal, Protocol

import msgspec
from msgspec import Struct

from server.kernel.clock import Instant
from server.kernel.errors import Limited, Unavailable
from server.kernel.events import Dispatcher, Event, Happened, LibraryEvent, kind_of
from server.kernel.log import get_log
from server.kernel.viewer import Viewer

log = get_log(__name__)

QUEUE_MAX: Final = 256
REPLAY_MAX: Final = 1000
MESSAGE_MAX_BYTES: Final = 16 * 1024

_STALE_S: Final = 2.0

ViewerOf = Callable[[str], Awaitable[Viewer | None]]


class TooManyConnections(Limited):
    """A user has as many live connections as anybody may have."""

    code = "realtime.too_many_connections"


class Close(IntEnum):
    """Why the server ends a connection (RFC 6455, section 7.4; from 4000 on our own)."""

    GOING_AWAY = 1001
    TOO_BIG = 1009
    SESSION_ENDED = 4401
    SILENT = 4408
    TOO_SLOW = 4429


class Pace(Struct, frozen=True, kw_only=True):
    """How often the server pings, after how long a silent client is dead, how often a session is checked.

    A user has at most `connections_a_user`.
    """

    ping_s: float = 30.0
    silent_s: float = 90.0
    session_s: float = 15.0
    connections_a_user: int = 10


class Hello(Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message: events up to `last_id` have happened already."""

    last_id: str
    ping_s: float


class Told(Struct, frozen=True, kw_only=True, tag="event"):
    """An event; give its `id` as `after` when you connect again, and you miss nothing."""

    id: str
    at: Instant
    event: Any


class Reset(Struct, frozen=True, kw_only=True, tag="reset"):
    """What happened since `after` is no longer known, or is too much: read everything anew."""


class Ping(Struct, frozen=True, kw_only=True, tag="ping"):
    """Are you there? Either side may ask."""


class Pong(Struct, frozen=True, kw_only=True, tag="pong"):
    """The answer to a ping."""


class Wrong(Struct, frozen=True, kw_only=True, tag="error"):
    """A message from the client made no sense."""

    code: Literal["invalid_message"] = "invalid_message"


class Subscribe(Struct, frozen=True, kw_only=True, tag="subscribe"):
    """From now on tell only these kinds; null: all that the session may hear."""

    kinds: list[str] | None


type FromClient = Ping | Pong | Subscribe

encode: Final = msgspec.json.Encoder().encode
decode: Final = msgspec.json.Decoder(FromClient).decode


class Socket(Protocol):
    """One accepted connection."""

    async def send(self, text: str) -> None:
        """Send a message; waits while the client does not read."""
        ...

    async def receive(self) -> str | bytes:
        """Return the next message."""
        ...


class Client:
    """One connection: its viewer, and the messages that wait for it."""

    def __init__(self, token: str, viewer: Viewer, position: int) -> None:
        self.token = token
        self.viewer = viewer
        self.position = position
        self.kinds: frozenset[str] | None = None
        self.waiting: asyncio.Queue[Happened | Struct] = asyncio.Queue(QUEUE_MAX)
        self.ended: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self.heard_s = asyncio.get_running_loop().time()
        self.seen_s = float("-inf")  # the viewer was asked for before the position was taken

    def offer(self, message: Happened | Struct) -> None:
        """Let a message wait for the client; one that does not keep up is cut off."""
        try:
            self.waiting.put_nowait(message)
        except asyncio.QueueFull:
            self.end(Close.TOO_SLOW)

    def end(self, why: Close) -> None:
        """End the connection; the first reason counts."""
        if not self.ended.done():
            self.ended.set_result(why)


_DEFAULT_PACE: Final = Pace()


class Realtime:
    """All live connections of one realm."""

    def __init__(self, dispatcher: Dispatcher, *, pace: Pace = _DEFAULT_PACE) -> None:
        self._dispatcher = dispatcher
        self._pace = pace
        self._permissions: Mapping[type[Event], str] = {}
        self._viewer_of: ViewerOf = _nobody
        self._clients: set[Client] = set()
        self._latest: tuple[int, str] = (0, "")
        self.end_counts: Counter[Close] = Counter()

    @property
    def client_count(self) -> int:
        """Return how many connections are open."""
        return len(self._clients)

    def declare(self, permissions: Mapping[type[Event], str], viewer_of: ViewerOf) -> None:
        """Take what may be heard by whom; an event that is not among it is told to nobody."""
        self._permissions = permissions
        self._viewer_of = viewer_of

    def admit(self, token: str, viewer: Viewer) -> Client:
        """Return a new connection, which misses nothing from now on. Raises: TooManyConnections."""
        count = sum(client.viewer.user_id == viewer.user_id for client in self._clients)
        if count >= self._pace.connections_a_user:
            raise TooManyConnections(retry_after_s=30, count=count)
        client = Client(token, viewer, self._dispatcher.position)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget a connection."""
        self._clients.discard(client)

    def close_all(self) -> None:
        """End all connections: the server stops."""
        for client in self._clients:
            client.end(Close.GOING_AWAY)

    def tell(self, happened: Sequence[Happened]) -> None:
        """Let events wait for everybody; who may hear them is decided when they are sent."""
        for one in happened:
            is_public = type(one.event) in self._permissions
            for client in self._clients:
                if one.event.ends(client.viewer):
                    client.end(Close.SESSION_ENDED)
                elif is_public or one.event.widens(client.viewer):
                    client.offer(one)

    async def serve(self, client: Client, socket: Socket, after: int | None) -> Close:
        """Serve an accepted connection until one side ends it; return why we do."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._send(client, socket, after)),
                    group.create_task(self._receive(client, socket)),
                    group.create_task(self._watch(client)),
                ]
                await asyncio.wait([client.ended])
                for task in tasks:
                    task.cancel()
        except* Exception as errors:  # noqa: BLE001 - mostly: the other side is gone
            log.debug("a live connection broke", reason=repr(errors.exceptions[0]))
        why = client.ended.result() if client.ended.done() else Close.GOING_AWAY
        self.end_counts[why] += 1
        return why

    async def _send(self, client: Client, socket: Socket, after: int | None) -> None:
        last_id = str(client.position)
        await _say(socket, Hello(last_id=last_id, ping_s=self._pace.ping_s))
        if after is not None and after != client.position:
            await self._replay(client, socket, after)
        while True:
            message = await client.waiting.get()
            if not isinstance(message, Happened):
                await _say(socket, message)
                continue
            if message.event.widens(client.viewer):
                await self._look_again(client)  # here: what waits behind it is judged by the answer
            if await self._may_hear(client, message.event):
                await socket.send(self._text(message))

    async def _replay(self, client: Client, socket: Socket, after: int) -> None:
        """Send what happened between the client's last event and its connection."""
        missed = await self._dispatcher.since(after, REPLAY_MAX + 1)
        if missed is None or len(missed) > REPLAY_MAX:
            await _say(socket, Reset())
            return
        for one in missed:
            if one.position <= client.position and await self._may_hear(client, one.event):
                await socket.send(self._text(one))

    async def _may_hear(self, client: Client, event: Event) -> bool:
        permission = self._permissions.get(type(event))
        if permission is None or not client.viewer.may(permission):
            return False
        if client.kinds is not None and kind_of(type(event)) not in client.kinds:
            return False
        if isinstance(event, LibraryEvent) and event.library_id not in client.viewer.library_ids:
            await self._look_again(client, _STALE_S)  # the library may be newer than what we know
        return event.is_for(client.viewer)

    async def _look_again(self, client: Client, older_than_s: float = 0.0) -> None:
        """Ask who the session belongs to, unless that was asked just now. Raises: Unavailable."""
        asked_s = asyncio.get_running_loop().time()
        if asked_s - client.seen_s < older_than_s:
            return
        viewer = await self._viewer_of(client.token)
        if viewer is None:
            client.end(Close.SESSION_ENDED)
            await asyncio.Event().wait()  # nothing more is sent: `serve` ends this task
        elif asked_s >= client.seen_s:  # else a later question was answered first
            client.viewer, client.seen_s = viewer, asked_s

    async def _receive(self, client: Client, socket: Socket) -> None:
        while True:
            raw = await socket.receive()
            client.heard_s = asyncio.get_running_loop().time()
            if len(raw) > MESSAGE_MAX_BYTES:
                client.end(Close.TOO_BIG)
                return
            try:
                message = decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                client.offer(Wrong())
                continue
            match message:
                case Ping():
                    client.offer(Pong())
                case Subscribe(kinds=kinds):
                    client.kinds = None if kinds is None else frozenset(kinds)
                case _:
                    pass  # a pong: it was heard

    async def _watch(self, client: Client) -> None:
        """Ping, and end the connection when the client is silent or its session over."""
        loop, pace = asyncio.get_running_loop(), self._pace
        next_ping_s = loop.time() + pace.ping_s
        while True:
            await asyncio.sleep(min(pace.session_s, pace.ping_s))
            if loop.time() - client.heard_s > pace.silent_s:
                client.end(Close.SILENT)
                return
            with suppress(Unavailable):
                await self._look_again(client, pace.session_s / 2)
            if loop.time() >= next_ping_s:
                next_ping_s = loop.time() + pace.ping_s
                client.offer(Ping())

    def _text(self, one: Happened) -> str:
        """Return the message of an event; the latest is kept, for it goes to everybody."""
        if self._latest[0] != one.position:
            told = Told(id=str(one.position), at=one.emitted_at, event=one.event)
            self._latest = (one.position, encode(told).decode())
        return self._latest[1]


async def _say(socket: Socket, message: Struct) -> None:
    await socket.send(encode(message).decode())


async def _nobody(_token: str) -> Viewer | None:
    return None
