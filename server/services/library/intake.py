"""The first phase of a scan: what is on the disk, compared with what is known."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from msgspec import Struct, field

from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.log import get_log
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import FoundFile, Listing, Walk
from server.services.catalog.offer import Scanner
from server.services.library import store
from server.services.library.artwork import ArtFolder, Artwork, art_folder
from server.services.library.store import LeftOut, RootRow
from server.services.library.tally import Tally
from server.services.library.work import closing, persistently

log = get_log(__name__)

_PORTION: Final = 2_000
_SILENCE_S: Final = 120.0
"""How long a disk may take for one folder; sleeping ones need half a minute to turn."""

type Walked = tuple[bytes, FoundFile]


class Seen(Struct):
    """What a walk saw: files, and folders that may hold more than it could read."""

    file_ids: list[UUID] = field(default_factory=list)
    unread_folders: list[bytes] = field(default_factory=list)
    links_outside: list[bytes] = field(default_factory=list)
    art: list[ArtFolder] = field(default_factory=list)
    art_folders: list[bytes] = field(default_factory=list)

    def take_art(self) -> list[ArtFolder]:
        """Return the folders with artwork since the last call."""
        art, self.art = self.art, []
        self.art_folders += [folder.path for folder in art]
        return art


class Intake:
    """Brings the files of a folder up to date, without reading any of them."""

    def __init__(self, db: Db, workers: Workers, artwork: Artwork) -> None:
        self._db = db
        self._artwork = artwork
        self._workers = workers

    async def take_in(self, root: RootRow, scanner: Scanner, tally: Tally) -> bool:
        """Note new, changed and missing files; return whether the folder is there.

        A folder that cannot be reached, or that is empty where files were known (a disk that is
        not mounted leaves such a folder), is offline: its files stay as they are.
        """
        before = tally.found_count

        async def walk() -> Seen:
            tally.found_count = before
            return await self._walk(root, scanner, tally)

        try:
            seen = await persistently(walk)
        except (WorkerFailed, WorkerLost) as error:
            log.warning("library folder is offline", path=root.path, code=error.code)
            return await self._set_online(root, is_online=False)
        if not seen.file_ids and await self._db.value(store.HAS_FILES, root.root_id):
            log.warning("library folder is empty and taken for offline", path=root.path)
            return await self._set_online(root, is_online=False)
        tally.left_out = [*(tally.left_out or []), *_left_out(root, seen)]
        await self._db.execute(store.MARK_MISSING, root.root_id, seen.file_ids, seen.unread_folders)
        await self._artwork.forget(root, seen.art_folders, seen.unread_folders)
        return await self._set_online(root, is_online=True)

    async def _walk(self, root: RootRow, scanner: Scanner, tally: Tally) -> Seen:
        seen = Seen()
        async with closing(
            self._workers.stream(Walk(root=root.path), timeout_s=_SILENCE_S)
        ) as listings:
            async for portion in _portions(listings, scanner, seen):
                seen.file_ids += await self._register(root, portion)
                tally.found_count += len(portion)
                await tally.note()
                await self._artwork.take_in(root, scanner, seen.take_art())
        await self._artwork.take_in(root, scanner, seen.take_art())
        return seen

    async def _register(self, root: RootRow, portion: list[Walked]) -> list[UUID]:
        return await self._db.all(
            store.REGISTER,
            root.root_id,
            [new_id() for _ in portion],
            [path for path, _ in portion],
            [file.size_bytes for _, file in portion],
            [file.mtime_ns for _, file in portion],
        )

    async def _set_online(self, root: RootRow, *, is_online: bool) -> bool:
        state = "online" if is_online else "offline"
        await self._db.execute(store.SET_ROOT_STATE, root.root_id, state)
        return is_online


async def _portions(
    listings: AsyncIterator[Listing], scanner: Scanner, seen: Seen
) -> AsyncIterator[list[Walked]]:
    """Yield the media files of a walk in portions that suit a statement."""
    waiting: list[Walked] = []
    async for listing in listings:
        inside = listing.folder + b"/" if listing.folder else b""
        if listing.problem:
            seen.unread_folders.append(inside)
            log.warning("folder cannot be read whole", path=inside, problem=listing.problem)
        for name in listing.outside:
            seen.links_outside.append(inside + name)
            log.warning("link leads out of the library folder", path=inside + name)
        roles = [(file, scanner.role(inside + file.name)) for file in listing.files]
        waiting += [(inside + file.name, file) for file, role in roles if role == "media"]
        if (art := art_folder(listing.folder, roles)) is not None:
            seen.art.append(art)
        while len(waiting) >= _PORTION:
            yield waiting[:_PORTION]
            waiting = waiting[_PORTION:]
    if waiting:
        yield waiting


def _left_out(root: RootRow, seen: Seen) -> list[LeftOut]:
    folders = [
        LeftOut(root_id=root.root_id, path=path, kind="folder") for path in seen.unread_folders
    ]
    links = [LeftOut(root_id=root.root_id, path=path, kind="link") for path in seen.links_outside]
    return folders + links
