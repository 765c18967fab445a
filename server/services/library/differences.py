"""Compares folders as a walk saw them with what is known of them. Pure, but for new ids."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct, field

from server.kernel.ids import new_id
from server.media.model import Listing
from server.services.catalog.offer import Role, Scanner


class KnownFile(Struct, frozen=True, kw_only=True):
    """A file as it was when its folder was looked at last."""

    file_id: UUID
    folder_id: UUID
    path: bytes
    size_bytes: int
    mtime_ns: int
    role: Role
    state: Literal["present", "missing"]


class FolderRow(Struct, frozen=True, kw_only=True):
    """A folder as it is now; it is due when one of its files is not what it was."""

    folder_id: UUID
    path: bytes
    home: bytes
    signature: bytes | None
    media_count: int
    is_due: bool


class FileRow(Struct, frozen=True, kw_only=True):
    """A file as it is now."""

    file_id: UUID
    folder_id: UUID
    path: bytes
    size_bytes: int
    mtime_ns: int
    role: Role


class Differences(Struct, frozen=True):
    """What is to be written about some folders; of files that are back or gone only their ids."""

    new_folders: list[FolderRow] = field(default_factory=list)
    known_folders: list[FolderRow] = field(default_factory=list)
    new_files: list[FileRow] = field(default_factory=list)
    changed_files: list[FileRow] = field(default_factory=list)
    back: list[UUID] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)

    @property
    def media_count(self) -> int:
        """How many media files the folders hold now."""
        return sum(folder.media_count for folder in (*self.new_folders, *self.known_folders))


def differences(
    scanner: Scanner,
    listings: Iterable[Listing],
    folder_ids: Mapping[bytes, UUID],
    known: Sequence[KnownFile],
) -> Differences:
    """Return what is other than it was in these folders; `known` are all files of those that have an id."""
    by_path = {file.path: file for file in known}
    by_folder: dict[UUID, list[KnownFile]] = {}
    for file in known:
        by_folder.setdefault(file.folder_id, []).append(file)
    found = Differences()
    for listing in listings:
        folder_id = folder_ids.get(listing.folder)
        if folder_id is None:
            folder = _compare(found, scanner, listing, new_id(), by_path, [])
            found.new_folders.append(folder)
        else:
            before = by_folder.get(folder_id, [])
            folder = _compare(found, scanner, listing, folder_id, by_path, before)
            found.known_folders.append(folder)
    return found


def _compare(
    found: Differences,
    scanner: Scanner,
    listing: Listing,
    folder_id: UUID,
    by_path: Mapping[bytes, KnownFile],
    before: Sequence[KnownFile],
) -> FolderRow:
    """Add what is other in a folder; what a listing with a problem lacks may still be there."""
    files = _files(scanner, listing, folder_id, by_path)
    paths = {file.path for file in files}
    changed_count = sum([_sort_in(found, file, by_path.get(file.path)) for file in files])
    if listing.problem is None:
        gone = [file for file in before if file.path not in paths and file.state == "present"]
        found.gone.extend(file.file_id for file in gone)
        changed_count += len(gone)
    return FolderRow(
        folder_id=folder_id,
        path=listing.folder,
        home=scanner.home(listing.folder),
        signature=None if listing.problem else listing.signature,
        media_count=sum(file.role == "media" for file in files),
        is_due=changed_count > 0,
    )


def _files(
    scanner: Scanner, listing: Listing, folder_id: UUID, by_path: Mapping[bytes, KnownFile]
) -> list[FileRow]:
    """Return the files that the scanner has a use for."""
    inside = listing.folder + b"/" if listing.folder else b""
    named = [(inside + file.name, file) for file in listing.files]
    return [
        FileRow(
            file_id=by_path[path].file_id if path in by_path else new_id(),
            folder_id=folder_id,
            path=path,
            size_bytes=file.size_bytes,
            mtime_ns=file.mtime_ns,
            role=role,
        )
        for path, file in named
        if (role := scanner.role(path)) is not None
    ]


def _sort_in(found: Differences, file: FileRow, before: KnownFile | None) -> bool:
    """Note a file where it belongs; return whether it is other than it was."""
    if before is None:
        found.new_files.append(file)
    elif (before.size_bytes, before.mtime_ns, before.role) != (
        file.size_bytes,
        file.mtime_ns,
        file.role,
    ):
        found.changed_files.append(file)
    elif before.state == "missing":
        found.back.append(file.file_id)
    else:
        return False
    return True
