"""The last phase of a scan: items without a picture get one from their film."""

import asyncio
from itertools import batched
from typing import Final
from uuid import UUID

from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.log import get_log
from server.kernel.storage import Storage
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import MakePoster
from server.services.catalog.model import ImageDraft
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.store import PictureSource
from server.services.library.work import each, persistently

log = get_log(__name__)

_PORTION: Final = 40
_TIMEOUT_S: Final = 120.0


class Pictures:
    """Makes posters with workers, a portion at a time."""

    def __init__(self, db: Db, workers: Workers, storage: Storage, catalog: Catalog) -> None:
        self._db = db
        self._workers = workers
        self._storage = storage
        self._catalog = catalog

    async def make(self, library_id: UUID) -> None:
        """Give every item that has none a poster; one that cannot be made is tried at the next scan."""
        bare = await self._db.all(store.BARE, library_id)
        for item_ids in batched(bare, _PORTION, strict=False):
            sources = await self._db.all(store.PICTURE_SOURCES, item_ids)
            made = [image for image in await each(sources, self._poster) if image is not None]
            async with self._db.transaction() as tx:
                await self._catalog.add_images(tx, made)

    async def _poster(self, source: PictureSource) -> ImageDraft | None:
        image_id = new_id()
        target = self._storage.image_path(image_id)
        work = MakePoster(
            path=source.root_path.rstrip(b"/") + b"/" + source.path, target_path=bytes(target)
        )
        try:
            await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
            poster = await persistently(lambda: self._workers.run(work, timeout_s=_TIMEOUT_S))
        except (WorkerFailed, WorkerLost, OSError) as error:
            log.info("no poster", item_id=source.item_id, reason=str(error))
            return None
        return ImageDraft(
            image_id=image_id,
            item_id=source.item_id,
            kind="poster",
            width_px=poster.width_px,
            height_px=poster.height_px,
        )
