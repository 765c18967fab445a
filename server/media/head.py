"""Opens a file as a stranger: what hinders that is said by one of our reasons."""

import os
from pathlib import Path
from typing import BinaryIO

from server.kernel.workers import WorkerFailed
from server.media.model import Reason


def head(path: bytes, count: int) -> bytes:
    """Return the first bytes of a file, fewer where it is shorter. Raises: WorkerFailed, also where it is empty."""
    try:
        with opened(path) as file:
            found = file.read(min(count, os.fstat(file.fileno()).st_size))
    except OSError as error:
        raise WorkerFailed(reason=Reason.DAMAGED) from error
    if not found:
        raise WorkerFailed(reason=Reason.EMPTY)
    return found


def opened(path: bytes) -> BinaryIO:
    """Return a file for reading. Raises: WorkerFailed."""
    try:
        return Path(os.fsdecode(path)).open("rb")
    except PermissionError as error:
        raise WorkerFailed(reason=Reason.DENIED) from error
    except FileNotFoundError as error:
        raise WorkerFailed(reason=Reason.MISSING) from error
    except OSError as error:
        raise WorkerFailed(reason=Reason.DAMAGED) from error
