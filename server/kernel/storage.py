"""Where the server keeps what is not in the database: one folder, every file written whole."""

import os
import secrets
from pathlib import Path
from uuid import UUID


class Storage:
    """The files of one realm below `root`, which must exist."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def images_dir(self) -> Path:
        """The folder of all pictures."""
        return self.root / "images"

    @property
    def copies_dir(self) -> Path:
        """The folder of smaller copies of pictures; what is in it can be made again."""
        return self.root / "cache" / "images"

    def image_path(self, image_id: UUID) -> Path:
        """Return where a picture lies: spread over folders by the random end of its id."""
        text = image_id.hex
        return self.images_dir / text[-2:] / f"{text}.webp"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader, and a crash at any moment, sees all of it or nothing.

    Makes the folders that lack. Blocking. Raises: OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
