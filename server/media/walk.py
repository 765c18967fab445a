"""Lists the folders of a library root, one listing per folder, in memory that does not grow with the library."""

# ruff: noqa: PTH116, PTH118, PTH119 - names need not be text, and pathlib knows only text

import errno
import os
from collections.abc import Iterator
from stat import S_ISREG
from typing import Literal

from server.kernel.workers import WorkerFailed
from server.media.ignored import IGNORE_FILE, is_ignored_file, is_ignored_folder
from server.media.model import FoundFile, Listing, Reason

# A link to nothing or to itself, or a file that went while the folder was read: it is simply not there.
_LEADS_NOWHERE = (errno.ENOENT, errno.ELOOP)

type Problem = Literal["denied", "vanished", "failed"]


def walk(root: bytes) -> Iterator[Listing]:
    """Yield the listing of each folder, the root first, siblings by name; folders reached by a link come last.

    Every real folder comes once, so a loop of links ends and a folder that is linked twice is no second copy.
    An empty file named `.ignore` leaves out its folder and all below. Raises: WorkerFailed for the root only.
    """
    _check_root(root)
    seen: set[tuple[int, int]] = set()
    folders, linked = [b""], list[bytes]()
    while folders or linked:
        folder = folders.pop() if folders else linked.pop()
        found = _Folder(root, folder)
        if found.identity in seen or found.is_left_out:
            continue
        if found.identity:
            seen.add(found.identity)
        folders.extend(_inside(folder, name) for name in sorted(found.folders, reverse=True))
        linked.extend(_inside(folder, name) for name in sorted(found.linked, reverse=True))
        yield Listing(folder=folder, files=sorted(found.files, key=_by_name), problem=found.problem)


class _Folder:
    """One folder as it is on the disk now; `identity` is None when it cannot be read."""

    def __init__(self, root: bytes, folder: bytes) -> None:
        self.files: list[FoundFile] = []
        self.folders: list[bytes] = []
        self.linked: list[bytes] = []
        self.identity: tuple[int, int] | None = None
        self.problem: Problem | None = None
        self.is_left_out = False
        self._name = os.path.basename(folder)
        path = os.path.join(root, folder) if folder else root
        try:
            status = os.stat(path)
            self.identity = (status.st_dev, status.st_ino)
            with os.scandir(path) as entries:
                for entry in entries:
                    self._try_add(entry)
        except OSError as error:
            self.problem = _problem(error)

    def _try_add(self, entry: os.DirEntry[bytes]) -> None:
        try:
            self._add(entry)
        except OSError as error:
            if error.errno not in _LEADS_NOWHERE:
                self.problem = _problem(error)

    def _add(self, entry: os.DirEntry[bytes]) -> None:
        name = entry.name
        if name == IGNORE_FILE and entry.stat().st_size == 0:
            self.is_left_out = True
        elif entry.is_dir():
            if not is_ignored_folder(name):
                (self.linked if entry.is_symlink() else self.folders).append(name)
        elif not is_ignored_file(name, folder_name=self._name):
            status = entry.stat()
            if S_ISREG(status.st_mode):
                size_bytes, mtime_ns = status.st_size, status.st_mtime_ns
                self.files.append(FoundFile(name=name, size_bytes=size_bytes, mtime_ns=mtime_ns))


def _check_root(root: bytes) -> None:
    try:
        with os.scandir(root):
            return
    except OSError as error:
        raise _root_error(error) from error


def _root_error(error: OSError) -> WorkerFailed:
    match error:
        case NotADirectoryError():
            return WorkerFailed(reason=Reason.NOT_A_FOLDER)
        case PermissionError():
            return WorkerFailed(reason=Reason.DENIED)
        case _:
            return WorkerFailed(reason=Reason.MISSING)


def _problem(error: OSError) -> Problem:
    match error:
        case PermissionError():
            return "denied"
        case FileNotFoundError() | NotADirectoryError():
            return "vanished"
        case _:
            return "failed"


def _inside(folder: bytes, name: bytes) -> bytes:
    return os.path.join(folder, name) if folder else name


def _by_name(file: FoundFile) -> bytes:
    return file.name
