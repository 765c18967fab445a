"""The first phase of a scan: what is on the disk, compared with what is known, folder by folder.

A folder whose signature is the known one costs one look into an index, however many files it holds.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct, field
from msgspec.structs import astuple

from server.kernel.db import Db, Tx
from server.kernel.log import get_log
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import Listing, Walk
from server.services.catalog.offer import Scanner
from server.services.library import store
from server.services.library.differences import Differences, FileRow, FolderRow, differences
from server.services.library.store import LeftOut, RootRow
from server.services.library.tally import Tally
from server.services.library.work import closing, persistently

log = get_log(__name__)

_SILENCE_S: Final = 120.0
"""How long a disk may take for one folder; sleeping ones need half a minute to turn."""


class Seen(Struct):
    """What a walk saw: folders, and with a closing slash those that may hold more than it could read.

    What it saw before the first media file is withheld: without any, the disk is perhaps not mounted.
    """

    folders: list[bytes] = field(default_factory=list)
    unread: list[bytes] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    withheld: list[Listing] = field(default_factory=list)


class Intake:
    """Brings the files of a root up to date, without reading any of them."""

    def __init__(self, db: Db, workers: Workers) -> None:
        self._db = db
        self._workers = workers

    async def take_in(
        self, root: RootRow, scanner: Scanner, tally: Tally, within: bytes = b""
    ) -> bool:
        """Note new, changed and missing files; return whether the root is there.

        A root that cannot be reached, or that is empty where files were known (a disk that is not
        mounted leaves such a folder), is offline: its files stay as they are. With `within` only that
        folder and those below it are looked at.
        """
        before = tally.found_count

        async def walk() -> Seen:
            tally.found_count = before
            return await self._walk(root, scanner, tally, within)

        try:
            seen = await persistently(walk)
        except (WorkerFailed, WorkerLost) as error:
            log.warning("library folder is offline", path=root.path, code=error.code)
            return await self._set_online(root, is_online=False)
        is_empty = bool(seen.withheld)
        if is_empty and await self._db.value(store.HAS_FILES, root.root_id):
            log.warning("library folder is empty and taken for offline", path=root.path)
            return await self._set_online(root, is_online=False)
        await self._compare(root, scanner, tally, seen.withheld)
        tally.left_out += seen.left_out
        await self._db.execute(
            store.FORGET_FOLDERS, root.root_id, seen.folders, seen.unread, within
        )
        return await self._set_online(root, is_online=True)

    async def _walk(self, root: RootRow, scanner: Scanner, tally: Tally, within: bytes) -> Seen:
        seen, withheld = Seen(), list[Listing]()
        has_media = bool(within)  # a part may have lost all it had, but not the whole
        walk = self._workers.stream(Walk(root=root.path, within=within), timeout_s=_SILENCE_S)
        async with closing(walk) as batches:
            async for batch in batches:
                for listing in batch.folders:
                    _note(seen, root, listing)
                withheld += batch.folders
                has_media = has_media or any(_has_media(scanner, one) for one in batch.folders)
                if has_media:
                    tally.found_count += await self._compare(root, scanner, tally, withheld)
                    withheld = []
                await tally.note()
        return msgspec.structs.replace(seen, withheld=withheld)

    async def _compare(
        self, root: RootRow, scanner: Scanner, tally: Tally, listings: Sequence[Listing]
    ) -> int:
        """Write what is other than it was in some folders; return how many media files they hold."""
        same = await self._db.all(
            store.SAME_FOLDERS,
            root.root_id,
            [listing.folder for listing in listings],
            [listing.signature for listing in listings],
        )
        unchanged = {row.path for row in same}
        changed = [listing for listing in listings if listing.folder not in unchanged]
        count = sum(row.media_count for row in same)
        if not changed:
            return count
        count += await self._register(root, scanner, changed)
        await tally.advance()
        return count

    async def _register(self, root: RootRow, scanner: Scanner, listings: Sequence[Listing]) -> int:
        paths = [listing.folder for listing in listings]
        rows = await self._db.all(store.FOLDERS, root.root_id, paths)
        known = await self._db.all(store.FILES_OF, [row.folder_id for row in rows]) if rows else []
        folder_ids = {row.path: row.folder_id for row in rows}
        found = differences(scanner, listings, folder_ids, known)
        await self._write(root, found)
        return found.media_count

    async def _write(self, root: RootRow, found: Differences) -> None:
        async with self._db.transaction() as tx:
            await _copy(tx, "folders", root, found.new_folders)
            await _copy(tx, "files", root, found.new_files)
            await tx.execute(store.CHANGE_FOLDERS, *_columns(FolderRow, found.known_folders))
            await tx.execute(store.CHANGE_FILES, *_columns(FileRow, found.changed_files))
            await tx.execute(store.SET_STATE, found.back, "present")
            await tx.execute(store.SET_STATE, found.gone, "missing")

    async def _set_online(self, root: RootRow, *, is_online: bool) -> bool:
        state = "online" if is_online else "offline"
        await self._db.execute(store.SET_ROOT_STATE, root.root_id, state)
        return is_online


async def _copy(tx: Tx, table: str, root: RootRow, rows: Sequence[Struct]) -> None:
    """Append new rows of a root to a table."""
    if rows:
        columns = ("root_id", *rows[0].__struct_fields__)
        await tx.copy(table, columns, [(root.root_id, *astuple(row)) for row in rows])


def _columns(kind: type[Struct], rows: Sequence[Struct]) -> list[list[object]]:
    """Return rows as the columns of a statement, in the order of their fields."""
    return [[getattr(row, name) for row in rows] for name in kind.__struct_fields__]


def _has_media(scanner: Scanner, listing: Listing) -> bool:
    inside = listing.folder + b"/" if listing.folder else b""
    return any(scanner.role(inside + file.name) == "media" for file in listing.files)


def _note(seen: Seen, root: RootRow, listing: Listing) -> None:
    inside = listing.folder + b"/" if listing.folder else b""
    seen.folders.append(listing.folder)
    seen.unread += [inside + name + b"/" for name in listing.unfollowed]
    if listing.problem:
        seen.unread.append(inside)
        seen.left_out.append(LeftOut(root_id=root.root_id, path=inside, kind="folder"))
        log.warning("folder cannot be read whole", path=inside, problem=listing.problem)
    for name in listing.outside:
        seen.left_out.append(LeftOut(root_id=root.root_id, path=inside + name, kind="link"))
        log.warning("link leads out of the library folder", path=inside + name)
