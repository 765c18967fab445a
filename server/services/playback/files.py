"""Where the file of an item lies, as long as that is inside of its library."""

import asyncio
import os
from pathlib import Path, PurePosixPath
from typing import Final

from server.services.playback.model import FileMissing, FileOffline, FileOutside, Place

_DISK_TIMEOUT_S: Final = 30.0
"""A sleeping disk needs half a minute at most to turn."""


async def found(place: Place) -> Path:
    """Return the real path of a file, in time. Raises: FileOffline, FileMissing, FileOutside."""
    try:
        async with asyncio.timeout(_DISK_TIMEOUT_S):
            return await asyncio.to_thread(path_inside, place)
    except TimeoutError as error:
        raise FileOffline(file_id=place.file_id) from error


def name_of(place: Place) -> str:
    """Return the name of a file as it is shown to people."""
    return PurePosixPath(place.path.decode(errors="replace")).name


def path_inside(place: Place) -> Path:
    """Return the real path of a file. Blocking. Raises: FileOffline, FileMissing, FileOutside.

    Links are followed as long as they stay below the root: one that leads out of it would hand
    anything on the computer to whoever may write into the library's folder.
    """
    root = Path(os.fsdecode(place.root_path)).resolve()
    if not root.is_dir():
        raise FileOffline(file_id=place.file_id)
    path = (root / os.fsdecode(place.path)).resolve()
    if not path.is_relative_to(root):
        raise FileOutside(file_id=place.file_id)
    if not path.is_file():
        raise FileMissing(file_id=place.file_id)
    return path
