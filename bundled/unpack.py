"""Takes one file out of an archive; nothing else in it reaches the disk, whatever it is called or points to."""

import gzip
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from bundled.refusal import NotInstalled

PROGRAM_BYTES_MAX: Final = 1024**3
_BROKEN: Final = (
    EOFError,
    RuntimeError,  # encrypted, or packed in a way that cannot be undone
    gzip.BadGzipFile,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


def unpack(
    archive: Path, member: str, target: IO[bytes], require_room: Callable[[int], object]
) -> None:
    """Write the plain file `member` of a .tar.gz or .zip archive to `target`. Blocking. Raises: NotInstalled, OSError."""
    opened = _zipped if zipfile.is_zipfile(archive) else _tarred
    try:
        with opened(archive, member) as (source, size):
            require_room(size)
            shutil.copyfileobj(source, target)
    except _BROKEN as error:
        raise _unfit() from error


@contextmanager
def _tarred(archive: Path, member: str) -> Iterator[tuple[IO[bytes], int]]:
    with tarfile.open(archive, "r:gz") as packed:
        unpacked_bytes = 0
        for one in packed:
            unpacked_bytes += one.size
            if unpacked_bytes > PROGRAM_BYTES_MAX:  # before it is read, be it only to skip it
                raise _unfit()
            if one.name.removeprefix("./") == member:
                source = packed.extractfile(one) if one.isreg() else None
                if source is None:
                    raise _unfit()
                yield source, one.size
                return
    raise _unfit()


@contextmanager
def _zipped(archive: Path, member: str) -> Iterator[tuple[IO[bytes], int]]:
    with zipfile.ZipFile(archive) as packed:
        one = next((each for each in packed.infolist() if each.filename == member), None)
        if one is None or one.file_size > PROGRAM_BYTES_MAX or not _is_plain(one):
            raise _unfit()
        with packed.open(one) as source:
            yield source, one.file_size


def _is_plain(one: zipfile.ZipInfo) -> bool:
    """Return whether it is a file; archives made elsewhere than on Unix do not say so."""
    kind = stat.S_IFMT(one.external_attr >> 16)
    return not one.is_dir() and kind in {0, stat.S_IFREG}


def _unfit() -> NotInstalled:
    return NotInstalled(
        "The archive does not hold the program as it should. Nothing was installed.",
        code="program.bad_archive",
    )
