"""The rules of libraries."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.errors import RevengeError
from server.kernel.ids import new_id
from server.kernel.messages import Messages
from server.kernel.storage import Storage
from server.kernel.viewer import Viewer
from server.services.library import store
from server.services.library.folders import checked_folder
from server.services.library.model import (
    EDIT,
    KindUnknown,
    Libraries,
    Library,
    LibraryNotFound,
    NewLibrary,
    PathIsData,
    PathMissing,
    PathNotAbsolute,
    PathNotFolder,
    PathSystem,
    PathTaken,
    PathUnreadable,
    Root,
    Scan,
    ScanProblem,
)
from server.services.library.scans import Scans
from server.services.library.store import LibraryRow, ScanRow

_DISK_TIMEOUT_S: Final = 20.0


class LibraryService:
    """Libraries as a viewer sees them, and the adding and scanning of them."""

    ADD_ERRORS: ClassVar[tuple[type[RevengeError], ...]] = (
        KindUnknown,
        PathNotAbsolute,
        PathMissing,
        PathNotFolder,
        PathUnreadable,
        PathSystem,
        PathIsData,
        PathTaken,
    )

    def __init__(
        self, db: Db, clock: Clock, storage: Storage, scans: Scans, messages: Messages
    ) -> None:
        self._db = db
        self._clock = clock
        self._storage = storage
        self._scans = scans
        self._messages = messages

    async def all(self, viewer: Viewer) -> Libraries:
        """Return the libraries that the viewer may see, in their order."""
        rows = await self._db.all(store.LIST, viewer.library_ids, viewer.max_level)
        return Libraries(items=[self._library(row, viewer) for row in rows])

    async def get(self, viewer: Viewer, library_id: UUID) -> Library:
        """Return a library. Raises: LibraryNotFound."""
        if library_id not in viewer.library_ids:
            raise LibraryNotFound(library_id=library_id)
        rows = await self._db.all(store.LIST, [library_id], viewer.max_level)
        if not rows:
            raise LibraryNotFound(library_id=library_id)
        return self._library(rows[0], viewer)

    async def add(self, viewer: Viewer, new: NewLibrary) -> Library:
        """Make a library and begin its first scan. Raises: the errors of `ADD_ERRORS`."""
        if new.kind not in self._scans.kinds:
            raise KindUnknown(kind=new.kind, kinds=self._scans.kinds)
        library_id = new_id()
        async with self._db.transaction() as tx:
            await tx.execute(store.LOCK_ROOTS)
            taken = [root.path for root in await tx.all(store.ALL_ROOTS)]
            paths = await self._checked(new.paths, taken)
            name = new.name.strip() or _name_of(paths[0])
            await tx.execute(store.ADD_LIBRARY, library_id, new.kind, name, self._clock.now())
            root_ids = [new_id() for _ in paths]
            await tx.execute(store.ADD_ROOTS, library_id, root_ids, paths)
        await self._scans.start(library_id, new.kind)
        owner = msgspec.structs.replace(viewer, library_ids=(*viewer.library_ids, library_id))
        return await self.get(owner, library_id)

    async def scan(self, viewer: Viewer, library_id: UUID) -> Scan:
        """Begin a scan, or go on with the one that runs; return it. Raises: LibraryNotFound."""
        library = await self.get(viewer, library_id)
        await self._scans.start(library_id, library.kind)
        library = await self.get(viewer, library_id)
        if library.scan is None:
            raise LibraryNotFound(library_id=library_id)
        return library.scan

    async def resume(self) -> None:
        """Begin again the scans that the end of the server cut off; call it once, at the start."""
        await self._scans.resume()

    async def _checked(self, paths: Sequence[str], taken: list[bytes]) -> list[bytes]:
        checked: list[bytes] = []
        for path in paths:
            try:
                async with asyncio.timeout(_DISK_TIMEOUT_S):
                    checked.append(await asyncio.to_thread(self._check, path, taken + checked))
            except TimeoutError as error:
                raise PathUnreadable(path=path) from error
        return checked

    def _check(self, path: str, taken: list[bytes]) -> bytes:
        return checked_folder(path, data_dir=self._storage.root, taken=taken)

    def _library(self, row: LibraryRow, viewer: Viewer) -> Library:
        sees_paths = viewer.may(EDIT.name)
        return Library(
            library_id=row.library_id,
            name=row.name,
            kind=row.kind,
            roots=[
                Root(
                    root_id=root.root_id,
                    path=_shown(root.path) if sees_paths else None,
                    state=root.state,
                )
                for root in row.roots
            ],
            item_count=row.item_count,
            scan=self._scan(row.scan, viewer.language) if row.scan else None,
        )

    def _scan(self, row: ScanRow, language: str) -> Scan:
        problem = None
        if row.error_code:
            detail = self._messages.text(language, row.error_code, {}).detail
            problem = ScanProblem(code=row.error_code, detail=detail)
        return Scan(
            state=row.state,
            phase=row.phase,
            found_count=row.found_count,
            done_count=row.done_count,
            error_count=row.error_count,
            started_at=row.started_at,
            ended_at=row.ended_at,
            error=problem,
        )


def _shown(path: bytes) -> str:
    return path.decode(errors="replace")


def _name_of(path: bytes) -> str:
    return _shown(path.rpartition(b"/")[2])
