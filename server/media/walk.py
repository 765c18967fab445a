"""Lists the folders of a library root, one listing per folder, in memory that does not grow with the library."""

# ruff: noqa: PTH116, PTH118, PTH119 - names need not be text, and pathlib knows only text

import errno
import os
import time
from collections.abc import Iterator
from hashlib import blake2b
from stat import S_ISREG
from typing import Literal

from server.kernel.workers import WorkerFailed
from server.media.ignored import (
    IGNORE_FILE,
    IGNORE_FILE_BYTES,
    Patterns,
    is_for_whole_tree,
    is_ignored_file,
    is_ignored_folder,
)
from server.media.model import FoundFile, Listing, Listings, Reason

_BATCH = 1_000
_BATCH_S = 0.3
_SIGNATURE_BYTES = 16
_LONGEST_PATH = 2_500  # below the root; an index of PostgreSQL holds 2,704 bytes a row
# A link to nothing or to itself, or a file that went while the folder was read: it is simply not there.
_LEADS_NOWHERE = (errno.ENOENT, errno.ELOOP)

type Problem = Literal["denied", "vanished", "failed", "too_long"]


def walk(root: bytes, within: bytes = b"") -> Iterator[Listing]:
    """Yield the listing of each folder, the root first, siblings by name; folders reached by a link come last.

    Every real folder comes once, so a loop of links ends and a folder that is linked twice is no second copy. A link
    that leads out of the root is left out: whoever may write into a library could show anything on the computer. An
    empty file named `.ignore` leaves out its folder and all below, one with patterns what they say.

    With `within` only that folder and those below it are listed, or if it is none, the one above it. Those above are
    read for what they leave out, and links are not followed, as their folders may be listed elsewhere. Raises: WorkerFailed for the root only; an empty
    one is missing where something is looked for within.
    """
    _check_root(root, is_looked_into=bool(within))
    real_root = os.path.realpath(root)
    seen: set[tuple[int, int]] = set()
    folders, linked = [(b"", Patterns())], list[tuple[bytes, Patterns]]()
    while folders or linked:
        folder, patterns = folders.pop() if folders else linked.pop()
        found = _Folder(real_root, folder, patterns)
        if found.identity in seen or found.is_left_out:
            continue
        if found.identity:
            seen.add(found.identity)
        for waiting, names in ((folders, found.folders), (linked, found.linked)):
            if names and not (within and waiting is linked):
                paths = (_inside(folder, name) for name in sorted(names, reverse=True))
                waiting.extend((path, found.patterns) for path in paths if _leads(path, within))
        if _contains(within, folder) or found.lacks(within) or found.problem:
            yield found.listing(unfollowed=found.linked if within else [])


def batches(listings: Iterator[Listing]) -> Iterator[Listings]:
    """Yield listings together, so that a message costs little for each; on a slow disk they do not wait long."""
    folders, file_count, since_s = list[Listing](), 0, time.monotonic()
    for listing in listings:
        folders.append(listing)
        file_count += 1 + len(listing.files)
        if file_count >= _BATCH or time.monotonic() - since_s > _BATCH_S:
            yield Listings(folders=folders)
            folders, file_count, since_s = [], 0, time.monotonic()
    if folders:
        yield Listings(folders=folders)


