"""Finds what was installed in a folder of our own: `NAME/VERSION/PROGRAM`."""

from pathlib import Path


def installed(folder: Path, name: str, program: str) -> Path | None:
    """Return the program that was installed last, None where none was."""
    found = folder.glob(f"{name}/*/{program}")
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
