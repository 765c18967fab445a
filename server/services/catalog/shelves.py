"""What the modules tell of their items, asked for items of any kinds at once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from server.kernel.db import Db, Tx
from server.kernel.viewer import Viewer
from server.services.catalog import store
from server.services.catalog.offer import Detail, Offers, SearchText, Shelf
from server.services.catalog.store import KindRow


class Shelves:
    """The shelves of all modules; items of a kind without one have no details and no words."""

    def __init__(self, db: Db, offers: Offers) -> None:
        self._db = db
        self._offers = offers

    async def details(self, viewer: Viewer, item_ids: Sequence[UUID]) -> list[Detail]:
        """Return what there is to say of items, in the order of the ids; the unseen are left out."""
        rows = await self._db.all(store.KINDS, viewer.library_ids, viewer.max_level, item_ids)
        found: dict[UUID, Detail] = {}
        for shelf, ids in self._asked(rows):
            found |= {detail.item_id: detail for detail in await shelf.details(viewer, ids)}
        return [found[item_id] for item_id in item_ids if item_id in found]

    async def documents(self, tx: Tx, item_ids: Sequence[UUID]) -> list[SearchText]:
        """Return by which words those of these items are found that are there.

        Until the transaction ends none of the items can be removed.
        """
        rows = await tx.all(store.HOLD, item_ids)
        return [text for shelf, ids in self._asked(rows) for text in await shelf.documents(tx, ids)]

    def _asked(self, rows: Iterable[KindRow]) -> Iterator[tuple[Shelf, list[UUID]]]:
        """Yield each shelf with the items that it is asked for, kind by kind."""
        kind_of = attrgetter("kind")
        for kind, of_kind in groupby(sorted(rows, key=kind_of), key=kind_of):
            offer = self._offers.get(kind)
            if offer is not None and offer.shelf is not None:
                yield offer.shelf, [row.item_id for row in of_kind]
