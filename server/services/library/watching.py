"""Notices what changes in the folders of libraries and has those places scanned; what tells nothing is looked at."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct, field

from server.kernel.db import Db
from server.kernel.errors import Unavailable
from server.kernel.log import get_log
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import Watch
from server.services.library import store
from server.services.library.model import Place
from server.services.library.mounts import is_network_share
from server.services.library.scans import Scans
from server.services.library.store import RootRow
from server.services.library.work import closing

log = get_log(__name__)

_SILENCE_S: Final = 600.0
"""Setting a watch reads all folders, of a large library on a slow disk for minutes."""


class Rhythm(Struct, frozen=True, kw_only=True):
    """When to look: `quiet_ms` after the last change, `longest_ms` after the first one, for a copy may take hours.

    Roots that tell nothing, such as network shares, are looked at every `poll_s`; whether one that
    is away came back is asked every `away_s`.
    """

    quiet_ms: int = 3_000
    longest_ms: int = 60_000
    poll_s: float = 900.0
    away_s: float = 60.0


_DEFAULT: Final = Rhythm()


class Watching:
    """Watches the roots of the libraries that are to be watched."""

    def __init__(self, db: Db, workers: Workers, scans: Scans, rhythm: Rhythm = _DEFAULT) -> None:
        self._db = db
        self._workers = workers
        self._scans = scans
        self._rhythm = rhythm
        self._is_stale = asyncio.Event()

    def refresh(self) -> None:
        """Ask again which libraries there are."""
        self._is_stale.set()

    async def run(self) -> None:
        """Watch until cancelled; while the database is away, nothing is noticed."""
        while True:
            try:
                await self._round()
            except* Unavailable as errors:
                log.info("watching waits", reason=str(errors.exceptions))
                await asyncio.sleep(self._rhythm.away_s)

    async def _round(self) -> None:
        """Watch what there is now until that changes. Raises: Unavailable, alone or in a group."""
        now = await self._survey()
        async with asyncio.TaskGroup() as group:
            looks = (self._await(now.away), self._poll(now.silent), self._follow(now.telling))
            tasks = [group.create_task(look) for look in looks]
            while await self._survey() == now:
                await self._is_stale.wait()
            for task in tasks:
                task.cancel()

    async def _survey(self) -> "_Survey":
        self._is_stale.clear()
        roots = await self._db.all(store.WATCHED_ROOTS)
        return await asyncio.to_thread(_survey, roots)

    async def _await(self, roots: Sequence[RootRow]) -> None:
        while roots:
            await asyncio.sleep(self._rhythm.away_s)
            if await asyncio.to_thread(_any_there, roots):
                self.refresh()

    async def _poll(self, roots: Sequence[RootRow]) -> None:
        while roots:
            await self._scan(roots)
            await asyncio.sleep(self._rhythm.poll_s)

    async def _follow(self, roots: Sequence[RootRow]) -> None:
        """Have changed places scanned. A watch that breaks is set again; one that cannot be set gives way to looks."""
        while roots:
            was_set = await self._listen(roots)
            await asyncio.sleep(self._rhythm.away_s)
            if not was_set:
                await self._poll(roots)

    async def _listen(self, roots: Sequence[RootRow]) -> bool:
        """Listen to a watch until it breaks; return whether it was set. Once it is all is scanned: who saw before?"""
        watch = Watch(
            roots=[root.path for root in roots],
            quiet_ms=self._rhythm.quiet_ms,
            longest_ms=self._rhythm.longest_ms,
        )
        is_set = False
        try:
            async with closing(self._workers.stream(watch, timeout_s=_SILENCE_S)) as replies:
                async for news in replies:
                    if not is_set:
                        is_set = True
                        await self._scan(roots)
                    await self._look(roots, news.paths)
        except (WorkerFailed, WorkerLost) as error:
            reason = error.context.get("reason", error.code)
            log.warning("folders cannot be watched", reason=str(reason))
        return is_set

    async def _look(self, roots: Sequence[RootRow], paths: Iterable[bytes]) -> None:
        """Have the places scanned where something changed; a root that went is to be waited for."""
        places: dict[UUID, list[Place]] = defaultdict(list)
        for root in roots:
            whole = root.path.rstrip(b"/")
            for path in paths:
                if path == whole or path.startswith(whole + b"/"):
                    place = Place(root_id=root.root_id, path=path[len(whole) + 1 :])
                    places[root.library_id].append(place)
        for library_id, changed in places.items():
            await self._scans.start(library_id, changed)
        if any(not place.path for changed in places.values() for place in changed):
            self.refresh()

    async def _scan(self, roots: Iterable[RootRow]) -> None:
        places: dict[UUID, list[Place]] = defaultdict(list)
        for root in roots:
            places[root.library_id].append(Place(root_id=root.root_id, path=b""))
        for library_id, wanted in places.items():
            await self._scans.start(library_id, wanted)


class _Survey(Struct):
    """Roots by what is to be done to notice changes; of a disk that was mounted anew the identity is another."""

    telling: list[RootRow] = field(default_factory=list)
    silent: list[RootRow] = field(default_factory=list)
    away: list[RootRow] = field(default_factory=list)
    identities: list[tuple[int, int]] = field(default_factory=list)


def _survey(roots: Iterable[RootRow]) -> _Survey:
    found = _Survey()
    for root in roots:
        identity = _identity(root.path)
        if identity is None:
            found.away.append(root)
        elif is_network_share(root.path):
            found.silent.append(root)
        else:
            found.telling.append(root)
            found.identities.append(identity)
    return found


def _any_there(roots: Iterable[RootRow]) -> bool:
    return any(_identity(root.path) is not None for root in roots)


def _identity(path: bytes) -> tuple[int, int] | None:
    """Return device and number of a folder; None for one that is not there or empty, as where no disk is mounted."""
    try:
        with os.scandir(path) as entries:
            status = os.stat(path)  # noqa: PTH116 - a path need not be text
            return (status.st_dev, status.st_ino) if next(entries, None) else None
    except OSError:
        return None
