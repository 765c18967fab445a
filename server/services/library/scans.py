"""Which scans wait and run: each is a job, of a library one runs at a time and one waits at most."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct, field

from server.kernel.clock import Clock
from server.kernel.db import Db, Tx
from server.kernel.errors import RevengeError, Unavailable
from server.kernel.events import emit
from server.kernel.ids import new_id
from server.kernel.jobs import Jobs
from server.kernel.log import get_log
from server.services.activity.model import Noted
from server.services.catalog.offer import Scanner
from server.services.library import store
from server.services.library.model import (
    KindUnknown,
    MakePictures,
    Place,
    ScanCancelled,
    ScanInterrupted,
    ScanLibrary,
    ScanState,
)
from server.services.library.scan import Order, ScanEngine
from server.services.library.store import LeftOut, LibraryOfKind, OpenScan
from server.services.library.tally import Tally, Tell
from server.services.library.work import Advance

log = get_log(__name__)

_PLACES_MAX: Final = 200
"""Who changed more than that had better look at the whole library."""
_KEPT_COUNT: Final = 100
_LEFT_OUT_MAX: Final = 200
"""So many are named; whoever has more has one cause."""
_TEND_S: Final = 60.0

type Scope = list[Place] | None
"""Some places of a library, or all of it."""


class Scans:
    """Puts scans on record and runs them when their jobs come up."""

    def __init__(
        self,
        db: Db,
        clock: Clock,
        jobs: Jobs,
        engine: ScanEngine,
        scanners: Mapping[str, Scanner],
    ) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self._engine = engine
        self._scanners = scanners
        self._running: dict[UUID, _Running] = {}
        self._broken_off: dict[UUID, str] = {}

    @property
    def kinds(self) -> list[str]:
        """The kinds of libraries that can be scanned."""
        return sorted(self._scanners)

    @property
    def running_count(self) -> int:
        """How many scans run now."""
        return len(self._running)

    def scanner(self, kind: str) -> Scanner:
        """Return the scanner of a kind of library. Raises: KindUnknown."""
        if kind not in self._scanners:
            raise KindUnknown(kind=kind, kinds=self.kinds)
        return self._scanners[kind]

    def scanners(self, kind: str | None) -> list[Scanner]:
        """Return the scanner of a kind, those of all kinds for None. Raises: KindUnknown."""
        kinds = self.kinds if kind is None else [kind]
        return [self.scanner(one) for one in kinds]

    async def start(self, library_id: UUID, scope: Scope = None) -> None:
        """Have a library scanned, or some places of it.

        A scan of the whole library that runs or waits is enough for who wants the whole library. Who
        saw something change wants another look behind the scan that runs.
        """
        async with self._db.transaction() as tx:
            kind = await tx.one(store.LOCK_LIBRARY, library_id)
            if kind is None or kind not in self._scanners:
                return
            scans = {scan.state: scan for scan in await self._open(tx, library_id)}
            running, waiting = scans.get("running"), scans.get("waiting")
            if scope is None and running is not None and running.scope is None:
                return
            if waiting is not None:
                await tx.execute(
                    store.WIDEN_SCAN, waiting.scan_id, _json(_union(waiting.scope, scope))
                )
                return
            scan_id = new_id()
            await tx.execute(store.ADD_SCAN, scan_id, library_id, _json(scope), self._clock.now())
            if running is None:
                await self._enqueue(tx, scan_id, library_id)

    async def cancel(self, library_id: UUID) -> None:
        """Stop the scans of a library and wait for their end; what they found stays."""
        async with self._db.transaction() as tx:
            await tx.one(store.LOCK_LIBRARY, library_id)
            scans = await self._open(tx, library_id)
            for scan in scans:
                await self._end(tx, scan, "failed", ScanCancelled.code)
            await self._go_on(tx, library_id)
        await self._jobs.cancel(*(scan.job_id for scan in scans if scan.job_id is not None))
        if (running := self._running.get(library_id)) is not None:
            await running.ended.wait()

    async def run(self, wanted: ScanLibrary, advance: Advance, tell: Tell) -> None:
        """Do a scan that is on record; nothing, when it was ended meanwhile. Raises: Unavailable.

        One that is broken off, with the server or its database, stays noted as running: its job goes
        on with it.
        """
        if (earlier := self._running.get(wanted.library_id)) is not None:
            await earlier.ended.wait()
        running = self._running[wanted.library_id] = _Running()
        self._broken_off.pop(wanted.scan_id, None)
        try:
            scan = await self._db.one(store.BEGIN_SCAN, wanted.scan_id, self._clock.now())
            if scan is not None:
                await self._run(scan, advance, tell)
        except Unavailable as error:
            self._broken_off[wanted.scan_id] = error.code
            raise
        finally:
            del self._running[wanted.library_id]
            running.ended.set()

    async def resume(self) -> None:
        """Go on with what the end of the server cut off, and end scans whose jobs are gone."""
        for library in await self._db.all(store.ALL_LIBRARIES):
            async with self._db.transaction() as tx:
                await tx.one(store.LOCK_LIBRARY, library.library_id)
                await self._open(tx, library.library_id)
                await self._go_on(tx, library.library_id)

    async def tend(self, *, every_s: float = _TEND_S) -> None:
        """Resume now and then, until cancelled, while scans are open: nobody tells when their jobs go."""
        while True:
            await asyncio.sleep(every_s)
            try:
                if await self._db.all(store.ALL_OPEN_SCANS):
                    await self.resume()
            except Unavailable as error:
                log.debug("scans wait", code=error.code)

    async def start_all(self, is_wanted: Callable[[LibraryOfKind], bool]) -> None:
        """Have all libraries scanned of which that is wanted."""
        for library in await self._db.all(store.ALL_LIBRARIES):
            if is_wanted(library):
                await self.start(library.library_id)

    async def _run(self, scan: OpenScan, advance: Advance, tell: Tell) -> None:
        tally = Tally(self._db, scan.scan_id, advance, tell)
        try:
            kind = await self._db.value(store.KIND_OF, scan.library_id)
            order = Order(library_id=scan.library_id, scanner=self.scanner(kind), scope=scan.scope)
            await self._engine.run(order, tally)
            await tally.save()
        except Unavailable:
            raise
        except Exception as error:
            code = error.code if isinstance(error, RevengeError) else RevengeError.code
            await self._close(scan, "failed", code)
            raise
        await self._close(scan, "done", left_out=tally.left_out)
        log.info("scan finished", library_id=scan.library_id, file_count=tally.found_count)

    async def _close(
        self,
        scan: OpenScan,
        state: ScanState,
        code: str | None = None,
        left_out: Sequence[LeftOut] = (),
    ) -> None:
        """Note how a scan ended; have pictures made, and the scan done that waited for this one."""
        async with self._db.transaction() as tx:
            await tx.one(store.LOCK_LIBRARY, scan.library_id)
            saw_all = state == "done" and scan.scope is None
            await self._end(tx, scan, state, code, left_out[:_LEFT_OUT_MAX] if saw_all else None)
            await tx.execute(store.FORGET_SCANS, scan.library_id, _KEPT_COUNT)
            if state == "failed" or scan.scope is None:  # what is watched is scanned all day long
                name = await tx.one(store.NAME_OF, scan.library_id)
                noted = Noted(
                    what="scan.failed" if state == "failed" else "scan.finished",
                    subject_id=scan.library_id,
                    subject=name,
                    code=code,
                )
                await emit(tx, noted)
            await self._go_on(tx, scan.library_id)

    async def _open(self, tx: Tx, library_id: UUID) -> list[OpenScan]:
        """Return the scans of a locked library that wait or run, and end those whose jobs are gone.

        A job is gone when an administrator removed it, or when its runs ended the server each time.
        """
        scans = await tx.all(store.OPEN_SCANS, library_id)
        alive = await self._jobs.alive([scan.job_id for scan in scans if scan.job_id is not None])
        for scan in scans:
            if scan.job_id is not None and scan.job_id not in alive:
                code = self._broken_off.pop(scan.scan_id, ScanInterrupted.code)
                await self._end(tx, scan, "failed", code)
        return [scan for scan in scans if scan.job_id is None or scan.job_id in alive]

    async def _go_on(self, tx: Tx, library_id: UUID) -> None:
        """Have pictures made that are due in a locked library, and the scan done that waits for none any more."""
        if await tx.value(store.HAS_DUE, library_id):
            await self._jobs.add(tx, MakePictures(library_id=library_id))
        scans = await tx.all(store.OPEN_SCANS, library_id)
        if len(scans) == 1 and scans[0].job_id is None:
            await self._enqueue(tx, scans[0].scan_id, library_id)

    async def _end(
        self,
        tx: Tx,
        scan: OpenScan,
        state: ScanState,
        code: str | None,
        left_out: Sequence[LeftOut] | None = None,
    ) -> None:
        now = self._clock.now()
        await tx.execute(store.END_SCAN, scan.scan_id, state, now, code, _json(left_out))

    async def _enqueue(self, tx: Tx, scan_id: UUID, library_id: UUID) -> None:
        job_id = await self._jobs.add(tx, ScanLibrary(scan_id=scan_id, library_id=library_id))
        await tx.execute(store.SET_JOB, scan_id, job_id)


class _Running(Struct, eq=False):
    """A scan in this process; `ended` is set when nothing of it is left."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)


def _union(one: Scope, other: Scope) -> Scope:
    if one is None or other is None:
        return None
    places = list(dict.fromkeys([*one, *other]))
    return places if len(places) <= _PLACES_MAX else None


def _json(value: object | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
