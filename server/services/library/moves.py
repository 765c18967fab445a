"""Between walking and reading: a file that went from one place and came up at another stays itself."""

from itertools import batched
from typing import Final
from uuid import UUID

from server.kernel.db import Db
from server.kernel.log import get_log
from server.kernel.workers import Workers
from server.media.model import Fingerprint
from server.services.library import store
from server.services.library.store import Arrival, MovedFile
from server.services.library.work import each, fingerprint_of

log = get_log(__name__)

_PORTION: Final = 200


class Moves:
    """Knows missing files again by their content; only files of a missing one's size are looked at."""

    def __init__(self, db: Db, workers: Workers) -> None:
        self._db = db
        self._workers = workers

    async def follow(self, library_id: UUID) -> None:
        """Give missing files the places where they are now; call it when all folders were walked."""
        sizes_bytes = await self._db.all(store.MISSING_SIZES, library_id)
        if not sizes_bytes:
            return
        arrivals = await self._db.all(store.ARRIVALS, library_id, sizes_bytes)
        for portion in batched(arrivals, _PORTION, strict=False):
            prints = await each(portion, self._fingerprint)
            known = [
                (arrival.file_id, found)
                for arrival, found in zip(portion, prints, strict=True)
                if found is not None
            ]
            moved = await self._db.all(
                store.MOVED, library_id, [one for one, _ in known], [found for _, found in known]
            )
            await self._move(moved)

    async def _fingerprint(self, arrival: Arrival) -> bytes | None:
        work = Fingerprint(path=arrival.root_path.rstrip(b"/") + b"/" + arrival.path)
        return await fingerprint_of(self._workers, work)

    async def _move(self, moved: list[MovedFile]) -> None:
        if not moved:
            return
        async with self._db.transaction() as tx:
            await tx.execute(store.FORGET_FILES, [one.arrived_id for one in moved])
            await tx.execute(
                store.MOVE_FILES,
                [one.file_id for one in moved],
                [one.root_id for one in moved],
                [one.folder_id for one in moved],
                [one.path for one in moved],
                [one.size_bytes for one in moved],
                [one.mtime_ns for one in moved],
            )
        log.info("files were moved", file_count=len(moved))
