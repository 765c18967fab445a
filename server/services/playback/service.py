"""The rules of playback: whose file it is, and that it lies where it may."""

from collections.abc import Callable
from uuid import UUID

from server.kernel.db import Db
from server.kernel.http.stream import FileReply
from server.kernel.storage import Storage
from server.kernel.viewer import Viewer
from server.services.catalog.model import UNKNOWN_MEDIA_TYPE
from server.services.playback import store
from server.services.playback.files import found
from server.services.playback.model import FileNotFound, ImageNotFound, Preferences
from server.services.playback.variants import Variant, Variants, width_of


class Playback:
    """Files and pictures of items that a viewer may see, and what a profile likes to hear and to read."""

    def __init__(
        self,
        db: Db,
        storage: Storage,
        variants: Variants,
        streamed: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._storage = storage
        self._variants = variants
        self._streamed = streamed

    async def content(
        self, viewer: Viewer, file_id: UUID, *, on_chunk: Callable[[], None] | None = None
    ) -> FileReply:
        """Return a file as it lies on the disk; `on_chunk` hears of every megabyte that is taken.

        Raises: FileNotFound, FileMissing, FileOffline, FileOutside.
        """
        place = await self._db.one(store.FILE, viewer.library_ids, viewer.max_level, file_id)
        if place is None:
            raise FileNotFound(file_id=file_id)
        path = await found(place)

        def taken() -> None:
            self._streamed()
            if on_chunk is not None:
                on_chunk()

        return FileReply(
            path=path,
            media_type=place.media_type or UNKNOWN_MEDIA_TYPE,
            etag=file_id.hex,
            on_chunk=taken,
        )

    async def preferences(self, viewer: Viewer) -> Preferences:
        """Return what the viewer's profile likes to hear and to read."""
        return await self._db.one(store.PREFERENCES, viewer.profile_id) or Preferences()

    async def put_preferences(self, viewer: Viewer, wanted: Preferences) -> Preferences:
        """Note what the viewer's profile likes."""
        await self._db.execute(
            store.PUT_PREFERENCES,
            viewer.profile_id,
            wanted.audio_languages,
            wanted.subtitle_languages,
        )
        return wanted

    async def image(
        self, viewer: Viewer, image_id: UUID, *, width_px: int | None = None, accept: str = ""
    ) -> FileReply:
        """Return a picture; one id is one picture for ever. Raises: ImageNotFound.

        With a width it is the largest copy that is not wider, in the smallest format that the client
        names in its Accept header. Where no copy can be made the picture comes as it is kept.
        """
        picture = await self._db.one(store.IMAGE, viewer.library_ids, viewer.max_level, image_id)
        if picture is None:
            raise ImageNotFound(image_id=image_id)
        kind = await self._variants.format_for(image_id, accept)
        width = width_of(width_px, picture.width_px) if width_px else picture.width_px
        path = None
        if width < picture.width_px or kind != "webp":
            path = await self._variants.get(Variant(image_id, width, kind))
        return FileReply(
            path=path or self._storage.image_path(image_id),
            media_type=f"image/{kind}" if path else "image/webp",
            etag=f"{image_id.hex}-{width}-{kind}" if path else image_id.hex,
            cache_control="private, max-age=31536000, immutable",
            vary="Accept",
        )
