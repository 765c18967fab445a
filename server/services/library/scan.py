"""The scan: walk the folders, follow what was moved, read what is new, tell the module, make pictures. It knows no kind.

Everything it did is in the database before it goes on, so a scan that was killed anywhere is
resumed by running it again.
"""

import asyncio
from typing import Final
from uuid import UUID

from msgspec import Struct, field

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.errors import RevengeError, Unavailable
from server.kernel.log import get_log
from server.kernel.storage import Storage
from server.kernel.workers import Workers
from server.services.catalog.offer import Scanner
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.artwork import Artwork
from server.services.library.intake import Intake
from server.services.library.model import ScanCancelled
from server.services.library.moves import Moves
from server.services.library.pictures import Pictures
from server.services.library.reading import Reading
from server.services.library.tally import Tally

log = get_log(__name__)

# PostgreSQL may be restarting, which takes it seconds, or minutes after a crash on a slow disk.
_PAUSES_S: Final = (1, 2, 5, 10, 30, 60)


class ScanJob(Struct, frozen=True, kw_only=True):
    """Which library to scan, and by whom; `is_cancelled` is set when somebody stops it for good."""

    scan_id: UUID
    library_id: UUID
    scanner: Scanner
    is_cancelled: asyncio.Event = field(default_factory=asyncio.Event)


class ScanEngine:
    """Runs scans; every call of `run` is one, from the first folder to the last picture."""

    def __init__(
        self, db: Db, clock: Clock, workers: Workers, storage: Storage, catalog: Catalog
    ) -> None:
        self._db = db
        self._clock = clock
        self._catalog = catalog
        self._intake = Intake(db, workers, Artwork(db, catalog))
        self._moves = Moves(db, workers)
        self._reading = Reading(db, workers, catalog)
        self._pictures = Pictures(db, workers, storage, catalog)

    async def run(self, job: ScanJob) -> None:
        """Scan a library and note how it ended.

        A scan that ends with the server stays noted as running: the next start resumes it.
        """
        tally = Tally(self._db, job.scan_id)
        try:
            await self._patiently(job, tally)
        except asyncio.CancelledError:
            if job.is_cancelled.is_set():
                await tally.end("failed", self._clock.now(), code=ScanCancelled.code)
            raise
        except Exception as error:
            code = error.code if isinstance(error, RevengeError) else RevengeError.code
            await tally.end("failed", self._clock.now(), code=code)
            raise
        log.info("scan finished", library_id=job.library_id, file_count=tally.found_count)

    async def sweep_pictures(self) -> None:
        """Remove pictures that a killed server left without a row; once, at the start."""
        await self._pictures.sweep(self._clock)

    async def _patiently(self, job: ScanJob, tally: Tally) -> None:
        for pause_s in _PAUSES_S:
            try:
                return await self._scan(job, tally)
            except Unavailable as error:
                log.warning("scan waits", library_id=job.library_id, code=error.code)
                await asyncio.sleep(pause_s)
        return await self._scan(job, tally)

    async def _scan(self, job: ScanJob, tally: Tally) -> None:
        await tally.enter("walk")
        roots = await self._db.all(store.ROOTS_OF, job.library_id)
        tally.found_count, tally.left_out = 0, []
        online = [root for root in roots if await self._intake.take_in(root, job.scanner, tally)]
        await self._moves.follow(job.library_id)
        unread = await self._db.value(store.COUNT_UNREAD, job.library_id, store.PASSING)
        tally.done_count = tally.found_count - unread.waiting_count
        tally.error_count = unread.error_count
        await tally.enter("probe")
        for root in online:
            await self._reading.read(root, job.scanner, tally)
        async with self._db.transaction() as tx:
            await self._catalog.settle(tx, job.library_id)
        await tally.enter("pictures")
        await self._pictures.make(job.library_id)
        await tally.end("done", self._clock.now())
