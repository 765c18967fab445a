"""The end of a log file, whatever its size."""

import os
import stat
from pathlib import Path


def last_lines(path: Path, *, limit_bytes: int) -> list[bytes]:
    """Return the lines that lie whole in the last part of a file; a link is not followed. Raises: OSError."""
    if path.is_symlink():  # where the system has no flag for it
        raise OSError(0, "it is a link")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a regular file")
        skipped = max(status.st_size - limit_bytes, 0)
        file.seek(skipped)
        lines = file.read(limit_bytes).splitlines()
    return lines[1:] if skipped else lines
