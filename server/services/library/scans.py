"""Which scans run: one a library at most, and those that a crash cut off again at the next start."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct, field

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.tasks import TaskScope
from server.services.catalog.offer import Scanner
from server.services.library import store
from server.services.library.model import KindUnknown, ScanInterrupted
from server.services.library.scan import ScanEngine, ScanJob


class Scans:
    """Starts scans in the background."""

    def __init__(
        self,
        db: Db,
        clock: Clock,
        tasks: TaskScope,
        engine: ScanEngine,
        scanners: Mapping[str, Scanner],
    ) -> None:
        self._db = db
        self._clock = clock
        self._tasks = tasks
        self._engine = engine
        self._scanners = scanners
        self._running: dict[UUID, _Running] = {}

    @property
    def kinds(self) -> list[str]:
        """The kinds of libraries that can be scanned."""
        return sorted(self._scanners)

    async def start(self, library_id: UUID, kind: str) -> None:
        """Begin a scan, unless one of this library runs."""
        if (running := self._running.get(library_id)) is not None:
            await running.opened.wait()
            return
        job = ScanJob(scan_id=new_id(), library_id=library_id, scanner=self._scanners[kind])
        running = self._running[library_id] = _Running(job=job)
        try:
            await self._db.execute(store.BEGIN_SCAN, job.scan_id, job.library_id, self._clock.now())
        except BaseException:
            del self._running[library_id]
            raise
        finally:
            running.opened.set()
        running.task = self._tasks.spawn(self._run(job), name=f"scan of library {library_id}")

    async def cancel(self, library_id: UUID) -> None:
        """Stop the scan of a library, if one runs, and wait for its end; what it found stays."""
        if (running := self._running.get(library_id)) is None:
            return
        await running.opened.wait()
        if running.task is not None:
            running.job.is_cancelled.set()
            await asyncio.sleep(0)  # a task that never began could not note its end
            running.task.cancel()
            await asyncio.wait([running.task])

    def scanner(self, kind: str) -> Scanner:
        """Return the scanner of a kind of library. Raises: KindUnknown."""
        if kind not in self._scanners:
            raise KindUnknown(kind=kind, kinds=self.kinds)
        return self._scanners[kind]

    async def resume(self) -> None:
        """Begin again what was cut off when the server ended; call it once, at the start."""
        cut_off = await self._db.all(
            store.CLOSE_BROKEN_SCANS, self._clock.now(), ScanInterrupted.code
        )
        for library_id in sorted(set(cut_off)):
            kind = await self._db.value(store.KIND_OF, library_id)
            if kind in self._scanners:
                await self.start(library_id, kind)

    async def sweep(self) -> None:
        """Remove what killed scans left in the storage; call it once, at the start."""
        await self._engine.sweep_pictures()

    async def _run(self, job: ScanJob) -> None:
        try:
            await self._engine.run(job)
        finally:
            self._running.pop(job.library_id, None)


class _Running(Struct, eq=False):
    """A scan; `opened` is set once it is on record."""

    job: ScanJob
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
