"""One server per data directory: a lock of the operating system, gone with its holder."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from app.failure import StartFailed, unusable
from app.paths import Paths
from app.runtime import read_runtime


@contextmanager
def only_instance(paths: Paths) -> Iterator[None]:
    """Hold the data directory. Raises: StartFailed, naming the server that holds it."""
    with _opened(paths.lock_file) as file:
        if not lock(file):
            raise _held(paths)
        yield


def lock(file: IO[bytes]) -> bool:
    """Return whether we hold the file from now on, until it is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  (absent elsewhere)

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  (absent on Windows)

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("ab")
    except OSError as error:
        raise unusable(path, "opened", error) from error


def _held(paths: Paths) -> StartFailed:
    runtime = read_runtime(paths.runtime_file)
    who = (
        "Another server"
        if runtime is None
        else f"A server (process {runtime.pid}, {runtime.address})"
    )
    return StartFailed(
        f"{who} already runs on the data directory {paths.data_dir}. Stop it first, or choose another "
        "directory with REVENGE_DATA_DIR and another port.",
        code="already_runs",
        folder=str(paths.data_dir),
        pid=runtime.pid if runtime else None,
    )
