"""All live connections of a realm: who is told what, and who is cut off."""

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Final, Protocol

import msgspec

from server.kernel.errors import Unavailable
from server.kernel.events import Dispatcher, Event, Happened, LibraryEvent, Stretch, kind_of
from server.kernel.log import get_log
from server.kernel.realtime.client import Ask, Client
from server.kernel.realtime.model import (
    TOPICS_MAX,
    Close,
    FromClient,
    Hello,
    Message,
    Pace,
    Ping,
    Pong,
    Reset,
    Subscribe,
    Subscribed,
    Told,
    TooManyConnections,
    Wrong,
    decode,
    encode,
)
from server.kernel.realtime.places import Places
from server.kernel.viewer import Viewer

log = get_log(__name__)

RECENT_MAX: Final = 512
"""So many events are kept in memory, once for all clients; who is further behind reads the outbox."""

REPLAY_MAX: Final = 1000
"""Who has more than this to catch up with reads everything anew."""

_AT_ONCE: Final = 50
_STALE_S: Final = 2.0

ViewerOf = Callable[[str], Awaitable[Viewer | None]]


class Socket(Protocol):
    """One accepted connection."""

    async def send(self, text: str) -> None:
        """Send a message; waits while the client does not read."""
        ...

    async def receive(self) -> str | bytes:
        """Return the next message."""
        ...


_DEFAULT_PACE: Final = Pace()


