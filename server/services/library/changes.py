"""Changing and removing libraries. Nothing here touches a file of a library, only what is known of it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from server.kernel.clock import Clock
from server.kernel.db import Db, Tx
from server.kernel.ids import new_id
from server.kernel.log import get_log
from server.kernel.storage import Storage
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.folders import FolderCheck
from server.services.library.model import LibraryEdit, RootEdit, RootNotFound
from server.services.library.scans import Scans
from server.services.library.store import RootRow

log = get_log(__name__)


class Changes:
    """Changes libraries; a scan of theirs ends first, for it would write about what is gone."""

    def __init__(
        self, db: Db, clock: Clock, storage: Storage, scans: Scans, catalog: Catalog
    ) -> None:
        self._db = db
        self._clock = clock
        self._storage = storage
        self._scans = scans
        self._catalog = catalog
        self._folders = FolderCheck(storage)

    async def edit(self, library_id: UUID, edit: LibraryEdit) -> None:
        """Give a library a name or folders. Raises: RootNotFound, the Path… errors of the model."""
        if edit.roots is not None:
            await self._scans.cancel(library_id)
        image_ids: list[UUID] = []
        async with self._db.transaction() as tx:
            if edit.roots is not None:
                image_ids = await self._set_roots(tx, library_id, edit.roots)
            if edit.name is not None:
                await tx.execute(store.RENAME, library_id, edit.name.strip(), self._clock.now())
        await self._remove_pictures(image_ids)

    async def remove(self, library_id: UUID) -> None:
        """Forget a library with its items and their pictures."""
        await self._scans.cancel(library_id)
        async with self._db.transaction() as tx:
            item_ids = await tx.all(store.ITEMS_OF, library_id)
            image_ids = await self._catalog.remove(tx, item_ids)
            await tx.execute(store.REMOVE_LIBRARY, library_id)
        await self._remove_pictures(image_ids)
        log.info("library removed", library_id=library_id, item_count=len(item_ids))

    async def _set_roots(self, tx: Tx, library_id: UUID, wanted: Sequence[RootEdit]) -> list[UUID]:
        """Return the pictures of the items that left with their folders."""
        await tx.execute(store.LOCK_ROOTS)
        roots = await tx.all(store.ALL_ROOTS)
        known = {root.root_id: root for root in roots if root.library_id == library_id}
        if lost := [one.root_id for one in wanted if one.root_id and one.root_id not in known]:
            raise RootNotFound(root_id=lost[0])
        paths = await self._paths(wanted, known, [r.path for r in roots if r.root_id not in known])
        gone = sorted(known.keys() - {one.root_id for one in wanted})
        item_ids = await tx.all(store.ONLY_IN, library_id, gone) if gone else []
        image_ids = await self._catalog.remove(tx, item_ids)
        await tx.execute(store.REMOVE_ROOTS, library_id, gone)
        placed = list(zip(wanted, paths, strict=True))
        moved = [(one.root_id, path) for one, path in placed if one.root_id]
        await tx.execute(
            store.MOVE_ROOTS, library_id, [root_id for root_id, _ in moved], [p for _, p in moved]
        )
        new = [path for one, path in placed if not one.root_id]
        await tx.execute(store.ADD_ROOTS, library_id, [new_id() for _ in new], new)
        return image_ids

    async def _paths(
        self, wanted: Sequence[RootEdit], known: dict[UUID, RootRow], taken: list[bytes]
    ) -> list[bytes]:
        """Return the folders as they are to be kept; one that stays may be offline now."""
        paths: list[bytes] = []
        kept = [known[one.root_id] for one in wanted if one.root_id]
        for one in wanted:
            old = known[one.root_id].path if one.root_id else None
            stays = old is not None and old.decode(errors="replace") == one.path
            if stays and old is not None:
                paths.append(old)
            else:
                others = [r.path for r in kept if r.root_id != one.root_id]
                paths += await self._folders.check([one.path], [*taken, *others, *paths])
        return paths

    async def _remove_pictures(self, image_ids: Sequence[UUID]) -> None:
        await asyncio.to_thread(self._storage.remove_images, image_ids)
