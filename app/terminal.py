"""The terminal from which somebody started us."""

import os


def has_terminal() -> bool:
    """Return whether a terminal controls this process; once it is closed, none does."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
    except OSError:
        return False
    return True
