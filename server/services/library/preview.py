"""What a folder would become, before anybody adds it."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field

from server.kernel.ids import new_id
from server.kernel.storage import Storage
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import Listing, Walk
from server.services.catalog.offer import Home, HomeFile, Scanner
from server.services.library.folders import FolderCheck
from server.services.library.model import Notice, PathUnreadable, PreviewItem, shown
from server.services.library.mounts import is_network_share
from server.services.library.work import closing

_TIME_S: Final = 8.0
_ITEM_COUNT: Final = 12
_LOW_SPACE_BYTES: Final = 2 * 1024**3
"""Pictures of a few thousand films and the database that describes them."""


class Sight(Struct):
    """What was seen of a folder in a few seconds, as a library of one kind."""

    kind: str
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

    async def look(self, path: str, scanners: Sequence[Scanner], taken: list[bytes]) -> Sight:
        """Return the first names of a folder and how many media files it holds, in a few seconds.

        Of several kinds it is the one with the most files, the first of equals.
        Raises: Path… of this slice's model.
        """
        (folder,) = await self.folders.check([path], taken)
        sights = [Sight(kind=scanner.library_kind) for scanner in scanners]
        is_complete = False
        try:
            async with asyncio.timeout(_TIME_S):
                await self._walk(folder, list(zip(scanners, sights, strict=True)))
            is_complete = True
        except TimeoutError:
            pass  # a large folder: what was seen by now is told as such
        except (WorkerFailed, WorkerLost) as error:
            raise PathUnreadable(path=path) from error
        sight = max(sights, key=lambda one: one.media_count)
        sight.is_complete = is_complete
        sight.notices = await asyncio.to_thread(notices, folder, self._storage, sight)
        return sight

    async def _walk(self, folder: bytes, kinds: Sequence[tuple[Scanner, Sight]]) -> None:
        walk = self._workers.stream(Walk(root=folder), timeout_s=_TIME_S)
        async with closing(walk) as batches:
            async for batch in batches:
                for listing in batch.folders:
                    for scanner, sight in kinds:
                        _add(sight, listing, scanner)


def _add(sight: Sight, listing: Listing, scanner: Scanner) -> None:
    inside = listing.folder + b"/" if listing.folder else b""
    paths = [inside + file.name for file in listing.files]
    media = [path for path in paths if scanner.role(path) == "media"]
    sight.media_count += len(media)
    wanted_count = _ITEM_COUNT - len(sight.items)
    if not media or wanted_count <= 0:
        return
    home = Home(library_id=new_id(), root_id=new_id(), path=scanner.home(listing.folder))
    files = [HomeFile(file_id=new_id(), path=path, role="media") for path in media[:100]]
    names = {file.file_id: shown(file.path) for file in files}
    shelved = [group for group in scanner.group(home, files) if group.draft.kind.on_shelf]
    sight.items += [
        PreviewItem(
            name=names[group.files[0].file_id], title=group.draft.title, year=group.draft.year
        )
        for group in shelved[:wanted_count]
    ]


def notices(path: bytes, storage: Storage, sight: Sight) -> list[Notice]:
    """Return what is worth knowing before a folder is added. Blocking."""
    found = []
    if sight.is_complete and not sight.media_count:
        found.append(Notice.NO_MEDIA)
    if is_network_share(path):
        found.append(Notice.NETWORK_SHARE)
    if not os.access(path, os.W_OK):
        found.append(Notice.READ_ONLY)
    if shutil.disk_usage(storage.root).free < _LOW_SPACE_BYTES:
        found.append(Notice.LOW_SPACE)
    return found
