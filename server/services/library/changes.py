"""Changing and removing libraries. Nothing here touches a file of a library, only what is known of it."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from server.kernel.clock import Clock
from server.kernel.db import Db, Tx
from server.kernel.events import emit
from server.kernel.ids import new_id
from server.kernel.log import get_log
from server.kernel.storage import Storage
from server.kernel.viewer import Viewer
from server.services.activity.model import Noted
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.folders import FolderCheck
from server.services.library.model import (
    LibraryAdded,
    LibraryEdit,
    LibrarySettings,
    NewLibrary,
    RootEdit,
    RootNotFound,
    shown,
)
from server.services.library.scans import Scans
from server.services.library.store import RootRow
from server.services.library.watching import Watching

log = get_log(__name__)


_SETTINGS: Final = LibrarySettings.__struct_fields__


class Changes:
    """Adds, changes and removes libraries; a scan of theirs ends first, for it would write about what is gone."""

    def __init__(
        self,
        db: Db,
        clock: Clock,
        storage: Storage,
        scans: Scans,
        watching: Watching,
        catalog: Catalog,
    ) -> None:
        self._db = db
        self._clock = clock
        self._storage = storage
        self._scans = scans
        self._watching = watching
        self._catalog = catalog
        self._folders = FolderCheck(storage)

    async def add(self, viewer: Viewer, new: NewLibrary) -> UUID:
        """Make a library and begin its first scan. Raises: KindUnknown, the Path… errors of the model."""
        self._scans.scanner(new.kind)
        library_id = new_id()
        async with self._db.transaction() as tx:
            await tx.execute(store.LOCK_ROOTS)
            taken = [root.path for root in await tx.all(store.ALL_ROOTS)]
            paths = await self._folders.check(new.paths, taken)
            name = new.name.strip() or shown(paths[0].rpartition(b"/")[2])
            await tx.execute(store.ADD_LIBRARY, library_id, new.kind, name, self._clock.now())
            await tx.execute(store.ADD_ROOTS, library_id, [new_id() for _ in paths], paths)
            noted = Noted.by(viewer, "library.added", subject=name, subject_id=library_id)
            await emit(tx, LibraryAdded(library_id=library_id), noted)
        await self._scans.start(library_id)
        self._watching.refresh()
        return library_id

    async def edit(self, library_id: UUID, edit: LibraryEdit) -> None:
        """Give a library a name, folders or settings. Raises: RootNotFound, the Path… errors of the model."""
        if edit.roots is not None:
            await self._scans.cancel(library_id)
        image_ids: list[UUID] = []
        async with self._db.transaction() as tx:
            if edit.roots is not None:
                image_ids = await self._set_roots(tx, library_id, edit.roots)
            name = None if edit.name is None else edit.name.strip()
            settings = {
                key: value for key in _SETTINGS if (value := getattr(edit, key)) is not None
            }
            await tx.execute(
                store.CHANGE_LIBRARY,
                library_id,
                name,
                msgspec.json.encode(settings).decode(),
                self._clock.now(),
            )
        await self._remove_pictures(image_ids)
        if edit.roots is not None:
            await self._scans.start(library_id)
        self._watching.refresh()

    async def remove(self, viewer: Viewer, library_id: UUID) -> None:
        """Forget a library with its items and their pictures."""
        await self._scans.cancel(library_id)
        async with self._db.transaction() as tx:
            item_ids = await tx.all(store.ITEMS_OF, library_id)
            image_ids = await self._catalog.remove(tx, item_ids)
            name = await tx.one(store.REMOVE_LIBRARY, library_id)
            if name is not None:
                noted = Noted.by(viewer, "library.removed", subject=name, subject_id=library_id)
                await emit(tx, noted)
        await self._remove_pictures(image_ids)
        self._watching.refresh()
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
