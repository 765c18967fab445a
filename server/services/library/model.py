"""The types of libraries and scans, and what can be wrong with a folder."""

from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from server.kernel.events import LibraryEvent
from server.kernel.http.api import Permission
from server.kernel.page import CursorText, Limit, Page
from server.kernel.viewer import Viewer

READ: Final = Permission("library:read", "See the libraries and their scans")
EDIT: Final = Permission("library:edit", "Add, change and scan libraries", is_for_members=False)

ScanState = Literal["waiting", "running", "done", "failed"]
Phase = Literal["walk", "probe", "done"]
FolderPath = Annotated[str, Meta(min_length=1, max_length=4096)]


class LibraryNotFound(NotFound):
    """No such library, or not for this viewer."""

    code = "library.not_found"


class KindUnknown(Invalid):
    """No module of this server fills libraries of that kind."""

    code = "library.kind_unknown"


class PathNotAbsolute(Invalid):
    """A folder is named from the top of the file system."""

    code = "library.path_not_absolute"


class PathMissing(Invalid):
    """Nothing lies at that path."""

    code = "library.path_missing"


class PathNotFolder(Invalid):
    """Something else than a folder lies at that path."""

    code = "library.path_not_folder"


class PathUnreadable(Invalid):
    """The server's account may not list the folder, or its disk does not answer."""

    code = "library.path_unreadable"


class PathSystem(Invalid):
    """The folder belongs to the operating system."""

    code = "library.path_system"


class PathIsData(Invalid):
    """The folder holds what the server itself keeps."""

    code = "library.path_is_data"


class PathTaken(Conflict):
    """The folder is in a library already, lies inside one that is, or holds one."""

    code = "library.path_taken"


class ScanInterrupted(Unavailable):
    """The server ended while the scan ran, too often to try it once more."""

    code = "scan.interrupted"


class ScanCancelled(Conflict):
    """An administrator stopped the scan."""

    code = "scan.cancelled"


class RootNotFound(NotFound):
    """The library has no such folder."""

    code = "library.root_not_found"


class Notice(StrEnum):
    """What is not wrong with a request and yet worth saying; each value is a code with a text."""

    FOLDER_UNREAD = "library.folder_unread"
    LINK_OUTSIDE = "library.link_outside"
    NO_MEDIA = "library.no_media"
    NETWORK_SHARE = "library.network_share"
    READ_ONLY = "library.read_only"
    LOW_SPACE = "library.low_space"


class LibraryAdded(LibraryEvent, frozen=True, kw_only=True, tag="library.added"):
    """A library that is new."""

    def widens(self, viewer: Viewer) -> bool:
        """Return whether the viewer may see it, which the event cannot tell: it is to be found out."""
        del viewer
        return True


class Place(Struct, frozen=True, kw_only=True):
    """A folder of a root and all below; b"" is the root itself."""

    root_id: UUID
    path: bytes


class LibrarySettings(Struct, frozen=True, kw_only=True):
    """How a library is looked after."""

    is_watched: bool = True
    scans_nightly: bool = True


class NewLibrary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library to make; without a name it is called like its first folder."""

    name: Annotated[str, Meta(max_length=200)] = ""
    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    paths: Annotated[list[FolderPath], Meta(min_length=1, max_length=50)]


class RootEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder that a library is to have; with `root_id` a known one, which may have a new path.

    A known folder with a new path is the same one at another place, such as a disk that is mounted
    elsewhere: its files keep what is known of them.
    """

    root_id: UUID | None = None
    path: FolderPath


class LibraryEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change of a library; null leaves it. Folders that are not named leave the library."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")] | None = None
    roots: Annotated[list[RootEdit], Meta(min_length=1, max_length=50)] | None = None
    is_watched: bool | None = None
    scans_nightly: bool | None = None


class PreviewWish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder that may become a library; without a kind it is guessed from what lies there."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    path: FolderPath


class PreviewItem(Struct, frozen=True, kw_only=True):
    """How a file would be shown; `name` is its path below the folder."""

    name: str
    title: str
    year: int | None


class Warned(Struct, frozen=True, kw_only=True):
    """Something to know before going on, as a code and a sentence."""

    code: str
    detail: str


class Preview(Struct, frozen=True, kw_only=True):
    """What a scan would find; the count is a lower bound while `is_complete` is false."""

    kind: str
    media_count: int
    is_complete: bool
    items: list[PreviewItem]
    warnings: list[Warned]


class Root(Struct, frozen=True, kw_only=True):
    """A folder of a library; while it is offline its items stay as they are.

    `path` is null for those who may not change libraries: where things lie is not for everybody.
    """

    root_id: UUID
    path: str | None
    state: Literal["online", "offline"]


class ScanProblem(Struct, frozen=True, kw_only=True):
    """Why a scan failed."""

    code: str
    detail: str


class Scan(Struct, frozen=True, kw_only=True):
    """How far a scan is: of the files found, so many are through; unchanged ones are at once.

    `error_count` files cannot be read. One that waits does so for another scan, or for background
    work to go on.
    """

    scan_id: UUID
    state: ScanState
    phase: Phase
    found_count: int
    done_count: int
    error_count: int
    started_at: Instant
    ended_at: Instant | None
    error: ScanProblem | None


class Library(Struct, frozen=True, kw_only=True):
    """A library with its folders and its latest scan; so many items still wait for their picture.

    A watched one notices changes by itself.
    """

    library_id: UUID
    name: str
    kind: str
    roots: list[Root]
    item_count: int
    due_picture_count: int
    is_watched: bool
    scans_nightly: bool
    scan: Scan | None


class Libraries(Struct, frozen=True, kw_only=True):
    """The libraries that the viewer may see, in their order."""

    items: list[Library]


class ScanLibrary(Struct, frozen=True, kw_only=True):
    """Do a scan that is on record."""

    scan_id: UUID
    library_id: UUID


class MakePictures(Struct, frozen=True, kw_only=True):
    """Make the pictures that items of a library are due."""

    library_id: UUID


class ScanAll(Struct, frozen=True, kw_only=True):
    """Scan the libraries that are to be scanned every night."""


class PageQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list."""

    limit: Limit = 50
    cursor: CursorText | None = None


class ScanPage(Page[Scan], frozen=True, kw_only=True):
    """The scans of a library, the latest first."""


class Problem(Struct, frozen=True, kw_only=True):
    """What a library could not show: a file, a folder that cannot be read, a link that leads out.

    `title` is that of the item that uses the file; null where none does.
    """

    kind: Literal["file", "missing", "folder", "link"]
    path: str
    title: str | None
    code: str
    detail: str


class ProblemPage(Page[Problem], frozen=True, kw_only=True):
    """The problems of a library, by folder and path."""


def shown(path: bytes) -> str:
    """Return a path as people read it."""
    return path.decode(errors="replace")
