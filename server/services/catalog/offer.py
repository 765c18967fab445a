"""What a content module may offer to the services; what it leaves out does not exist for its kinds."""

from collections.abc import Sequence
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from server.kernel.db import Tx
from server.kernel.module import Built
from server.kernel.workers import Work
from server.media.model import Probed
from server.services.catalog.model import ItemDraft, Kind

Role = Literal["media", "subtitle", "image", "sidecar"]


class Folder(Struct, frozen=True, kw_only=True):
    """A folder of a library; `path` is relative to its root, b"" for the root itself."""

    library_id: UUID
    root_id: UUID
    path: bytes


class FolderFile(Struct, frozen=True, kw_only=True):
    """A media file of a folder and what a worker read in it."""

    file_id: UUID
    name: bytes
    facts: Probed


class FileUse(Struct, frozen=True, kw_only=True):
    """How an item uses a file: which edition and which part of it, from where in the file on."""

    file_id: UUID
    role: Role = "media"
    version: int = 0
    part: int = 0
    starts_at_ms: int = 0


class Group(Struct, frozen=True, kw_only=True):
    """An item that a scanner recognised, with its files."""

    draft: ItemDraft
    files: tuple[FileUse, ...]


class Placed(Struct, frozen=True, kw_only=True):
    """A group whose item is in the catalogue."""

    item_id: UUID
    group: Group


class Scanner(Protocol):
    """Turns files into items of one kind of library; everything but `place` is pure."""

    library_kind: str

    def role(self, path: bytes) -> Role | None:
        """Return what a file is for, by its path relative to the root; None leaves it alone."""
        ...

    def probe(self, path: bytes) -> Work[Probed]:
        """Return the work that reads a media file."""
        ...

    def group(self, folder: Folder, files: Sequence[FolderFile]) -> list[Group]:
        """Return the items of new or changed files of one folder.

        The same files give the same keys, in whatever portions they come.
        """
        ...

    def posters(self, folder: bytes, names: Sequence[bytes]) -> dict[bytes, list[bytes]]:
        """Return which pictures of a folder are posters of its media files, by their names, the best first."""
        ...

    async def place(self, tx: Tx, placed: Sequence[Placed]) -> None:
        """Write the module's own rows of these items."""
        ...


class ContentBuilt(Built, frozen=True, kw_only=True):
    """What the `build` of a content module returns."""

    kinds: tuple[Kind, ...]
    scanner: Scanner | None = None
