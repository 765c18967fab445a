"""What playback answers over HTTP: bytes."""

from uuid import UUID

from server.kernel.http.api import SIGNED_IN, Call, route
from server.kernel.http.stream import FileReply
from server.services.playback.model import (
    STREAM,
    FileMissing,
    FileNotFound,
    FileOffline,
    FileOutside,
    ImageNotFound,
    PictureQuery,
)
from server.services.playback.service import Playback


class PlaybackRoutes:
    """Files and pictures."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback

    @route(
        "GET",
        "/files/{file_id}/content",
        permission=STREAM,
        raises=(FileNotFound, FileMissing, FileOffline, FileOutside),
        media_type="application/octet-stream",
    )
    async def content(self, call: Call, file_id: UUID) -> FileReply:
        """The bytes of a file as they lie on the disk, in ranges if asked for."""
        return await self._playback.content(call.viewer, file_id)

    @route(
        "GET",
        "/images/{image_id}",
        permission=SIGNED_IN,
        raises=(ImageNotFound,),
        media_type="image/webp",
    )
    async def image(self, call: Call, image_id: UUID, query: PictureQuery) -> FileReply:
        """A picture of an item, never wider than asked, as AVIF, WebP, JPEG or PNG by the Accept header."""
        return await self._playback.image(
            call.viewer, image_id, width_px=query.width, accept=call.accept
        )
