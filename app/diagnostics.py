"""What helps a stranger to find a fault, and tells nothing of the household: no names, no files, no secrets."""

import io
import os
import platform
import zipfile
from typing import Any

import msgspec
import psutil
from msgspec import Struct

from app.state import State
from server.kernel.config import Config
from server.kernel.config.keys import KEYS
from server.kernel.config.show import value_of
from server.kernel.log import Tail

_HARMLESS_KINDS = frozenset({"number", "switch", "choice"})


class Document(Struct, frozen=True, kw_only=True):
    """One file of the archive."""

    name: str
    size_bytes: int


class Diagnostics:
    """Gathers what the archive holds, anew at each call."""

    def __init__(self, state: State, tail: Tail, config: Config) -> None:
        self._state = state
        self._tail = tail
        self._config = config

    def listed(self) -> list[Document]:
        """Return what the archive would hold now."""
        found = self._documents()
        return [Document(name=name, size_bytes=len(content)) for name, content in found.items()]

    def archive(self) -> bytes:
        """Return the archive as a zip file."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in self._documents().items():
                packed.writestr(name, content)
        return file.getvalue()

    def _documents(self) -> dict[str, bytes]:
        state = self._state
        programs = state.postgres and msgspec.structs.replace(state.postgres, said=None)
        return {
            "system.json": _json(_system(state.version)),
            "configuration.json": _json(_configuration(self._config)),
            "phases.json": _json(state.steps),
            "programs.json": _json({"postgres": programs}),
            "health.json": _json(state.health()),
            "log.jsonl": b"".join(msgspec.json.encode(line) + b"\n" for line in self._tail.facts()),
        }


def _system(version: str) -> dict[str, Any]:
    return {
        "version": version,
        "python": platform.python_version(),
        "system": platform.system(),
        "release": platform.release(),
        "machine": platform.machine(),
        "core_count": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "free_memory_bytes": psutil.virtual_memory().available,
    }


def _configuration(config: Config) -> dict[str, Any]:
    """Return each key with its value, or where that could be a name, an address or a secret, whether it is set."""
    return {
        name: value
        if key.kind in _HARMLESS_KINDS
        else ("default" if value == key.default else "set")
        for name, key in KEYS.items()
        for value in [value_of(config, name)]
    }


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)
