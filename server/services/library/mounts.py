"""What file system a folder lies on."""

import os
from pathlib import Path
from typing import Final

_NETWORK: Final = (
    "nfs",
    "cifs",
    "smb",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "fuse.sshfs",
    "fuse.rclone",
)


def is_network_share(path: bytes) -> bool:
    """Return whether a folder lies on another computer. Blocking."""
    return file_system_of(path, _mounts()).startswith(_NETWORK)


def file_system_of(path: bytes, mounts: str) -> str:
    """Return the type of the file system that holds a path, out of the text of proc_mounts(5)."""
    real = Path(os.fsdecode(os.path.realpath(path)))
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, where, what, *_ = [*line.split(" "), "", "", ""]
        place = where.encode().decode("unicode_escape", errors="replace")
        if place and real.is_relative_to(place) and len(place) >= best:
            best, kind = len(place), what
    return kind


def _mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # not Linux: network shares are taken for disks
