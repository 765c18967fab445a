"""Which folders may become part of a library; asks the disk, so it runs in a thread."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from server.kernel.storage import Storage
from server.services.library.model import (
    PathIsData,
    PathMissing,
    PathNotAbsolute,
    PathNotFolder,
    PathSystem,
    PathTaken,
    PathUnreadable,
)

_SYSTEM: Final = tuple(
    map(Path, ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys"))
)
"""Nothing below these is anybody's film."""

_TOO_WIDE: Final = frozenset(
    map(Path, ("/", "/opt", "/root", "/run", "/tmp", "/usr", "/var", "/var/lib"))  # noqa: S108
)
"""These hold the system's files beside people's; a folder below them is welcome."""


_DISK_TIMEOUT_S: Final = 20.0


class FolderCheck:
    """Checks folders against the disk, which may take its time."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def check(self, paths: Sequence[str], taken: list[bytes]) -> list[bytes]:
        """Return the folders as they are to be kept. Raises: Path… of this slice's model."""
        checked: list[bytes] = []
        for path in paths:
            try:
                async with asyncio.timeout(_DISK_TIMEOUT_S):
                    checked.append(await asyncio.to_thread(self._one, path, taken + checked))
            except TimeoutError as error:
                raise PathUnreadable(path=path) from error
        return checked

    def _one(self, path: str, taken: list[bytes]) -> bytes:
        return checked_folder(path, data_dir=self._storage.root, taken=taken)


def checked_folder(text: str, *, data_dir: Path, taken: Iterable[bytes]) -> bytes:
    """Return the folder as it is to be kept. Raises: Path… of this slice's model.

    `taken` are the folders of all libraries. Links are resolved for the comparison only, so that a
    library may name a link whose target moves.
    """
    path = Path(os.path.normpath(text))
    if not path.is_absolute() or "\0" in text:
        raise PathNotAbsolute(path=text)
    try:
        kept, real = os.fsencode(path), path.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise PathMissing(path=text) from error
    if real in _TOO_WIDE or any(real.is_relative_to(folder) for folder in _SYSTEM):
        raise PathSystem(path=text)
    _check_readable(real, text)
    if real.is_relative_to(data_dir.resolve()):
        raise PathIsData(path=text)
    for other in (Path(os.fsdecode(each)) for each in taken):
        if _overlap(real, other.resolve()):
            raise PathTaken(path=text, other=str(other))
    return kept


def _check_readable(real: Path, text: str) -> None:
    try:
        with os.scandir(real) as entries:
            next(entries, None)
    except NotADirectoryError as error:
        raise PathNotFolder(path=text) from error
    except FileNotFoundError as error:
        raise PathMissing(path=text) from error
    except OSError as error:
        raise PathUnreadable(path=text) from error


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one) or _is_same(one, other)


def _is_same(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one folder, as a bind mount or a folded case can make them."""
    try:
        return one.samefile(other)
    except OSError:
        return False
