"""The last phase of a scan: items get a picture from what lies beside their film, or in it, or from the film itself."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Final
from uuid import UUID

from msgspec import Struct

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.log import get_log
from server.kernel.storage import Storage
from server.kernel.workers import Work, WorkerFailed, WorkerLost, Workers
from server.media.model import KeepArt, MakePoster, Poster, Reason, TakeCover
from server.services.catalog.model import ImageDraft
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.store import PictureSource
from server.services.library.work import each, persistently

log = get_log(__name__)

_PORTION: Final = 40
_TIMEOUT_S: Final = 120.0
_PASSING: Final = (Reason.MISSING, Reason.DENIED, WorkerFailed.code)
"""What hindered the making, not the picture: a disk that is full or away."""
_UNCLAIMED_FOR: Final = timedelta(hours=6)
"""A picture lies there without a row for as long as its portion takes; a killed server leaves it so."""


class Tried(Struct, frozen=True, kw_only=True):
    """What came of looking for a picture; without one, `is_final` says that trying again would be in vain."""

    item_id: UUID
    image: ImageDraft | None
    is_final: bool


class Pictures:
    """Makes posters with workers, a portion at a time."""

    def __init__(self, db: Db, workers: Workers, storage: Storage, catalog: Catalog) -> None:
        self._db = db
        self._workers = workers
        self._storage = storage
        self._catalog = catalog

    async def make(self, library_id: UUID) -> None:
        """Look for a picture for every item that is due one.

        One that none can be made for is due again when one of its files or its artwork changes.
        """
        due = await self._db.all(store.DUE, library_id)
        for item_ids in batched(due, _PORTION, strict=False):
            sources = await self._db.all(store.PICTURE_SOURCES, item_ids)
            tried = await each(sources, self._tried)
            made = [one.image for one in tried if one.image is not None]
            settled = [one.item_id for one in tried if one.image is not None or one.is_final]
            async with self._db.transaction() as tx:
                replaced = await self._catalog.add_images(tx, made)
                await self._catalog.settle_pictures(tx, settled)
            await asyncio.to_thread(self._storage.remove_images, replaced)

    async def sweep(self, clock: Clock) -> None:
        """Remove pictures that a killed server left without a row."""
        before = clock.now() - _UNCLAIMED_FOR
        count = 0
        for folder in await asyncio.to_thread(_folders, self._storage.images_dir):
            found = await asyncio.to_thread(_old_files, folder, before)
            ids = [image_id for image_id in found.values() if image_id is not None]
            known = set(await self._db.all(store.KNOWN_IMAGES, ids)) if found else set()
            unclaimed = [path for path, image_id in found.items() if image_id not in known]
            await asyncio.to_thread(_remove, unclaimed)
            count += len(unclaimed)
        if count:
            log.info("removed pictures of nobody", picture_count=count)

    async def _tried(self, source: PictureSource) -> Tried:
        """Return the picture of the first source that gives one."""
        image_id, is_final = new_id(), True
        for work in _works(source, bytes(self._storage.image_path(image_id))):
            try:
                poster = await persistently(partial(self._workers.run, work, timeout_s=_TIMEOUT_S))
            except (WorkerFailed, WorkerLost) as error:
                reason = error.context.get("reason", error.code)
                is_final = is_final and reason not in _PASSING
                log.info("no picture", item_id=source.item_id, op=work.op, reason=str(reason))
                continue
            image = _image(image_id, source.item_id, poster)
            return Tried(item_id=source.item_id, image=image, is_final=True)
        return Tried(item_id=source.item_id, image=None, is_final=is_final)


def _works(source: PictureSource, target: bytes) -> Iterator[Work[Poster]]:
    """Yield the ways to a picture, the best first."""
    root = source.root_path.rstrip(b"/") + b"/"
    for poster in source.posters:
        yield KeepArt(path=root + poster, target_path=target)
    if source.has_cover:
        yield TakeCover(path=root + source.path, target_path=target)
    yield MakePoster(path=root + source.path, target_path=target)


def _image(image_id: UUID, item_id: UUID, poster: Poster) -> ImageDraft:
    return ImageDraft(
        image_id=image_id,
        item_id=item_id,
        kind="poster",
        width_px=poster.width_px,
        height_px=poster.height_px,
        blurhash=poster.blurhash,
    )


def _folders(images_dir: Path) -> list[Path]:
    return sorted(path for path in images_dir.glob("*") if path.is_dir())


def _old_files(folder: Path, before: datetime) -> dict[Path, UUID | None]:
    """Return the files of a folder last written before an instant, with the ids that their names are."""
    return {
        path: _id_of(path) for path in folder.iterdir() if path.stat().st_mtime < before.timestamp()
    }


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(path.stem) if path.suffix == ".webp" else None
    except ValueError:
        return None


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
