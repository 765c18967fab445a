"""Gathers how the server's own machinery fares: once in two seconds, whoever asks."""

import asyncio
import os
import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from server.kernel.cache import Cache, CacheRule
from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.errors import Unavailable
from server.kernel.log import get_log
from server.kernel.search import SearchServer
from server.kernel.version import VERSION
from server.kernel.workers import WorkerFailed, WorkerLost, Workers, WorkerTally
from server.media.model import NativeVersions, ReadVersions
from server.services.system import store
from server.services.system.computer import Disks, machine
from server.services.system.model import (
    Disk,
    Program,
    ProgramName,
    State,
    System,
    Versions,
)
from server.services.system.processes import Group, Meter
from server.services.system.sources import Programs, Supervised

log = get_log(__name__)

_WORKER_S: Final = 10.0
_SEARCH_S: Final = 0.5  # the page does not wait for one that hangs
_NOW: Final = CacheRule[System](name="system", kind=System, ttl_s=2.0)
_VERSIONS: Final = CacheRule[NativeVersions](
    name="system.versions", kind=NativeVersions, ttl_s=86_400.0, missing_ttl_s=60.0
)


class Around(Struct, frozen=True, kw_only=True):
    """What only the process around the server knows: its programs, the search server that is used, its pools of workers by name."""

    programs: Programs
    search: SearchServer | None
    tallies: Callable[[], Mapping[str, WorkerTally]]


class SystemService:
    """The server's own machinery as administrators see it."""

    def __init__(
        self,
        db: Db,
        cache: Cache,
        clock: Clock,
        workers: Workers,
        disks: Disks,
        around: Around,
    ) -> None:
        self._db = db
        self._shared = cache.shared
        self._clock = clock
        self._workers = workers
        self._disks = disks
        self._around = around
        self._now = cache.room(_NOW)
        self._versions = cache.room(_VERSIONS)
        self._meter = Meter()

    async def now(self) -> System:
        """Return what was gathered within the last two seconds."""
        return await self._now.get("", self._gather) or await self._gather()

    async def _gather(self) -> System:
        programs, disks, native = await asyncio.gather(
            self._programs(), self._look_at_disks(), self._versions.get("", self._read_versions)
        )
        return System(
            at=self._clock.now(),
            programs=programs,
            machine=machine(),
            disks=disks,
            versions=Versions(
                revenge=VERSION,
                python=platform.python_version(),
                ffmpeg=native.ffmpeg if native else None,
                libvips=native.libvips if native else None,
            ),
        )

    async def _programs(self) -> list[Program]:
        known, tallies = self._around.programs(), self._around.tallies()
        database, cache = known.get("database"), known.get("cache")
        search = known.get("search")
        pools: dict[ProgramName, tuple[int, ...]] = {
            "background_workers": tallies["background"].pids,
            "page_workers": tallies["answers"].pids,
            "stream_workers": tallies["streams"].pids,
        }
        usages = await asyncio.to_thread(
            self._meter.look,
            {
                "server": Group(pids=(os.getpid(),)),
                "database": Group(pids=_pids(database), with_children=True),
                "cache": Group(pids=_pids(cache)),
                "search": Group(pids=_pids(search)),
                **{name: Group(pids=pids) for name, pids in pools.items()},
            },
        )
        found = [
            Program(name="server", product="Revenge", version=VERSION, state="running"),
            _beside("database", database, "external", await self._database_version()),
            await self._cache_program(cache),
            await self._search_program(search),
            *(Program(name=name, state=_activity(pids)) for name, pids in pools.items()),
        ]
        return [replace(one, usage=usages.get(one.name)) for one in found]

    async def _cache_program(self, supervised: Supervised | None) -> Program:
        if self._shared is None:
            return _beside("cache", supervised, "unused", None)
        return _beside("cache", supervised, "external", await self._shared.version())

    async def _search_program(self, supervised: Supervised | None) -> Program:
        server, version = self._around.search, None
        if server is None:
            return _beside("search", supervised, "unused", None)
        with suppress(TimeoutError):
            async with asyncio.timeout(_SEARCH_S):
                version = await server.version()
        return _beside("search", supervised, "external", version)

    async def _database_version(self) -> str | None:
        try:
            return (await self._db.value(store.VERSION)).split()[0]
        except Unavailable:
            return None

    async def _look_at_disks(self) -> list[Disk]:
        try:
            folders = await self._db.all(store.PLACES)
        except Unavailable:
            folders = []  # its own disk is worth a look all the same
        return await self._disks.look((one.library, one.path) for one in folders)

    async def _read_versions(self) -> NativeVersions | None:
        try:
            return await self._workers.run(ReadVersions(), timeout_s=_WORKER_S)
        except (WorkerFailed, WorkerLost) as error:
            log.info("the versions of native libraries cannot be read", reason=repr(error))
            return None


def _beside(
    name: ProgramName, supervised: Supervised | None, elsewhere: State, version: str | None
) -> Program:
    """Return a program that we supervise, else that it is `elsewhere`."""
    product = "PostgreSQL" if name == "database" else None
    if supervised is None:
        return Program(name=name, product=product, version=version, state=elsewhere)
    return Program(
        name=name,
        product=supervised.product,
        version=version,
        state=supervised.state,
        restart_count=supervised.restart_count,
        next_try_at=supervised.next_try_at,
        code=supervised.cause,
        reason=supervised.reason,
    )


def _pids(supervised: Supervised | None) -> tuple[int, ...]:
    return () if supervised is None or supervised.pid is None else (supervised.pid,)


def _activity(pids: tuple[int, ...]) -> State:
    return "running" if pids else "idle"
