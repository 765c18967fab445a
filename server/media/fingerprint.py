"""Knows a file again after it was renamed or moved, without reading it whole."""

from hashlib import blake2b
from os import SEEK_END
from typing import BinaryIO, Final

from server.kernel.workers import WorkerFailed
from server.media.model import Reason

_BLOCK_BYTES: Final = 65_536
_DIGEST_BYTES: Final = 32


def fingerprint(path: bytes) -> bytes:
    """Return a hash over the size and the head, middle and tail of a file. Raises: WorkerFailed.

    Two files of one size that differ only between these blocks are taken for one; films, which are
    compressed from end to end and carry their sizes in the head, do not.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - names need not be text
            return _digest(file)
    except PermissionError as error:
        raise WorkerFailed(reason=Reason.DENIED, detail=str(error)) from error
    except OSError as error:
        raise WorkerFailed(reason=Reason.MISSING, detail=str(error)) from error


def _digest(file: BinaryIO) -> bytes:
    size_bytes = file.seek(0, SEEK_END)
    digest = blake2b(size_bytes.to_bytes(8), digest_size=_DIGEST_BYTES)
    last = max(0, size_bytes - _BLOCK_BYTES)
    for start in sorted({0, last // 2, last}):
        file.seek(start)
        digest.update(file.read(_BLOCK_BYTES))
    return digest.digest()
