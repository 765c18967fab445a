"""The statements of libraries and scans and the types of their rows."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from server.kernel.db import Query
from server.kernel.sql import load
from server.kernel.workers import WorkerLost
from server.media.model import Probed, Reason
from server.services.catalog.model import ImageKind
from server.services.catalog.offer import HomeFile, Role
from server.services.library.differences import KnownFile
from server.services.library.model import LibrarySettings, Phase, Place, ScanState

sql = load(__file__)


class RootRow(Struct, frozen=True, kw_only=True):
    """A folder of a library."""

    root_id: UUID
    library_id: UUID
    path: bytes

    def absolute(self, path: bytes) -> bytes:
        """Return where a path of this root lies."""
        return self.path.rstrip(b"/") + b"/" + path


class SameFolder(Struct, frozen=True, kw_only=True):
    """A folder that is as it was."""

    path: bytes
    media_count: int


class KnownFolder(Struct, frozen=True, kw_only=True):
    """A folder that was seen before."""

    folder_id: UUID
    path: bytes


class FileOfHome(Struct, frozen=True, kw_only=True):
    """A file that is there, with what was read in it."""

    home: bytes
    file_id: UUID
    path: bytes
    role: Role
    probe: Probed | None

    def shown(self) -> HomeFile:
        """Return the file as a scanner sees it."""
        return HomeFile(file_id=self.file_id, path=self.path, role=self.role, facts=self.probe)


class SubtitleRow(Struct, frozen=True, kw_only=True):
    """A row of `subtitles`."""

    item_id: UUID
    file_id: UUID
    stream_index: int
    of_file_id: UUID | None
    format: str
    language: str | None
    title: str | None
    is_default: bool
    is_forced: bool
    is_hearing_impaired: bool


class ShownRoot(Struct, frozen=True, kw_only=True):
    """A folder as the list of libraries has it."""

    root_id: UUID
    path: bytes
    state: Literal["online", "offline"]


class ScanRow(Struct, frozen=True, kw_only=True):
    """A row of `scans`."""

    scan_id: UUID
    state: ScanState
    phase: Phase
    found_count: int
    done_count: int
    error_count: int
    started_at: datetime
    ended_at: datetime | None
    error_code: str | None


class LibraryRow(Struct, frozen=True, kw_only=True):
    """A library with its folders and its latest scan."""

    library_id: UUID
    name: str
    kind: str
    settings: LibrarySettings
    roots: list[ShownRoot]
    item_count: int
    due_picture_count: int
    scan: ScanRow | None


class LibraryOfKind(Struct, frozen=True, kw_only=True):
    """A library, its kind and how it is looked after."""

    library_id: UUID
    kind: str
    settings: LibrarySettings


class UnreadCount(Struct, frozen=True, kw_only=True):
    """How much of a library is not read."""

    waiting_count: int
    error_count: int


class UnreadFile(Struct, frozen=True, kw_only=True):
    """A file that waits to be read; `path` is relative to its root."""

    file_id: UUID
    path: bytes


class Arrival(Struct, frozen=True, kw_only=True):
    """A file that may be a missing one under another name."""

    file_id: UUID
    root_path: bytes
    path: bytes


class MovedFile(Struct, frozen=True, kw_only=True):
    """A file that was missing, the row of its new place, and that place."""

    file_id: UUID
    arrived_id: UUID
    root_id: UUID
    folder_id: UUID
    path: bytes
    size_bytes: int
    mtime_ns: int


class Use(Struct, frozen=True, kw_only=True):
    """A file and an item that has it, under the item's key."""

    file_id: UUID
    item_id: UUID
    key: str


class LeftOut(Struct, frozen=True, kw_only=True):
    """A folder that a walk could not read, or a link that it did not follow."""

    root_id: UUID
    path: bytes
    kind: Literal["folder", "link"]


class ProblemRow(Struct, frozen=True, kw_only=True):
    """What is wrong with a file or a folder; `path` is relative to the root."""

    root_id: UUID
    root_path: bytes
    path: bytes
    kind: Literal["file", "missing", "folder", "link"]
    code: str
    title: str | None


class ArtFile(Struct, frozen=True, kw_only=True):
    """A picture beside a film."""

    kind: ImageKind
    path: bytes
    size_bytes: int
    mtime_ns: int


class PictureSource(Struct, frozen=True, kw_only=True):
    """What can give an item its pictures: files beside it, the best first, a cover in its film, the film itself.

    Paths are relative to the root; `sources` are what the pictures that it has were made of, by kind.
    """

    item_id: UUID
    root_path: bytes
    film: bytes | None
    fingerprint: bytes | None
    has_cover: bool | None
    art: list[ArtFile]
    sources: dict[str, bytes]


