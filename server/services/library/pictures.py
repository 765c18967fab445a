"""Pictures of items: from what lies beside their film, or in it, or from the film itself; beside the scans, as a job."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
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
from server.services.catalog.model import ImageDraft, ImageKind
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.store import ArtFile, PictureSource
from server.services.library.work import Advance, each, persistently

log = get_log(__name__)

_PORTION: Final = 40
_FIRST_ID: Final = UUID(int=0)
_TIMEOUT_S: Final = 120.0
_WIDTHS_PX: Final[dict[ImageKind, int]] = {"poster": 1_000, "backdrop": 1_920, "logo": 800}
_TRIES: Final = 20
"""Who has more pictures for one purpose beside a film does not mean them."""
_PASSING: Final = (Reason.MISSING, Reason.DENIED, WorkerFailed.code)
"""What hindered the making, not the picture: a disk that is full or away."""
_UNCLAIMED_FOR: Final = timedelta(hours=6)
"""A picture lies there without a row for as long as its portion takes; a killed server leaves it so."""


class Tried(Struct, frozen=True, kw_only=True):
    """What came of looking for the pictures of an item; `is_final` says that trying again would be in vain."""

    item_id: UUID
    images: list[ImageDraft]
    gone: list[tuple[UUID, ImageKind]]
    is_final: bool


class Pictures:
    """Makes pictures with workers, a portion at a time."""

    def __init__(self, db: Db, workers: Workers, storage: Storage, catalog: Catalog) -> None:
        self._db = db
        self._workers = workers
        self._storage = storage
        self._catalog = catalog

    async def make(self, library_id: UUID, advance: Advance) -> None:
        """Look for the pictures of every item that is due, also of those that become due meanwhile.

        What none can be made of is looked at again when one of the item's files changes.
        """
        while await self._make_once(library_id, advance):
            continue

    async def _make_once(self, library_id: UUID, advance: Advance) -> int:
        """Look at each due item once; return of how many nothing more is to be had."""
        count, after = 0, _FIRST_ID
        while item_ids := await self._db.all(store.DUE, library_id, after, _PORTION):
            sources = await self._db.all(store.PICTURE_SOURCES, item_ids)
            tried = await each(sources, self._tried)
            settled = [one.item_id for one in tried if one.is_final]
            async with self._db.transaction() as tx:
                replaced = await self._catalog.set_images(
                    tx,
                    [image for one in tried for image in one.images],
                    [gone for one in tried for gone in one.gone],
                )
                await self._catalog.settle_pictures(tx, settled)
            if settled:
                await advance()
            await asyncio.to_thread(self._storage.remove_images, replaced)
            count, after = count + len(settled), item_ids[-1]
        return count

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
        """Return the pictures of an item that are not what its files would give."""
        images: list[ImageDraft] = []
        gone: list[tuple[UUID, ImageKind]] = []
        is_final = True
        for kind in _WIDTHS_PX:
            wanted = _signature(source, kind)
            if wanted is None:
                if kind in source.sources and kind != "poster":
                    gone.append((source.item_id, kind))
            elif wanted != source.sources.get(kind):
                image, found_out = await self._made(source, kind, wanted)
                images += [image] if image else []
                is_final = is_final and found_out
        return Tried(item_id=source.item_id, images=images, gone=gone, is_final=is_final)

    async def _made(
        self, source: PictureSource, kind: ImageKind, signature: bytes
    ) -> tuple[ImageDraft | None, bool]:
        """Return the picture of the first file that gives one, and whether that is how it will stay."""
        image_id, is_final = new_id(), True
        for work in _works(source, kind, bytes(self._storage.image_path(image_id))):
            try:
                poster = await persistently(partial(self._workers.run, work, timeout_s=_TIMEOUT_S))
            except (WorkerFailed, WorkerLost) as error:
                reason = error.context.get("reason", error.code)
                is_final = is_final and reason not in _PASSING
                log.info("no picture", item_id=source.item_id, op=work.op, reason=str(reason))
                continue
            image = ImageDraft(
                image_id=image_id,
                item_id=source.item_id,
                kind=kind,
                width_px=poster.width_px,
                height_px=poster.height_px,
                blurhash=poster.blurhash,
                source=signature,
            )
            return image, True
        return None, is_final


def _works(source: PictureSource, kind: ImageKind, target: bytes) -> Iterator[Work[Poster]]:
    """Yield the ways to a picture, the best first."""
    root = source.root_path.rstrip(b"/") + b"/"
    for art in _art(source, kind):
        yield KeepArt(path=root + art.path, target_path=target, width_px=_WIDTHS_PX[kind])
    if kind == "poster" and source.film is not None:
        if source.has_cover:
            yield TakeCover(path=root + source.film, target_path=target)
        yield MakePoster(path=root + source.film, target_path=target)


def _signature(source: PictureSource, kind: ImageKind) -> bytes | None:
    """Return what a picture is made of: the same files give the same picture. None: nothing gives one."""
    art = _art(source, kind)
    film = source.fingerprint if kind == "poster" else None
    if not art and film is None:
        return None
    digest = blake2b(film or b"", digest_size=16)
    for one in art:
        digest.update(b"%b\0%d %d\0" % (one.path, one.size_bytes, one.mtime_ns))
    return digest.digest()


def _art(source: PictureSource, kind: ImageKind) -> list[ArtFile]:
    return [art for art in source.art if art.kind == kind][:_TRIES]


def _folders(images_dir: Path) -> list[Path]:
    return sorted(path for path in images_dir.glob("*") if path.is_dir())


def _old_files(folder: Path, before: datetime) -> dict[Path, UUID | None]:
    """Return the files of a folder last written before an instant, with the ids that their names are."""
    found: dict[Path, UUID | None] = {}
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # a draft that became a picture meanwhile
            if path.stat().st_mtime < before.timestamp():
                found[path] = _id_of(path)
    return found


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(path.stem) if path.suffix == ".webp" else None
    except ValueError:
        return None


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
