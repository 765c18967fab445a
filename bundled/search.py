"""Finds Typesense, the search server, where somebody installed it; it does not come along."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bundled.installed import installed

_PROGRAM: Final = "typesense-server"


def find_typesense(
    installed_dir: Path,
    chosen: Path | None = None,
    look_up: Callable[[str], str | None] = shutil.which,
) -> Path | None:
    """Return the program to run, None where there is none; `chosen` excludes all others, what we installed is preferred."""
    if sys.platform == "win32":
        return None  # its makers have no build for it
    if chosen is not None:
        return chosen
    typesense = installed(installed_dir, "typesense", _PROGRAM) or look_up(_PROGRAM)
    return Path(typesense) if typesense else None
