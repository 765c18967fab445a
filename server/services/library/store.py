"""The statements of libraries and scans and the types of their rows."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from server.kernel.db import Query
from server.kernel.sql import load
from server.kernel.workers import WorkerLost
from server.media.model import Reason
from server.services.library.model import Phase, ScanState

sql = load(__file__)


class RootRow(Struct, frozen=True, kw_only=True):
    """A folder of a library."""

    root_id: UUID
    library_id: UUID
    path: bytes


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
    roots: list[ShownRoot]
    item_count: int
    scan: ScanRow | None


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


class PictureSource(Struct, frozen=True, kw_only=True):
    """What can give an item its picture: posters beside its file (paths in the root), a cover in it, itself."""

    item_id: UUID
    root_path: bytes
    path: bytes
    has_cover: bool
    posters: list[bytes]


LIST: Final = Query(sql("list"), LibraryRow)

LOCK_ROOTS: Final = Query(sql("lock_roots"))
ALL_ROOTS: Final = Query(sql("all_roots"), RootRow)
ROOTS_OF: Final = Query(sql("roots_of"), RootRow)
ADD_LIBRARY: Final = Query(sql("add_library"))
ADD_ROOTS: Final = Query(sql("add_roots"))
SET_ROOT_STATE: Final = Query(sql("set_root_state"))
KIND_OF: Final = Query(sql("kind_of"), str)
BEGIN_SCAN: Final = Query(sql("begin_scan"))
SAVE_SCAN: Final = Query(sql("save_scan"))
CLOSE_BROKEN_SCANS: Final = Query(sql("close_broken_scans"), UUID)
REGISTER: Final = Query(sql("register"), UUID)
HAS_FILES: Final = Query(sql("has_files"), bool)
MARK_MISSING: Final = Query(sql("mark_missing"))
ARRIVALS: Final = Query(sql("arrivals"), Arrival)
MOVED: Final = Query(sql("moved"), MovedFile)
FORGET_FILES: Final = Query(sql("forget_files"))
MOVE_FILES: Final = Query(sql("move_files"))
PASSING: Final = (Reason.MISSING, Reason.DENIED, WorkerLost.code)
"""Errors of the moment, not of the file: the next scan reads it again, although it did not change."""

COUNT_UNREAD: Final = Query(sql("count_unread"), UnreadCount)
UNREAD: Final = Query(sql("unread"), UnreadFile)
SET_FACTS: Final = Query(sql("set_facts"))
USED_BY: Final = Query(sql("used_by"), Use)
UNLINK: Final = Query(sql("unlink"), UUID)
LINK: Final = Query(sql("link"))
DUE: Final = Query(sql("due"), UUID)
CHANGED_ART: Final = Query(sql("changed_art"), bytes)
GONE_ART: Final = Query(sql("gone_art"), bytes)
USERS_OF_ART: Final = Query(sql("users_of_art"), UUID)
DROP_ART: Final = Query(sql("drop_art"))
ADD_ART_FOLDERS: Final = Query(sql("add_art_folders"))
ADD_ARTWORK: Final = Query(sql("add_artwork"))
KNOWN_IMAGES: Final = Query(sql("known_images"), UUID)
PICTURE_SOURCES: Final = Query(sql("picture_sources"), PictureSource)
SCANS: Final = Query(sql("scans"), ScanRow)
PROBLEMS: Final = Query(sql("problems"), ProblemRow)
RENAME: Final = Query(sql("rename"))
MOVE_ROOTS: Final = Query(sql("move_roots"))
REMOVE_ROOTS: Final = Query(sql("remove_roots"))
ONLY_IN: Final = Query(sql("only_in"), UUID)
ITEMS_OF: Final = Query(sql("items_of"), UUID)
REMOVE_LIBRARY: Final = Query(sql("remove_library"))
