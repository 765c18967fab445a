"""What helps a stranger to find a fault, and tells nothing of the household: no names, no files, no secrets.

A server that runs gathers it from what it knows; where none does, it is gathered from what the last one left.
"""

import contextlib
import errno
import io
import os
import platform
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil
from msgspec import Struct

from app.choice import chosen
from app.failure import StartFailed
from app.last_lines import last_lines
from app.paths import Paths, environment
from app.state import State
from app.supervisor.postgres import meaning_of
from server.kernel.config import Config, ConfigInvalid, Problem, load, read_config_file, value_of
from server.kernel.config.keys import FILE_VARIABLES, KEYS, VARIABLES
from server.kernel.log import TAIL_LINES, Tail
from server.kernel.log_facts import facts_in
from server.kernel.settings import Live
from server.kernel.version import VERSION

_HARMLESS_KINDS: Final = frozenset({"number", "switch", "choice"})
_GRAVE: Final = (b"FATAL:", b"PANIC:")
_LOG_BYTES: Final = 2 * 1024**2
_COMPLAINT_BYTES: Final = 64 * 1024


class Document(Struct, frozen=True, kw_only=True):
    """One file of the archive."""

    name: str
    size_bytes: int
    text: str


class Documents(Struct, frozen=True, kw_only=True):
    """All that the archive holds."""

    items: list[Document]


class Diagnostics:
    """Gathers what a server that runs knows, anew at each call."""

    def __init__(self, state: State, tail: Tail, config: Live[Config], paths: Paths) -> None:
        self._state = state
        self._tail = tail
        self._config = config
        self._paths = paths

    def gathered(self) -> Documents:
        """Return what the archive would hold now. Blocking."""
        state = self._state
        programs = {"postgres": state.postgres, "cache": state.cache, "search": state.search}
        return _documents(
            {
                "system.json": _system(),
                "configuration.json": _configuration(self._config.now),
                "data-directory.json": _data_directory(self._paths),
                "phases.json": list(state.steps),
                "programs.json": {
                    name: one and msgspec.structs.replace(one, said=None)
                    for name, one in programs.items()
                },
                "health.json": state.health(),
            },
            self._tail.facts(),
        )


def gathered_from(paths: Paths) -> Documents:
    """Return what the archive would hold of a server that does not run. Blocking."""
    return _documents(
        {
            "system.json": _system(),
            "configuration.json": _configuration_of(paths),
            "data-directory.json": _data_directory(paths),
            "programs.json": {"postgres": _known(lambda: _complaint(paths.postgres_log_file))},
        },
        _facts_of(paths.log_file),
    )


def archive(documents: Documents) -> bytes:
    """Return the documents as a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in documents.items:
            packed.writestr(one.name, one.text)
    return file.getvalue()


def _documents(things: dict[str, Any], facts: Iterable[dict[str, Any]]) -> Documents:
    texts = {name: msgspec.json.format(msgspec.json.encode(it)) for name, it in things.items()}
    texts["log.jsonl"] = b"".join(msgspec.json.encode(fact) + b"\n" for fact in facts)
    return Documents(
        items=[
            Document(name=name, size_bytes=len(text), text=text.decode())
            for name, text in texts.items()
        ]
    )


def _system() -> dict[str, Any]:
    return {
        "version": VERSION,
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


def _configuration_of(paths: Paths) -> dict[str, Any]:
    """Return the configuration that a server would start with, or what is wrong with it."""
    try:
        text = read_config_file(paths.config_file)
        from_setup = chosen(paths.choice_file)
        return _configuration(load(environment, text, source="file", chosen=from_setup).config)
    except ConfigInvalid as error:
        return {"problems": [_problem(one) for one in error.problems]}
    except StartFailed as error:
        return {"problems": [{"code": error.failure.code}]}


def _problem(problem: Problem) -> dict[str, Any]:
    """Return what is wrong and where, without what somebody wrote there."""
    line = problem.where.rpartition(":")[2]
    key = problem.context.get("key")
    is_variable = problem.where in VARIABLES or problem.where in FILE_VARIABLES
    return {
        "code": problem.code,
        "key": key if key in KEYS else None,
        "variable": problem.where if is_variable else None,
        "line": int(line) if line.isdecimal() else None,
    }


def _data_directory(paths: Paths) -> dict[str, Any]:
    folder = paths.data_dir
    return {
        "is_folder": _known(lambda: stat.S_ISDIR(folder.stat().st_mode)),
        "may_write": os.access(folder, os.W_OK | os.X_OK),
        "disk": _known(lambda: _room(folder)),
        "postgres_version": _known(lambda: _postgres_version(folder)),
        "log_bytes": _known(lambda: paths.log_file.stat().st_size),
        "postgres_log_bytes": _known(lambda: paths.postgres_log_file.stat().st_size),
    }


def _room(folder: Path) -> dict[str, int]:
    usage = shutil.disk_usage(folder)
    return {"total_bytes": usage.total, "free_bytes": usage.free}


def _postgres_version(folder: Path) -> int | None:
    """Return the version that made the database. Raises: OSError."""
    first = b"".join(last_lines(folder / "postgres" / "PG_VERSION", limit_bytes=16)[:1])
    return int(first) if first.isdigit() else None


def _known(look: Callable[[], Any]) -> Any:
    """Return what a look at the disk shows, or the name of the error by which it fails."""
    try:
        return look()
    except OSError as error:
        return {"error": errno.errorcode.get(error.errno or 0, type(error).__name__)}


def _facts_of(log_file: Path) -> list[dict[str, Any]]:
    """Return the harmless part of the latest lines, oldest first; the file may just have been turned over."""
    lines: list[bytes] = []
    for path in (log_file.with_name(f"{log_file.name}.1"), log_file):
        with contextlib.suppress(OSError):
            lines += last_lines(path, limit_bytes=_LOG_BYTES)
    found = (facts_in(line) for line in lines)
    return [facts for facts in found if facts is not None][-TAIL_LINES:]


def _complaint(log_file: Path) -> dict[str, Any]:
    """Return the code of what PostgreSQL last gave as reason to end. Raises: OSError."""
    lines = last_lines(log_file, limit_bytes=_COMPLAINT_BYTES)
    grave = [line for line in lines if any(sign in line for sign in _GRAVE)]
    said = grave[-1].decode(errors="replace") if grave else ""
    return {"complaint": meaning_of(0, said).code if said else None}
