"""The cache of a realm: `get(key, load)`, one load for many who ask at once, dropped by events."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Any, Final

import msgspec
import theine

from server.kernel.cache.model import CacheRule
from server.kernel.cache.shared import Shared

_MOST_ENTRIES: Final = 20_000
_JITTER: Final = 0.1
"""This much of its time an entry may end early, so that not all end in one moment."""

_LEFT: Final = object()

type Place = tuple[str, int, str]


class Cache:
    """Rooms over one memory, which keeps what is asked for most (W-TinyLFU), and over a shared cache, if any."""

    def __init__(self, shared: Shared | None = None) -> None:
        self._memory: theine.Cache[Place, Any] = theine.Cache(_MOST_ENTRIES)
        self._rooms: list[Room[Any]] = []
        self.shared = shared

    def room[V](self, rule: CacheRule[V]) -> "Room[V]":
        """Return where things of a rule are kept; once for each rule, at the start."""
        room: Room[V] = Room(rule, self._memory, self.shared)
        self._rooms.append(room)
        if self.shared is not None and rule.is_shared:
            self.shared.add(rule.name, room.forget, may_change=bool(rule.drop_on))
        return room

    def happened(self, events: Iterable[object]) -> None:
        """Drop what these events make untrue; whoever asks from now on gets what is loaded from now on."""
        kinds = {type(event) for event in events}
        for room in self._rooms:
            if not kinds.isdisjoint(room.rule.drop_on):
                room.drop()

    @property
    def entry_count(self) -> int:
        """How many things are kept."""
        return len(self._memory)

    @property
    def rooms(self) -> tuple["Room[Any]", ...]:
        """The rooms, for those who count."""
        return tuple(self._rooms)

    def close(self) -> None:
        """Let go of the memory."""
        self._memory.close()


class Room[V]:
    """Things of one rule. Whatever is loaded while they are dropped is not kept."""

    def __init__(
        self, rule: CacheRule[V], memory: "theine.Cache[Place, Any]", shared: Shared | None
    ) -> None:
        self.rule = rule
        self.hit_count = 0
        self.shared_hit_count = 0
        self.load_count = 0
        self._memory = memory
        self._shared = shared if rule.is_shared else None
        self._generation = 0
        self._loading: dict[Place, asyncio.Future[Any]] = {}
        self._decoder = msgspec.msgpack.Decoder(rule.kind | None)

    async def get(self, key: str, load: Callable[[], Awaitable[V | None]]) -> V | None:
        """Return what is kept under a key, else what `load` returns. Raises: what `load` raises, which is not kept."""
        place = (self.rule.name, self._generation, key)
        value: V | None
        value, is_found = self._memory.get(place)
        if is_found:
            self.hit_count += 1
        else:
            value = await self._load_once(place, load)
        return value

    def drop(self) -> None:
        """Forget everything, in the shared cache too."""
        self.forget()
        if self._shared is not None:
            self._shared.drop(self.rule.name)

    def forget(self) -> None:
        """Forget what is in memory: nobody asks for entries of an earlier generation, and they fall out."""
        self._generation += 1

    async def _load_once(self, place: Place, load: Callable[[], Awaitable[V | None]]) -> V | None:
        """Load, or wait for whoever loads the same; where that one leaves, the next takes its turn."""
        while (other := self._loading.get(place)) is not None:
            theirs: Any = await asyncio.shield(other)
            found: V | None
            found, is_found = self._memory.get(place) if theirs is _LEFT else (theirs, True)
            if is_found:
                return found
        mine = self._loading[place] = asyncio.get_running_loop().create_future()
        outcome: Any = _LEFT
        try:
            value = outcome = await self._fetch(place, load)
        except Exception as error:
            mine.set_exception(error)
            mine.exception()  # seen: there may be nobody who waits
            raise
        finally:
            del self._loading[place]
            if not mine.done():
                mine.set_result(outcome)
        return value

    async def _fetch(self, place: Place, load: Callable[[], Awaitable[V | None]]) -> V | None:
        slot = self._shared.slot(self.rule.name, place[2]) if self._shared is not None else None
        if self._shared is not None and slot is not None:
            raw = await self._shared.get(slot)
            value, is_found = self._read(raw)
            if is_found:
                self.shared_hit_count += 1
                self._keep(place, value)
                return value
        self.load_count += 1
        value = await load()
        self._keep(place, value)
        if self._shared is not None and slot is not None:
            rule = self.rule
            ttl_s = rule.missing_ttl_s if value is None else _early(rule.shared_ttl_s)
            await self._shared.put(slot, msgspec.msgpack.encode(value), ttl_s)
        return value

    def _keep(self, place: Place, value: V | None) -> None:
        ttl_s = self.rule.missing_ttl_s if value is None else _early(self.rule.ttl_s)
        self._memory.set(place, value, timedelta(seconds=max(ttl_s, 1.0)))

    def _read(self, raw: bytes | None) -> tuple[V | None, bool]:
        """Return what the shared cache gave and whether it is any good."""
        if raw is None:
            return None, False
        try:
            return self._decoder.decode(raw), True
        except msgspec.DecodeError:
            return None, False


def _early(ttl_s: float) -> float:
    return ttl_s * (1 - _JITTER * random.random())  # noqa: S311 (no secret hangs on it)
