"""Why a program was not installed."""

import errno

type Fact = str | int | None

_FULL = (errno.ENOSPC, errno.EDQUOT)


class NotInstalled(Exception):
    """Everything is as it was; the text says why and what to do, `code` and `context` the same as data."""

    def __init__(self, reason: str, /, *, code: str, **context: Fact) -> None:
        super().__init__(reason)
        self.code = code
        self.context = context


def unwritable(error: OSError) -> NotInstalled:
    """Return what an error of the disk means for a person."""
    if error.errno in _FULL:
        return no_room()
    why = error.strerror or type(error).__name__
    return NotInstalled(
        f"The program could not be written ({why}). Nothing was changed.",
        code="program.unwritable",
        why=why,
    )


def no_room() -> NotInstalled:
    """Return what to raise where the disk is full, or would be."""
    return NotInstalled(
        "There is too little room on the disk of the data directory. Make room, then try again.",
        code="program.no_room",
    )
