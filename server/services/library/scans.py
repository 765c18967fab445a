"""Which scans run: one a library at most, and those that a crash cut off again at the next start."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.tasks import TaskScope
from server.services.catalog.offer import Scanner
from server.services.library import store
from server.services.library.model import ScanInterrupted
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
        self._running: dict[UUID, asyncio.Event] = {}  # set once the scan is on record

    @property
    def kinds(self) -> list[str]:
        """The kinds of libraries that can be scanned."""
        return sorted(self._scanners)

    async def start(self, library_id: UUID, kind: str) -> None:
        """Begin a scan, unless one of this library runs."""
        if (opened := self._running.get(library_id)) is not None:
            await opened.wait()
            return
        opened = self._running[library_id] = asyncio.Event()
        job = ScanJob(scan_id=new_id(), library_id=library_id, scanner=self._scanners[kind])
        try:
            await self._db.execute(store.BEGIN_SCAN, job.scan_id, job.library_id, self._clock.now())
        except BaseException:
            del self._running[library_id]
            raise
        finally:
            opened.set()
        self._tasks.spawn(self._run(job), name=f"scan of library {library_id}")

    async def resume(self) -> None:
        """Begin again what was cut off when the server ended; call it once, at the start."""
        cut_off = await self._db.all(
            store.CLOSE_BROKEN_SCANS, self._clock.now(), ScanInterrupted.code
        )
        for library_id in sorted(set(cut_off)):
            kind = await self._db.value(store.KIND_OF, library_id)
            if kind in self._scanners:
                await self.start(library_id, kind)

    async def _run(self, job: ScanJob) -> None:
        try:
            await self._engine.run(job)
        finally:
            del self._running[job.library_id]
