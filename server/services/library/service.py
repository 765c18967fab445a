"""The rules of libraries."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from server.kernel.db import Db
from server.kernel.errors import RevengeError
from server.kernel.messages import Messages
from server.kernel.page import decode_cursor, encode_cursor
from server.kernel.viewer import Viewer
from server.services.library import store
from server.services.library.changes import Changes
from server.services.library.model import (
    EDIT,
    KindUnknown,
    Libraries,
    Library,
    LibraryEdit,
    LibraryNotFound,
    NewLibrary,
    PageQuery,
    PathIsData,
    PathMissing,
    PathNotAbsolute,
    PathNotFolder,
    PathSystem,
    PathTaken,
    PathUnreadable,
    Preview,
    PreviewWish,
    Problem,
    ProblemPage,
    Root,
    RootNotFound,
    Scan,
    ScanPage,
    ScanProblem,
    Warned,
    shown,
)
from server.services.library.preview import Previews
from server.services.library.scans import Scans
from server.services.library.store import LibraryRow, ProblemRow, ScanRow

_FIRST_ROOT: Final = UUID(int=0)
_LAST_SCAN: Final = UUID(int=2**128 - 1)
_LAST_INSTANT: Final = datetime(9999, 12, 31, tzinfo=UTC)


class ByStart(Struct, frozen=True, tag="start"):
    """A place in the scans of a library: the last one of the page before."""

    started_at: datetime = _LAST_INSTANT
    scan_id: UUID = _LAST_SCAN


class ByPath(Struct, frozen=True, tag="path"):
    """A place in the problems of a library: the last one of the page before."""

    root_id: UUID = _FIRST_ROOT
    path: bytes = b""
    kind: Annotated[str, Meta(pattern=r"\A[a-z]*\Z")] = ""


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
    EDIT_ERRORS: ClassVar[tuple[type[RevengeError], ...]] = (
        LibraryNotFound,
        RootNotFound,
        *ADD_ERRORS[1:],
    )

    def __init__(
        self,
        db: Db,
        previews: Previews,
        scans: Scans,
        changes: Changes,
        messages: Messages,
    ) -> None:
        self._db = db
        self._previews = previews
        self._scans = scans
        self._changes = changes
        self._messages = messages

    async def all(self, viewer: Viewer) -> Libraries:
        """Return the libraries that the viewer may see, in their order."""
        rows = await self._db.all(store.LIST, viewer.library_ids, viewer.max_level)
        return Libraries(items=[self._library(row, viewer) for row in rows])

    async def get(self, viewer: Viewer, library_id: UUID) -> Library:
        """Return a library. Raises: LibraryNotFound."""
        _check(viewer, library_id)
        rows = await self._db.all(store.LIST, [library_id], viewer.max_level)
        if not rows:
            raise LibraryNotFound(library_id=library_id)
        return self._library(rows[0], viewer)

    async def add(self, viewer: Viewer, new: NewLibrary) -> Library:
        """Make a library and begin its first scan. Raises: the errors of `ADD_ERRORS`."""
        library_id = await self._changes.add(viewer, new)
        owner = msgspec.structs.replace(viewer, library_ids=(*viewer.library_ids, library_id))
        return await self.get(owner, library_id)

    async def scan(self, viewer: Viewer, library_id: UUID) -> Scan:
        """Have a library scanned; return that scan, or the one that runs. Raises: LibraryNotFound."""
        await self.get(viewer, library_id)
        await self._scans.start(library_id)
        library = await self.get(viewer, library_id)
        if library.scan is None:
            raise LibraryNotFound(library_id=library_id)
        return library.scan

    async def cancel(self, viewer: Viewer, library_id: UUID) -> None:
        """Stop the scan that runs, if any; what it found stays. Raises: LibraryNotFound."""
        _check(viewer, library_id)
        await self._scans.cancel(library_id)

    async def edit(self, viewer: Viewer, library_id: UUID, edit: LibraryEdit) -> Library:
        """Change a library; other folders begin a scan. Raises: LibraryNotFound, `EDIT_ERRORS`."""
        await self.get(viewer, library_id)
        await self._changes.edit(library_id, edit)
        return await self.get(viewer, library_id)

    async def remove(self, viewer: Viewer, library_id: UUID) -> None:
        """Forget a library, its items and their pictures; no file of it is touched.

        Raises: LibraryNotFound.
        """
        await self.get(viewer, library_id)
        await self._changes.remove(viewer, library_id)

    async def scans(self, viewer: Viewer, library_id: UUID, want: PageQuery) -> ScanPage:
        """Return the scans of a library, the latest first. Raises: LibraryNotFound, Invalid."""
        _check(viewer, library_id)
        place = decode_cursor(want.cursor, ByStart) if want.cursor else ByStart()
        rows = await self._db.all(
            store.SCANS, library_id, place.started_at, place.scan_id, want.limit + 1
        )
        shown = rows[: want.limit]
        return ScanPage(
            items=[self._scan(row, viewer.language) for row in shown],
            next_cursor=encode_cursor(ByStart(shown[-1].started_at, shown[-1].scan_id))
            if len(rows) > want.limit
            else None,
        )

    async def problems(self, viewer: Viewer, library_id: UUID, want: PageQuery) -> ProblemPage:
        """Return what a library could not show, by folder and path. Raises: LibraryNotFound, Invalid."""
        _check(viewer, library_id)
        place = decode_cursor(want.cursor, ByPath) if want.cursor else ByPath()
        rows = await self._db.all(
            store.PROBLEMS, library_id, place.root_id, place.path, place.kind, want.limit + 1
        )
        shown = rows[: want.limit]
        return ProblemPage(
            items=[self._problem(row, viewer.language) for row in shown],
            next_cursor=encode_cursor(ByPath(shown[-1].root_id, shown[-1].path, shown[-1].kind))
            if len(rows) > want.limit
            else None,
        )

    async def preview(self, viewer: Viewer, wish: PreviewWish) -> Preview:
        """Return what a folder would become. Raises: the errors of `ADD_ERRORS`."""
        scanners = self._scans.scanners(wish.kind)
        taken = [root.path for root in await self._db.all(store.ALL_ROOTS)]
        sight = await self._previews.look(wish.path, scanners, taken)
        return Preview(
            kind=sight.kind,
            media_count=sight.media_count,
            is_complete=sight.is_complete,
            items=sight.items,
            warnings=[
                Warned(code=code, detail=self._sentence(viewer.language, code))
                for code in sight.notices
            ],
        )

    def _sentence(self, language: str, code: str) -> str:
        return self._messages.text(language, code, {}).detail

    def _problem(self, row: ProblemRow, language: str) -> Problem:
        return Problem(
            kind=row.kind,
            path=shown(row.root_path.rstrip(b"/") + b"/" + row.path),
            title=row.title,
            code=row.code,
            detail=self._sentence(language, row.code),
        )

    def _library(self, row: LibraryRow, viewer: Viewer) -> Library:
        sees_paths = viewer.may(EDIT.name)
        return Library(
            library_id=row.library_id,
            name=row.name,
            kind=row.kind,
            roots=[
                Root(
                    root_id=root.root_id,
                    path=shown(root.path) if sees_paths else None,
                    state=root.state,
                )
                for root in row.roots
            ],
            item_count=row.item_count,
            due_picture_count=row.due_picture_count,
            is_watched=row.settings.is_watched,
            scans_nightly=row.settings.scans_nightly,
            scan=self._scan(row.scan, viewer.language) if row.scan else None,
        )

    def _scan(self, row: ScanRow, language: str) -> Scan:
        problem = None
        if row.error_code:
            detail = self._sentence(language, row.error_code)
            problem = ScanProblem(code=row.error_code, detail=detail)
        return Scan(
            scan_id=row.scan_id,
            state=row.state,
            phase=row.phase,
            found_count=row.found_count,
            done_count=row.done_count,
            error_count=row.error_count,
            started_at=row.started_at,
            ended_at=row.ended_at,
            error=problem,
        )


def _check(viewer: Viewer, library_id: UUID) -> None:
    if library_id not in viewer.library_ids:
        raise LibraryNotFound(library_id=library_id)
