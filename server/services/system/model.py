"""The types of the view on the server's own machinery."""

from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

from server.kernel.clock import Instant
from server.kernel.http.api import Permission

READ: Final = Permission(
    "system:read", "See how the server, its programs and its computer fare", is_for_members=False
)

ProgramName = Literal[
    "server", "database", "cache", "search", "background_workers", "page_workers", "stream_workers"
]
State = Literal["starting", "running", "restarting", "stopped", "idle", "external", "unused"]


class Cause(StrEnum):
    """Why a program beside the server ended; each value is a code in the message catalogue."""

    CACHE_ENDED = "cache.ended"
    CACHE_KILLED = "cache.killed"
    CACHE_NO_MEMORY = "cache.no_memory"
    CACHE_CANNOT_RUN = "cache.cannot_run"
    DATABASE_DAMAGED = "database.damaged"
    DATABASE_DISK_FAILING = "database.disk_failing"
    DATABASE_DISK_FULL = "database.disk_full"
    DATABASE_ENDED = "database.ended"
    DATABASE_FILES_GONE = "database.files_gone"
    DATABASE_KILLED = "database.killed"
    DATABASE_NO_MEMORY = "database.no_memory"
    DATABASE_NO_RIGHT = "database.no_right"
    DATABASE_QUOTA = "database.quota"
    DATABASE_READ_ONLY = "database.read_only"
    DATABASE_TOO_MANY_FILES = "database.too_many_files"
    SEARCH_CANNOT_RUN = "search.cannot_run"
    SEARCH_DISK_FULL = "search.disk_full"
    SEARCH_ENDED = "search.ended"
    SEARCH_KILLED = "search.killed"
    SEARCH_NO_MEMORY = "search.no_memory"
    SEARCH_NO_RIGHT = "search.no_right"


class Usage(Struct, frozen=True, kw_only=True):
    """What a program takes, with the processes that it started.

    `memory_kind` is `pss` where what processes share is counted once, else `rss`, which counts it in each of them.
    `cpu_share` is of one core since the look before, null without one.
    """

    started_at: Instant
    memory_bytes: int
    memory_kind: Literal["pss", "rss"]
    cpu_share: float | None


class Program(Struct, frozen=True, kw_only=True):
    """A program of the server.

    `idle` ones start on need, `external` ones run elsewhere, `unused` ones need not be. `code` and `reason` say why
    it last ended, where it ever did; `usage` is null where no process of it can be looked at.
    """

    name: ProgramName
    state: State
    product: str | None = None
    version: str | None = None
    restart_count: int = 0
    next_try_at: Instant | None = None
    code: str | None = None
    reason: str | None = None
    usage: Usage | None = None


class Machine(Struct, frozen=True, kw_only=True):
    """The computer. `load` is how many processes wanted a core, on average of the last 1, 5 and 15 minutes."""

    system: str
    architecture: str
    core_count: int
    load: list[float]
    memory_bytes: int
    free_memory_bytes: int


class Place(Struct, frozen=True, kw_only=True):
    """A folder that the server uses; `library` is null for that of its own data."""

    library: str | None
    path: str


class Disk(Struct, frozen=True, kw_only=True):
    """A file system with what the server uses of it. Sizes are null where it does not answer."""

    places: list[Place]
    total_bytes: int | None
    free_bytes: int | None
    is_low: bool


class Versions(Struct, frozen=True, kw_only=True):
    """What the server is made of; null is not known."""

    revenge: str
    python: str
    ffmpeg: str | None
    libvips: str | None


class System(Struct, frozen=True, kw_only=True):
    """The server's own machinery as it was `at` a moment."""

    at: Instant
    programs: list[Program]
    machine: Machine
    disks: list[Disk]
    versions: Versions
