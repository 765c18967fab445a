"""What a folder would become, before anybody adds it."""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from server.kernel.ids import new_id
from server.kernel.storage import Storage
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import Listing, Probed, Walk
from server.services.catalog.offer import Folder, FolderFile, Scanner
from server.services.library.folders import FolderCheck
from server.services.library.model import Notice, PathUnreadable, PreviewItem
from server.services.library.work import closing

_TIME_S: Final = 8.0
_ITEM_COUNT: Final = 12
_LOW_SPACE_BYTES: Final = 2 * 1024**3
"""Pictures of a few thousand films and the database that describes them."""
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
_UNREAD: Final = Probed(
    container="", media_type="", length_ms=None, bitrate_bps=None, streams=[], chapters=[]
)


class Sight(Struct):
    """What was seen of a folder in a few seconds."""

    media_count: int = 0
    items: list[PreviewItem] = field(default_factory=list)
    is_complete: bool = False
    notices: list[Notice] = field(default_factory=list)


class Previews:
    """Looks into folders that are in no library yet."""

    def __init__(self, workers: Workers, storage: Storage) -> None:
        self.folders = FolderCheck(storage)
        self._workers = workers
        self._storage = storage

    async def look(self, path: str, scanner: Scanner, taken: list[bytes]) -> Sight:
        """Return the first names of a folder and how many media files it holds, in a few seconds.

        Raises: Path… of this slice's model.
        """
        (folder,) = await self.folders.check([path], taken)
        sight = Sight()
        try:
            async with asyncio.timeout(_TIME_S):
                await self._walk(folder, scanner, sight)
            sight.is_complete = True
        except TimeoutError:
            sight.is_complete = False  # a large folder: what was seen by now is told as such
        except (WorkerFailed, WorkerLost) as error:
            raise PathUnreadable(path=path) from error
        sight.notices = await asyncio.to_thread(_notices, folder, self._storage, sight)
        return sight

    async def _walk(self, folder: bytes, scanner: Scanner, sight: Sight) -> None:
        walk = self._workers.stream(Walk(root=folder), timeout_s=_TIME_S)
        async with closing(walk) as listings:
            async for listing in listings:
                _add(sight, listing, scanner)


def _add(sight: Sight, listing: Listing, scanner: Scanner) -> None:
    inside = listing.folder + b"/" if listing.folder else b""
    names = [one.name for one in listing.files if scanner.role(inside + one.name) == "media"]
    sight.media_count += len(names)
    wanted_count = _ITEM_COUNT - len(sight.items)
    if not names or wanted_count <= 0:
        return
    folder = Folder(library_id=new_id(), root_id=new_id(), path=listing.folder)
    files = [FolderFile(file_id=new_id(), name=name, facts=_UNREAD) for name in names[:100]]
    by_id = {file.file_id: inside + file.name for file in files}
    for group in scanner.group(folder, files)[:wanted_count]:
        name = by_id[group.files[0].file_id].decode(errors="replace")
        draft = group.draft
        sight.items.append(PreviewItem(name=name, title=draft.title, year=draft.year))


def _notices(path: bytes, storage: Storage, sight: Sight) -> list[Notice]:
    notices = []
    if sight.is_complete and not sight.media_count:
        notices.append(Notice.NO_MEDIA)
    if file_system_of(path, _mounts()).startswith(_NETWORK):
        notices.append(Notice.NETWORK_SHARE)
    if shutil.disk_usage(storage.root).free < _LOW_SPACE_BYTES:
        notices.append(Notice.LOW_SPACE)
    return notices


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
        return ""  # not Linux: the warning is left out
