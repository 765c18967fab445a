"""Where the server keeps what is not in the database: one folder, every file written whole."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from server.kernel.errors import Unavailable

_LEAST_FREE_BYTES: Final = 500_000_000
"""The database alone writes its journal in pieces of 16 MB, and keeps dozens of them."""


class StorageFull(Unavailable):
    """The disk has next to no room left."""

    code = "storage.full"


class Storage:
    """The files of one realm below `root`, which must exist."""

    def __init__(self, root: Path, *, least_free_bytes: int = _LEAST_FREE_BYTES) -> None:
        self.root = root
        self.least_free_bytes = least_free_bytes

    @property
    def images_dir(self) -> Path:
        """The folder of all pictures."""
        return self.root / "images"

    @property
    def copies_dir(self) -> Path:
        """The folder of smaller copies of pictures; what is in it can be made again."""
        return self.root / "cache" / "images"

    @property
    def segments_dir(self) -> Path:
        """The folder of what was made ready for players; all of it can be made again."""
        return self.root / "cache" / "segments"

    async def check(self) -> None:
        """Return if there is room to keep something. Raises: StorageFull, OSError."""
        if (await asyncio.to_thread(shutil.disk_usage, self.root)).free < self.least_free_bytes:
            raise StorageFull

    def image_path(self, image_id: UUID) -> Path:
        """Return where a picture lies."""
        return self.images_dir / _shelf(image_id) / f"{image_id.hex}.webp"

    def copy_path(self, image_id: UUID, width_px: int, ending: str) -> Path:
        """Return where a smaller copy of a picture lies."""
        return self.copies_dir / _shelf(image_id) / f"{image_id.hex}-{width_px}.{ending}"

    def remove_images(self, image_ids: Iterable[UUID]) -> None:
        """Remove pictures with their copies; what is gone already is no error. Blocking. Raises: OSError."""
        for image_id in image_ids:
            self.image_path(image_id).unlink(missing_ok=True)
            for copy in (self.copies_dir / _shelf(image_id)).glob(f"{image_id.hex}-*"):
                copy.unlink(missing_ok=True)


def write_whole(
    path: Path, content: bytes, *, is_lasting: bool = True, is_private: bool = False
) -> None:
    """Write a file so that a reader, and a crash of ours at any moment, sees all of it or nothing.

    A lasting one is so after a power cut too; a private one only we may read. Makes the folders that
    lack. Blocking. Raises: OSError.
    """
    with whole_file(path, is_lasting=is_lasting, is_private=is_private) as file:
        file.write(content)


@contextmanager
def whole_file(
    path: Path, *, is_lasting: bool = True, is_private: bool = False
) -> Iterator[BinaryIO]:
    """Open a file to be written piece by piece: at the end of the block it is there as `write_whole` says, or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        mode = 0o600 if is_private else 0o666
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
            if is_lasting:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _shelf(image_id: UUID) -> str:
    """Return the folder of a picture: its random end spreads them evenly."""
    return image_id.hex[-2:]
