"""The types of libraries and scans, and what can be wrong with a folder."""

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from server.kernel.http.api import Permission

READ: Final = Permission("library:read", "See the libraries and their scans")
EDIT: Final = Permission("library:edit", "Add, change and scan libraries", is_for_members=False)

ScanState = Literal["running", "done", "failed"]
Phase = Literal["walk", "probe", "pictures", "done"]
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
    """The server ended while the scan ran; the next start begins another one."""

    code = "scan.interrupted"


class NewLibrary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library to make; without a name it is called like its first folder."""

    name: Annotated[str, Meta(max_length=200)] = ""
    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    paths: Annotated[list[FolderPath], Meta(min_length=1, max_length=50)]


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

    `error_count` files cannot be read.
    """

    state: ScanState
    phase: Phase
    found_count: int
    done_count: int
    error_count: int
    started_at: Instant
    ended_at: Instant | None
    error: ScanProblem | None


class Library(Struct, frozen=True, kw_only=True):
    """A library with its folders and its latest scan."""

    library_id: UUID
    name: str
    kind: str
    roots: list[Root]
    item_count: int
    scan: Scan | None


class Libraries(Struct, frozen=True, kw_only=True):
    """The libraries that the viewer may see, in their order."""

    items: list[Library]