class OpenScan(Struct, frozen=True, kw_only=True):
    """A scan that waits or runs; one that waits for another has no job yet."""

    scan_id: UUID
    library_id: UUID
    state: Literal["waiting", "running"]
    job_id: int | None
    scope: list[Place] | None


LIST: Final = Query(sql("list"), LibraryRow)

LOCK_ROOTS: Final = Query(sql("lock_roots"))
ALL_ROOTS: Final = Query(sql("all_roots"), RootRow)
ROOTS_OF: Final = Query(sql("roots_of"), RootRow)
WATCHED_ROOTS: Final = Query(sql("watched_roots"), RootRow)
ADD_LIBRARY: Final = Query(sql("add_library"))
ADD_ROOTS: Final = Query(sql("add_roots"))
SET_ROOT_STATE: Final = Query(sql("set_root_state"))
ALL_LIBRARIES: Final = Query(sql("all_libraries"), LibraryOfKind)
KIND_OF: Final = Query(sql("kind_of"), str)
NAME_OF: Final = Query(sql("name_of"), str)
LOCK_LIBRARY: Final = Query(sql("lock_library"), str)
OPEN_SCANS: Final = Query(sql("open_scans"), OpenScan)
ALL_OPEN_SCANS: Final = Query(sql("all_open_scans"), OpenScan)
ADD_SCAN: Final = Query(sql("add_scan"))
WIDEN_SCAN: Final = Query(sql("widen_scan"))
SET_JOB: Final = Query(sql("set_job"))
BEGIN_SCAN: Final = Query(sql("begin_scan"), OpenScan)
SAVE_SCAN: Final = Query(sql("save_scan"))
END_SCAN: Final = Query(sql("end_scan"))
FORGET_SCANS: Final = Query(sql("forget_scans"))
SAME_FOLDERS: Final = Query(sql("same_folders"), SameFolder)
FOLDERS: Final = Query(sql("folders"), KnownFolder)
FILES_OF: Final = Query(sql("files_of"), KnownFile)
CHANGE_FOLDERS: Final = Query(sql("change_folders"))
CHANGE_FILES: Final = Query(sql("change_files"))
SET_STATE: Final = Query(sql("set_state"))
HAS_FILES: Final = Query(sql("has_files"), bool)
FORGET_FOLDERS: Final = Query(sql("forget_folders"))
RETRY: Final = Query(sql("retry"))
MISSING_SIZES: Final = Query(sql("missing_sizes"), int)
ARRIVALS: Final = Query(sql("arrivals"), Arrival)
MOVED: Final = Query(sql("moved"), MovedFile)
FORGET_FILES: Final = Query(sql("forget_files"))
MOVE_FILES: Final = Query(sql("move_files"))
PASSING: Final = (Reason.MISSING, Reason.DENIED, WorkerLost.code)
"""Errors of the moment, not of the file: the next scan reads it again, although it did not change."""

COUNT_UNREAD: Final = Query(sql("count_unread"), UnreadCount)
DUE_HOMES: Final = Query(sql("due_homes"), bytes)
UNREAD: Final = Query(sql("unread"), UnreadFile)
FILES_OF_HOMES: Final = Query(sql("files_of_homes"), FileOfHome)
ITEMS_OF_HOMES: Final = Query(sql("items_of_homes"), UUID)
CLEAR_DUE: Final = Query(sql("clear_due"))
SET_FACTS: Final = Query(sql("set_facts"))
FORGET_CHAPTERS: Final = Query(sql("forget_chapters"))
ADD_CHAPTERS: Final = Query(sql("add_chapters"))
USED_BY: Final = Query(sql("used_by"), Use)
UNLINK: Final = Query(sql("unlink"), UUID)
LINK: Final = Query(sql("link"))
PUT_SUBTITLES: Final = Query(sql("put_subtitles"))
DUE: Final = Query(sql("due"), UUID)
HAS_DUE: Final = Query(sql("has_due"), bool)
KNOWN_IMAGES: Final = Query(sql("known_images"), UUID)
PICTURE_SOURCES: Final = Query(sql("picture_sources"), PictureSource)
SCANS: Final = Query(sql("scans"), ScanRow)
PROBLEMS: Final = Query(sql("problems"), ProblemRow)
CHANGE_LIBRARY: Final = Query(sql("change_library"))
MOVE_ROOTS: Final = Query(sql("move_roots"))
REMOVE_ROOTS: Final = Query(sql("remove_roots"))
ONLY_IN: Final = Query(sql("only_in"), UUID)
ITEMS_OF: Final = Query(sql("items_of"), UUID)
REMOVE_LIBRARY: Final = Query(sql("remove_library"), str)
ANALYZE: Final = Query(sql("analyze"), bool)