class _Folder:
    """One folder as it is on the disk now; `identity` is None when it cannot be read.

    `patterns` are those of the folders above, then also its own.
    """

    def __init__(self, real_root: bytes, folder: bytes, patterns: Patterns) -> None:
        self.files: list[FoundFile] = []
        self.folders: list[bytes] = []
        self.linked: list[bytes] = []
        self.outside: list[bytes] = []
        self.identity: tuple[int, int] | None = None
        self.problem: Problem | None = None
        self.is_left_out = False
        self.patterns = patterns
        self._root = real_root
        self._path = folder
        path = _inside(real_root, folder) if folder else real_root
        try:
            status = os.stat(path)
            self.identity = (status.st_dev, status.st_ino)
            with os.scandir(path) as entries:
                for entry in entries:
                    self._try_add(entry)
        except OSError as error:
            self.problem = _problem(error)
        if self.patterns.specs:
            self._leave_out()

    def lacks(self, within: bytes) -> bool:
        """Return whether it is the folder above a place that is no folder: a file, or gone."""
        above, name = os.path.split(within)
        return above == self._path and name not in self.folders

    def listing(self, unfollowed: list[bytes]) -> Listing:
        """Return what a scan needs to know of it."""
        files = sorted(self.files, key=_by_name)
        digest = blake2b(digest_size=_SIGNATURE_BYTES)
        for file in files:
            digest.update(b"%b\0%d %d\0" % (file.name, file.size_bytes, file.mtime_ns))
        return Listing(
            folder=self._path,
            files=files,
            signature=digest.digest(),
            outside=sorted(self.outside),
            unfollowed=sorted(unfollowed),
            problem=self.problem,
        )

    def _leave_out(self) -> None:
        def stays(name: bytes, *, is_folder: bool) -> bool:
            path = _inside(self._path, name)
            return not self.patterns.leave_out(path, is_folder=is_folder)

        self.files = [file for file in self.files if stays(file.name, is_folder=False)]
        self.folders = [name for name in self.folders if stays(name, is_folder=True)]
        self.linked = [name for name in self.linked if stays(name, is_folder=True)]

    def _try_add(self, entry: os.DirEntry[bytes]) -> None:
        try:
            self._add(entry)
        except OSError as error:
            if error.errno not in _LEADS_NOWHERE:
                self.problem = _problem(error)

    def _add(self, entry: os.DirEntry[bytes]) -> None:
        name = entry.name
        if len(_inside(self._path, name)) > _LONGEST_PATH:
            self.problem = "too_long"
        elif name == IGNORE_FILE and entry.is_file():
            self._heed(entry.path)
        elif entry.is_dir():
            if not is_ignored_folder(name):
                self._add_folder(entry)
        elif not is_ignored_file(name, folder_name=os.path.basename(self._path)):
            self._add_file(entry)

    def _add_folder(self, entry: os.DirEntry[bytes]) -> None:
        if not entry.is_symlink():
            self.folders.append(entry.name)
        elif self._holds(entry):
            self.linked.append(entry.name)

    def _add_file(self, entry: os.DirEntry[bytes]) -> None:
        status = entry.stat()
        if S_ISREG(status.st_mode) and (not entry.is_symlink() or self._holds(entry)):
            size_bytes, mtime_ns = status.st_size, status.st_mtime_ns
            self.files.append(FoundFile(name=entry.name, size_bytes=size_bytes, mtime_ns=mtime_ns))

    def _holds(self, link: os.DirEntry[bytes]) -> bool:
        """Return whether a link leads to something below the root; note it otherwise."""
        target = os.path.realpath(link.path)
        is_inside = os.path.commonpath((self._root, target)) == self._root
        if not is_inside:
            self.outside.append(link.name)
        return is_inside

    def _heed(self, path: bytes) -> None:
        with open(path, "rb") as file:  # noqa: PTH123 - a name need not be text
            content = file.read(IGNORE_FILE_BYTES)
        if is_for_whole_tree(content):
            self.is_left_out = True
        else:
            self.patterns = self.patterns.with_file(self._path, content)


def _check_root(root: bytes, *, is_looked_into: bool) -> None:
    try:
        with os.scandir(root) as entries:
            is_empty = next(entries, None) is None
    except OSError as error:
        raise _root_error(error) from error
    if is_empty and is_looked_into:
        raise WorkerFailed(
            reason=Reason.MISSING
        )  # where a disk is not mounted, nothing was removed


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


def _leads(path: bytes, within: bytes) -> bool:
    """Return whether a folder is to be looked into: it lies above or below the one that is asked for."""
    return _contains(within, path) or _contains(path, within)


def _contains(folder: bytes, path: bytes) -> bool:
    return not folder or path == folder or path.startswith(folder + b"/")


def _inside(folder: bytes, name: bytes) -> bytes:
    return os.path.join(folder, name) if folder else name


def _by_name(file: FoundFile) -> bytes:
    return file.name
