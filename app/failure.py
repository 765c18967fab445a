"""The one error that ends a start: a sentence for the person at the console, and the same as data for windows."""

import errno
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

type Fact = str | int | None

_CRASHES = {
    errno.ENOSPC: ("crashed.disk_full", "a disk is full"),
    errno.EDQUOT: ("crashed.disk_full", "this user may use no more of a disk"),
    errno.ENOMEM: ("crashed.no_memory", "too little memory is free"),
    errno.EMFILE: ("crashed.too_many_files", "the system allows too few open files"),
    errno.ENFILE: ("crashed.too_many_files", "the system has too many open files"),
}


class Failure(Struct, frozen=True, kw_only=True):
    """Why a server ended by itself. Windows say `code` with its `context` in their own words, else the `reason`.

    `context` holds the named fields of that sentence; never a secret.
    """

    code: str
    reason: str
    context: Mapping[str, Fact]


class StartFailed(Exception):
    """The server cannot start; the text says why and what to do, and holds no secret."""

    def __init__(self, reason: str, /, *, code: str = "failed", **context: Fact) -> None:
        super().__init__(reason)
        self.failure = Failure(code=code, reason=reason, context=context)


def unusable(path: Path, deed: str, error: OSError) -> StartFailed:
    """Return what to raise where a file or folder of ours cannot be, for example, `written`."""
    why = error.strerror or type(error).__name__
    return StartFailed(
        f"{path} cannot be {deed}: {why}. Mend that, or give it to this user.",
        code="file.unusable",
        file=str(path),
        folder=str(path.parent),
        why=why,
    )


def crashed(error: BaseException) -> StartFailed:
    """Return what an error that nobody expected means for a person, as far as that is known."""
    for one in _leaves(error):
        number = errno.ENOMEM if isinstance(one, MemoryError) else getattr(one, "errno", None)
        if number in _CRASHES:
            code, why = _CRASHES[number]
            return StartFailed(f"The server ended unexpectedly: {why}.", code=code)
    return StartFailed(
        f"The server ended unexpectedly ({type(error).__name__}). The log says more.",
        code="crashed",
    )


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
