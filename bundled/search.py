"""Finds Typesense, the search server, where somebody installed it; it does not come along."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path


def find_typesense(
    chosen: Path | None = None, look_up: Callable[[str], str | None] = shutil.which
) -> Path | None:
    """Return the program to run, None where there is none; `chosen` excludes all others."""
    if sys.platform == "win32":
        return None  # its makers have no build for it
    if chosen is not None:
        return chosen
    installed = look_up("typesense-server")
    return Path(installed) if installed else None