class Realtime:
    """Tells events to who may hear them; each client goes through their order at its own speed."""

    def __init__(
        self, dispatcher: Dispatcher, places: Places, *, pace: Pace = _DEFAULT_PACE
    ) -> None:
        self._dispatcher = dispatcher
        self._places = places
        self._pace = pace
        self._permissions: Mapping[type[Event], str] = {}
        self._viewer_of: ViewerOf = _nobody
        self._clients: set[Client] = set()
        self._recent: list[Happened] = []
        self._recent_after = (
            0  # all events after this position are among the recent, if there are any
        )
        self._latest: tuple[Happened | None, msgspec.Raw] = (None, msgspec.Raw())
        self._is_closed = False
        self.end_counts: Counter[Close] = Counter()

    @property
    def client_count(self) -> int:
        """Return how many connections are open."""
        return len(self._clients)

    def declare(self, permissions: Mapping[type[Event], str], viewer_of: ViewerOf) -> None:
        """Take what may be heard by whom; an event that is not among it is told to nobody."""
        self._permissions = permissions
        self._viewer_of = viewer_of

    def admit(self, token: str, viewer: Viewer, ask: Ask) -> Client:
        """Return a new connection, which misses nothing from now on; whoever admits it lets it leave.

        Raises: TooManyConnections; Unavailable, when the server stops.
        """
        if self._is_closed:
            raise Unavailable
        count = sum(client.viewer.user_id == viewer.user_id for client in self._clients)
        if count >= self._pace.connections_a_user:
            raise TooManyConnections(retry_after_s=30, count=count)
        client = Client(token, viewer, self._dispatcher.position, ask)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Forget a connection; again is harmless."""
        if client in self._clients:
            self._clients.discard(client)
            client.end(Close.GOING_AWAY)
            self.end_counts[client.ended.result()] += 1

    def close_all(self) -> None:
        """End all connections and admit no more: the server stops."""
        self._is_closed = True
        for client in self._clients:
            client.end(Close.GOING_AWAY)

    def tell(self, happened: Sequence[Happened]) -> None:
        """Wake everybody; who may hear what is decided when it is sent."""
        if not happened:
            return
        self._remember(happened)
        endings = [one.event for one in happened if type(one.event).ends is not Event.ends]
        for client in self._clients:
            if any(event.ends(client.viewer) for event in endings):
                client.end(Close.SESSION_ENDED)
            client.wake()

    async def serve(self, client: Client, socket: Socket) -> None:
        """Serve an accepted WebSocket until one side ends it."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._send(client, socket)),
                    group.create_task(self._receive(client, socket)),
                    group.create_task(self.watch(client)),
                ]
                await asyncio.wait([client.ended])
                for task in tasks:
                    task.cancel()
        except* Exception as errors:  # noqa: BLE001 - mostly: the other side is gone
            log.debug("a live connection broke", reason=repr(errors.exceptions[0]))
            client.end(Close.GOING_AWAY)

    async def messages(self, client: Client) -> AsyncGenerator[Message]:
        """Yield what a client is told, in order, until its end. Raises: Unavailable."""
        is_known = client.after is None or await self._go_back(client, client.after)
        last_id = self._places.name(client.position) if is_known else ""
        yield Hello(last_id=last_id, ping_s=self._pace.ping_s)
        if not is_known:
            yield self._reset(client)
        count = 0
        while not client.ended.done():
            client.woken.clear()
            while client.replies:
                yield self._completed(client.replies.popleft(), client)
            stretch = await self._after(client.position)
            if stretch is None or count > REPLAY_MAX:
                count = 0
                yield self._reset(client)
            elif stretch.end == client.position:
                count = 0
                client.rest()
                await client.woken.wait()
            else:
                async for told in self._told(client, stretch):
                    count += 1
                    yield told
                await asyncio.sleep(0)  # sending may never wait: others have their turn here

    async def watch(self, client: Client) -> None:
        """Ping, and end the connection when the client is silent, slow, loud, or its session over."""
        loop, pace = asyncio.get_running_loop(), self._pace
        next_ping_s = loop.time() + pace.ping_s
        while not client.ended.done():
            await asyncio.sleep(min(pace.session_s, pace.ping_s))
            now_s, client.said_count = loop.time(), 0
            if now_s - client.heard_s > pace.silent_s:
                client.end(Close.SILENT)
            elif client.behind_s is not None and now_s - client.behind_s > pace.slow_s:
                client.end(Close.TOO_SLOW)
            with suppress(Unavailable):
                await self._look_again(client, pace.session_s / 2)
            if loop.time() >= next_ping_s:
                next_ping_s = loop.time() + pace.ping_s
                client.offer(Ping())

    async def _send(self, client: Client, socket: Socket) -> None:
        async with aclosing(self.messages(client)) as messages:
            async for message in messages:
                await socket.send(encode(message).decode())

    async def _receive(self, client: Client, socket: Socket) -> None:
        while not client.ended.done():
            raw = await socket.receive()
            client.heard_s = asyncio.get_running_loop().time()
            client.said_count += 1
            if client.said_count > self._pace.messages:
                client.end(Close.TOO_MUCH)
            else:
                _answer(client, _read(raw))

    def _remember(self, happened: Sequence[Happened]) -> None:
        before = happened[0].position - 1
        if not self._recent:
            self._recent_after = before
        elif before < self._recent[-1].position:  # an outage took the last: their places are new
            self._recent, self._recent_after = [], before
            for client in self._clients:
                client.position = min(client.position, before)
        self._recent += happened
        if len(self._recent) > RECENT_MAX:
            self._recent_after = self._recent[-RECENT_MAX - 1].position
            del self._recent[:-RECENT_MAX]

    async def _after(self, position: int) -> Stretch | None:
        """Return some of what comes after a position, None where that is no longer known."""
        if self._recent and position >= self._recent_after:
            first = bisect_right(self._recent, position, key=_position)
            events = self._recent[first : first + _AT_ONCE]
            return Stretch(events=events, end=events[-1].position if events else position)
        if position == self._dispatcher.position:
            return Stretch(events=[], end=position)
        return await self._dispatcher.since(position, _AT_ONCE)

    async def _told(self, client: Client, stretch: Stretch) -> AsyncGenerator[Told]:
        """Yield of a stretch what the client may hear."""
        for one in stretch.events:
            client.position = one.position
            if one.event.widens(client.viewer):
                await self._look_again(client)  # what stands behind it is judged by the answer
            if await self._may_hear(client, one.event):
                name = self._places.name(one.position)
                yield Told(id=name, at=one.emitted_at, event=self._encoded(one))
            if client.position != one.position:  # places are given away again
                return
        client.position = stretch.end

    async def _may_hear(self, client: Client, event: Event) -> bool:
        permission = self._permissions.get(type(event))
        if permission is None or not client.viewer.may(permission):
            return False
        if not client.wants(kind_of(type(event))):
            return False
        if isinstance(event, LibraryEvent) and event.library_id not in client.viewer.library_ids:
            await self._look_again(client, _STALE_S)  # the library may be newer than what we know
        return not client.ended.done() and event.is_for(client.viewer)

    async def _look_again(self, client: Client, older_than_s: float = 0.0) -> None:
        """Ask who the session belongs to, unless that was asked just now. Raises: Unavailable."""
        asked_s = asyncio.get_running_loop().time()
        if asked_s - client.seen_s < older_than_s:
            return
        viewer = await self._viewer_of(client.token)
        if viewer is None:
            client.end(Close.SESSION_ENDED)
        elif asked_s >= client.seen_s:  # else a later question was answered first
            client.viewer, client.seen_s = viewer, asked_s

    async def _go_back(self, client: Client, after: str) -> bool:
        """Let a client go on after an id; False for an id that is not ours or of another time.

        What it missed is judged by the rights of this moment. Raises: Unavailable.
        """
        await self._look_again(client)
        position = self._places.position(after)
        if position is None or position > client.position:
            return False
        client.position = position
        client.wake()
        return True

    def _reset(self, client: Client) -> Reset:
        """Let a client go on with what is new."""
        client.position = self._dispatcher.position
        return Reset(last_id=self._places.name(client.position))

    def _completed(self, reply: Message, client: Client) -> Message:
        """Return a reply as it is sent: a ping names the place where the client is by then."""
        match reply:
            case Ping():
                return Ping(last_id=self._places.name(client.position))
            case _:
                return reply

    def _encoded(self, one: Happened) -> msgspec.Raw:
        """Return an event as JSON; the latest is kept, for it goes to everybody."""
        if self._latest[0] is not one:
            self._latest = (one, msgspec.Raw(encode(one.event)))
        return self._latest[1]


def _read(raw: str | bytes) -> FromClient | None:
    try:
        message: FromClient = decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return message


def _answer(client: Client, message: FromClient | None) -> None:
    match message:
        case None:
            client.offer(Wrong())
        case Ping():
            client.offer(Pong())
        case Subscribe(topics=topics) if topics is not None and len(topics) > TOPICS_MAX:
            client.offer(Wrong(code="too_many_topics"))
        case Subscribe(topics=topics):
            client.topics = None if topics is None else frozenset(topics)
            client.offer(Subscribed(topics=topics))
        case _:
            pass  # a pong: it was heard


def _position(one: Happened) -> int:
    return one.position


async def _nobody(_token: str) -> Viewer | None:
    return None
