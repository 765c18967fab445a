"""What the windows last saw of the server, and what is worth a notice in it. Without Qt."""

import shutil
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from gui.api import (
    BackgroundWork,
    Client,
    Libraries,
    Library,
    PlaySession,
    PlaySessions,
    Ready,
    Result,
    SignedIn,
)
from gui.texts import t

_LOW_BYTES: Final = 2 * 1024**3
_LOW_SHARE: Final = 0.02
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_EDIT_SETTINGS: Final = "settings:edit"
_UNREADY: Final = frozenset({503})


class Disk(Struct, frozen=True, kw_only=True):
    """The disk under a folder of a library; sizes are 0 where it cannot be looked at."""

    library: str
    path: str
    free_bytes: int
    total_bytes: int

    @property
    def is_low(self) -> bool:
        """Whether it is nearly full."""
        least = max(_LOW_BYTES, self.total_bytes * _LOW_SHARE)
        return self.total_bytes > 0 and self.free_bytes < min(least, self.total_bytes / 2)


class Seen(Struct, frozen=True, kw_only=True):
    """One look at the server; all but `checks` needs a session."""

    checks: list[Result] = []
    playing: list[PlaySession] = []
    libraries: list[Library] = []
    disks: list[Disk] = []
    is_paused: bool = False
    is_signed_in: bool = False
    may_edit_settings: bool = False


class Notice(Struct, frozen=True, kw_only=True):
    """Something to tell a person who looks elsewhere."""

    title: str
    text: str


def look(address: str, token: str) -> Seen:
    """Look at the server; without a token only at its health. Blocking. Raises: Failed."""
    client = Client(address, token)
    checks = client.get("/health/ready", Ready, ok=_UNREADY).checks
    if not token:
        return Seen(checks=checks)
    permissions = client.get("/api/v1/auth/session", SignedIn).permissions
    libraries = client.get("/api/v1/libraries", Libraries).items
    return Seen(
        checks=checks,
        playing=client.get("/api/v1/playback/sessions", PlaySessions).items,
        libraries=libraries,
        disks=[disk(one.name, root.path) for one in libraries for root in one.roots if root.path],
        is_paused=client.get("/api/v1/background-work", BackgroundWork).is_paused,
        is_signed_in=True,
        may_edit_settings=_EDIT_SETTINGS in permissions,
    )


def disk(library: str, path: str) -> Disk:
    """Return how full the disk under a folder is. Blocking."""
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return Disk(library=library, path=path, free_bytes=0, total_bytes=0)
    return Disk(library=library, path=path, free_bytes=usage.free, total_bytes=usage.total)


def notices(before: Seen, after: Seen) -> list[Notice]:
    """Return what happened between two looks: scans that ended, disks that became nearly full."""
    if not (before.is_signed_in and after.is_signed_in):
        return []
    return [*_ended(before.libraries, after.libraries), *_filled(before.disks, after.disks)]


def _ended(before: Iterable[Library], after: Iterable[Library]) -> list[Notice]:
    running = {
        one.library_id: one.scan.scan_id
        for one in before
        if one.scan and one.scan.state in {"running", "waiting"}
    }
    return [
        _scan_notice(one, one.scan.error.detail if one.scan.error else "")
        for one in after
        if one.scan
        and one.scan.scan_id == running.get(one.library_id)
        and one.scan.state in {"done", "failed"}
    ]


def _scan_notice(library: Library, error: str) -> Notice:
    if error:
        return Notice(title=t("notice.scan_failed", library=library.name), text=error)
    text = t("notice.scan_count", count=library.item_count)
    return Notice(title=t("notice.scan_done", library=library.name), text=text)


def _filled(before: Iterable[Disk], after: Iterable[Disk]) -> list[Notice]:
    known = {disk.path for disk in before if disk.is_low}
    return [
        Notice(
            title=t("notice.disk_low"),
            text=t("notice.disk_room", path=one.path, free=size(one.free_bytes)),
        )
        for one in after
        if one.is_low and one.path not in known
    ]


def size(size_bytes: int) -> str:
    """Return a size as people read it, such as `12.3 GB`."""
    power = min((len(str(size_bytes)) - 1) // 3, len(_UNITS) - 1)
    digits = f"{size_bytes / 1000**power:.{1 if power > 1 else 0}f}"
    return f"{digits.replace('.', t('decimal_point'))} {_UNITS[power]}"


def clock(position_ms: int) -> str:
    """Return a place in a film, such as `1:02:03`."""
    minutes, seconds = divmod(position_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
