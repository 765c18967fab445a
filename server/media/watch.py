"""Tells what changes below folders; it runs in a worker, for setting a watch holds up the whole process."""

# ruff: noqa: PTH113, PTH120 - names need not be text, and pathlib knows only text

import os
from collections.abc import Iterable, Iterator

from watchfiles import watch

from server.kernel.workers import WorkerFailed
from server.media.model import News, Reason, Watch

_SIGN_OF_LIFE_MS = 5_000


def news(work: Watch) -> Iterator[News]:
    """Yield what changed whenever it is quiet again, and nothing now and then as a sign of life.

    From the first reply on all is watched. Raises: WorkerFailed, when the system can watch no more.
    """
    try:
        for changes in watch(
            *map(os.fsdecode, work.roots),
            watch_filter=None,
            step=work.quiet_ms,
            debounce=work.longest_ms,
            rust_timeout=_SIGN_OF_LIFE_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
        ):
            yield News(paths=places(os.fsencode(path) for _, path in changes))
    except FileNotFoundError as error:
        raise WorkerFailed(reason=Reason.MISSING, detail=str(error)) from error
    except (
        OSError,
        RuntimeError,
        UnicodeError,
    ) as error:  # too many folders, a name that is no text
        raise WorkerFailed(reason=Reason.UNWATCHABLE, detail=str(error)) from error


def places(paths: Iterable[bytes]) -> list[bytes]:
    """Return where to look because of changes: folders, what is gone, and of the files of a folder one."""
    found: dict[bytes, bytes] = {}
    for path in sorted(set(paths)):
        folder = os.path.dirname(path)
        found.setdefault(folder + b"/" if os.path.isfile(path) else path, path)
    return sorted(found.values())
