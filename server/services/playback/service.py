"""The rules of playback: whose file it is, and that it lies where it may."""

import asyncio
import os
from pathlib import Path
from typing import Final
from uuid import UUID

from server.kernel.db import Db
from server.kernel.http.stream import FileReply
from server.kernel.storage import Storage
from server.kernel.viewer import Viewer
from server.services.catalog.model import UNKNOWN_MEDIA_TYPE
from server.services.playback import store
from server.services.playback.model import (
    FileMissing,
    FileNotFound,
    FileOffline,
    FileOutside,
    ImageNotFound,
    Place,
)
from server.services.playback.variants import Variant, Variants, width_of

_DISK_TIMEOUT_S: Final = 30.0
"""A sleeping disk needs half a minute at most to turn."""


class Playback:
    """Files and pictures of items that a viewer may see."""

    def __init__(self, db: Db, storage: Storage, variants: Variants) -> None:
        self._db = db
        self._storage = storage
        self._variants = variants

    async def content(self, viewer: Viewer, file_id: UUID) -> FileReply:
        """Return a file as it lies on the disk.

        Raises: FileNotFound, FileMissing, FileOffline, FileOutside.
        """
        place = await self._db.one(store.FILE, viewer.library_ids, viewer.max_level, file_id)
        if place is None:
            raise FileNotFound(file_id=file_id)
        try:
            async with asyncio.timeout(_DISK_TIMEOUT_S):
                path = await asyncio.to_thread(path_inside, place)
        except TimeoutError as error:
            raise FileOffline(file_id=file_id) from error
        return FileReply(
            path=path,
            media_type=place.media_type or UNKNOWN_MEDIA_TYPE,
            etag=file_id.hex,
        )

    async def image(
        self, viewer: Viewer, image_id: UUID, *, width_px: int | None = None, accept: str = ""
    ) -> FileReply:
        """Return a picture; one id is one picture for ever. Raises: ImageNotFound.

        With a width it is the largest copy that is not wider, in the smallest format that the client
        names in its Accept header. Where no copy can be made the picture comes as it is kept.
        """
        found = await self._db.one(store.IMAGE, viewer.library_ids, viewer.max_level, image_id)
        if found is None:
            raise ImageNotFound(image_id=image_id)
        kind = await self._variants.format_for(image_id, accept)
        width = width_of(width_px, found.width_px) if width_px else found.width_px
        path = None
        if width < found.width_px or kind != "webp":
            path = await self._variants.get(Variant(image_id, width, kind))
        return FileReply(
            path=path or self._storage.image_path(image_id),
            media_type=f"image/{kind}" if path else "image/webp",
            etag=f"{image_id.hex}-{width}-{kind}" if path else image_id.hex,
            cache_control="private, max-age=31536000, immutable",
            vary="Accept",
        )


def path_inside(place: Place) -> Path:
    """Return the real path of a file. Blocking. Raises: FileOffline, FileMissing, FileOutside.

    Links are followed as long as they stay below the root: one that leads out of it would hand
    anything on the computer to whoever may write into the library's folder.
    """
    root = Path(os.fsdecode(place.root_path)).resolve()
    if not root.is_dir():
        raise FileOffline(file_id=place.file_id)
    path = (root / os.fsdecode(place.path)).resolve()
    if not path.is_relative_to(root):
        raise FileOutside(file_id=place.file_id)
    if not path.is_file():
        raise FileMissing(file_id=place.file_id)
    return path
