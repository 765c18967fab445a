"""The scan: walk the folders, follow what was moved, read what is new, tell the module. It knows no kind.

Everything it did is in the database before it goes on, so a scan that was killed anywhere is
resumed by running it again.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from msgspec import Struct

from server.kernel.db import Db
from server.kernel.workers import Workers
from server.services.catalog.offer import Scanner
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.intake import Intake
from server.services.library.model import Place
from server.services.library.moves import Moves
from server.services.library.reading import Reading
from server.services.library.store import RootRow, UnreadCount
from server.services.library.tally import Tally
from server.services.library.work import Room

_MANY: Final = 500
"""So many new files may be most of a library."""


class Order(Struct, frozen=True, kw_only=True):
    """What to scan: a library, or only some places in it."""

    library_id: UUID
    scanner: Scanner
    scope: list[Place] | None = None


class ScanEngine:
    """Runs scans; every call of `run` is one, from the first folder to the last item."""

    def __init__(
        self, db: Db, workers: Workers, catalog: Catalog, room: Room = lambda most: most
    ) -> None:
        self._db = db
        self._intake = Intake(db, workers)
        self._moves = Moves(db, workers)
        self._reading = Reading(db, workers, catalog, room)

    async def run(self, order: Order, tally: Tally) -> None:
        """Bring what is known of a library up to date with the disk. Raises: Unavailable, when the database goes."""
        await tally.enter("walk")
        tally.found_count, tally.left_out = 0, []
        roots = await self._db.all(store.ROOTS_OF, order.library_id)
        online = [root for root in roots if await self._take_in(root, order, tally)]
        await self._moves.follow(order.library_id)
        unread = await self._db.value(store.COUNT_UNREAD, order.library_id, store.PASSING)
        tally.done_count = max(0, tally.found_count - unread.waiting_count)
        tally.error_count = unread.error_count
        await tally.enter("probe")
        await self._analyze(unread)
        for root in online:
            await self._reading.read(root, order.scanner, tally)
        await self._analyze(unread)

    async def _analyze(self, unread: UnreadCount) -> None:
        """Let the planner know of files, then of items, where many are new: it plans for an empty shelf else."""
        if unread.waiting_count >= _MANY:
            await self._db.value(store.ANALYZE)

    async def _take_in(self, root: RootRow, order: Order, tally: Tally) -> bool:
        """Look at the places of a root; return whether the root is there and has a place in the scan."""
        if order.scope is None:
            is_online = await self._intake.take_in(root, order.scanner, tally)
            await self._db.execute(store.RETRY, root.root_id, store.PASSING)
            return is_online
        places = _places(order.scope, root.root_id)
        return bool(places) and all(
            [await self._intake.take_in(root, order.scanner, tally, path) for path in places]
        )


def _places(scope: Sequence[Place], root_id: UUID) -> list[bytes]:
    """Return the places of a root that are not below another one, in order."""
    places: list[bytes] = []
    for path in sorted({place.path for place in scope if place.root_id == root_id}):
        if not any(not place or path.startswith(place + b"/") for place in places):
            places.append(path)
    return places
