"""The computer that the server runs on, and how full its disks are, also where one of them does not answer."""

import asyncio
import contextlib
import os
import platform
import shutil
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import psutil
from msgspec import Struct

from server.services.system.model import Disk, Machine, Place

_PATIENCE_S: Final = 1.0
_LOW_BYTES: Final = 2 * 1024**3
_LOW_SHARE: Final = 0.02


class Room(Struct, frozen=True, kw_only=True):
    """The file system below a folder, by the number of its device."""

    device: int
    total_bytes: int
    free_bytes: int


class Disks:
    """Looks at folders. One that does not answer, as a network share may for hours, is not asked again before it does."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._asked: dict[bytes, asyncio.Future[Room | None]] = {}

    async def look(self, folders: Iterable[tuple[str, bytes]]) -> list[Disk]:
        """Return the disks of the server's data and of folders with the names of their libraries."""
        places = [(None, os.fsencode(self._data_dir.absolute())), *folders]
        return disks_of(places, await self._rooms({path for _, path in places}))

    async def _rooms(self, wanted: set[bytes]) -> dict[bytes, Room | None]:
        """Return what there is below each folder; None where it is away or does not answer within a second."""
        for path in wanted - self._asked.keys():
            self._asked[path] = _asked(path)
        asked = {path: self._asked[path] for path in wanted}
        await asyncio.wait(asked.values(), timeout=_PATIENCE_S)
        answered = {path: future.result() for path, future in asked.items() if future.done()}
        for path in answered:
            del self._asked[path]
        return dict.fromkeys(wanted, None) | answered


def disks_of(
    places: Iterable[tuple[str | None, bytes]], rooms: Mapping[bytes, Room | None]
) -> list[Disk]:
    """Return each file system once, with the places on it, in their order; each that is away stands alone."""
    by_device: dict[int | bytes, tuple[Room | None, list[Place]]] = {}
    for library, path in places:
        room = rooms[path]
        _, found = by_device.setdefault(path if room is None else room.device, (room, []))
        found.append(Place(library=library, path=path.decode(errors="replace")))
    return [_disk(room, found) for room, found in by_device.values()]


def machine() -> Machine:
    """Return the computer as it is now."""
    memory = psutil.virtual_memory()
    return Machine(
        system=_system(),
        architecture=platform.machine(),
        core_count=os.cpu_count() or 1,
        load=[round(load, 2) for load in psutil.getloadavg()],
        memory_bytes=memory.total,
        free_memory_bytes=memory.available,
    )


def _disk(room: Room | None, places: list[Place]) -> Disk:
    if room is None:
        return Disk(places=places, total_bytes=None, free_bytes=None, is_low=False)
    least = min(max(_LOW_BYTES, room.total_bytes * _LOW_SHARE), room.total_bytes / 2)
    return Disk(
        places=places,
        total_bytes=room.total_bytes,
        free_bytes=room.free_bytes,
        is_low=room.free_bytes < least,
    )


def _system() -> str:
    """Return the name of the system as its people know it."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):  # not Linux, or one that does not say
        return f"{platform.system()} {platform.release()}"


def _asked(path: bytes) -> asyncio.Future[Room | None]:
    """Look in a thread of its own, which no pool misses and no end of the process waits for, however long it takes."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Room | None] = loop.create_future()

    def look() -> None:
        found = _room(path)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(future.set_result, found)

    threading.Thread(target=look, name="disk", daemon=True).start()
    return future


def _room(path: bytes) -> Room | None:
    try:
        usage = shutil.disk_usage(os.fsdecode(path))
        device = os.stat(path).st_dev  # noqa: PTH116 (a path of bytes)
    except (OSError, ValueError):  # ValueError: a NUL in it
        return None
    return Room(device=device, total_bytes=usage.total, free_bytes=usage.free)
