"""A cache that several servers share and that outlives them: whatever speaks the protocol of Redis."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from server.kernel.log import get_log
from server.kernel.version import VERSION

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = get_log(__name__)

_ANSWER_S: Final = 0.5
_CONNECT_S: Final = 1.0
_FIRST_CONNECT_S: Final = 4.0  # its server may still be starting
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 5.0
_MOST_CONNECTIONS: Final = 64


class SharedCacheGone(Exception):
    """The shared cache does not answer; nothing but speed is lost."""


class Shared:
    """One realm's part of a shared cache. While it is gone everything is a miss, and nobody waits for it.

    Names begin with `prefix`. What can become untrue lies under a generation, which a drop raises and tells to all
    other servers. After every connection, the first too, such things begin a new generation: a drop may have been missed.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._url = url
        self._prefix = f"{prefix}:{VERSION}"
        self._forget: dict[str, Callable[[], None]] = {}
        self._generations: dict[str, int] = {}
        self._changing: set[str] = set()
        self._dropped: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._is_broken = asyncio.Event()
        self._there = asyncio.Event()
        self._was_there = False
        self._client: Redis | None = None

    def add(self, room: str, forget: Callable[[], None], *, may_change: bool) -> None:
        """Serve a room; `forget` is called when another server dropped it."""
        self._forget[room] = forget
        if may_change:
            self._changing.add(room)

    def slot(self, room: str, key: str) -> bytes | None:
        """Return the name of an entry as of now; None while nothing may be read or kept."""
        if self._client is None or room in self._dropped:
            return None
        name = f"{self._prefix}:{room}:{self._generations.get(room, 0)}:{key}"
        return name.encode("utf-8", "surrogatepass")

    async def get(self, slot: bytes) -> bytes | None:
        """Return what lies there, None for nothing or while it is gone."""
        raw: bytes | None = await self._ask(lambda client: client.get(slot))
        return raw

    async def put(self, slot: bytes, raw: bytes, ttl_s: float) -> None:
        """Keep it for that long, unless it is gone."""
        await self._ask(lambda client: client.set(slot, raw, px=max(1, round(ttl_s * 1000))))

    def drop(self, room: str) -> None:
        """Begin a new generation of a room, here at once, elsewhere in a moment."""
        self._dropped[room] = self._dropped.get(room, 0) + 1
        self._wake.set()

    async def check(self) -> None:
        """Return if it answers; one that is being connected has a moment. Raises: SharedCacheGone."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONNECT_S if self._was_there else _FIRST_CONNECT_S):
                await self._there.wait()
        if self._client is None or not await self._ask(lambda client: client.ping()):
            raise SharedCacheGone

    async def version(self) -> str | None:
        """Return the version that it says it has; None while it is gone."""
        said = await self._ask(lambda client: client.execute_command("HELLO"))  # type: ignore[no-untyped-call]  # so it is in the library
        return said[b"version"].decode() if isinstance(said, dict) else None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        redis = await asyncio.to_thread(_load)  # 0.3 s of imports
        broken = (redis.exceptions.RedisError, OSError, SharedCacheGone)
        pause_s, is_news = _FIRST_PAUSE_S, True
        while True:
            self._is_broken.clear()
            try:
                async with self._opened(redis) as client:
                    await self._serve(client)
            except* broken as errors:
                if self._there.is_set():
                    pause_s, is_news = _FIRST_PAUSE_S, True
                if is_news:
                    reason = type(errors.exceptions[0]).__name__
                    log.warning("the shared cache is gone", reason=reason)
                    is_news = False
            finally:
                self._client = None
                self._there.clear()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _opened(self, redis: Any) -> Any:
        return redis.asyncio.Redis.from_pool(
            redis.asyncio.BlockingConnectionPool.from_url(
                self._url,
                max_connections=_MOST_CONNECTIONS,
                timeout=_ANSWER_S,
                socket_timeout=_ANSWER_S,
                socket_connect_timeout=_CONNECT_S,
                retry=None,
            )
        )

    async def _serve(self, client: "Redis") -> None:
        """Hear of others' drops and tell ours until the connection breaks. Raises: RedisError, OSError."""
        async with client.pubsub(ignore_subscribe_messages=True) as heard:
            await heard.subscribe(f"{self._prefix}:dropped")
            await heard.get_message(timeout=_CONNECT_S)
            for room in self._changing:
                self._forget[room]()
                self.drop(room)
            await self._tell(client)
            self._client = client
            self._there.set()
            self._was_there = True
            log.info("the shared cache is there")
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hear(heard))
                group.create_task(self._keep_telling(client))
                await self._is_broken.wait()
                raise SharedCacheGone

    async def _hear(self, heard: Any) -> None:
        while True:
            message = await heard.get_message(timeout=None)
            if message is None:
                continue
            room, _, number = message["data"].decode(errors="replace").partition(" ")
            is_known = room in self._changing and number.isascii() and number.isdigit()
            if is_known and room not in self._dropped and int(number) > self._generations[room]:
                self._generations[room] = int(number)
                self._forget[room]()

    async def _keep_telling(self, client: "Redis") -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._tell(client)

    async def _tell(self, client: "Redis") -> None:
        """Raise the generations of what was dropped; what is dropped again meanwhile has another turn."""
        while self._dropped:
            room, count = next(iter(self._dropped.items()))
            number = int(await client.incr(f"{self._prefix}:{room}"))
            await client.publish(f"{self._prefix}:dropped", f"{room} {number}")
            if self._dropped[room] == count:
                self._generations[room] = number
                del self._dropped[room]

    async def _ask(self, ask: Callable[["Redis"], Any]) -> Any:
        """Return its answer; None when it has none, upon which it counts as gone."""
        client = self._client
        if client is None:
            return None
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await ask(client)
        except Exception as error:  # noqa: BLE001 - a cache is never the reason that something fails
            log.debug("the shared cache did not answer", reason=repr(error))
            self._client = None  # nobody else waits; `run` begins anew
            self._is_broken.set()
            return None


def _load() -> Any:
    import redis.asyncio  # noqa: PLC0415 (23 MB: only where there is one)

    return redis
