"""The types of playback."""

from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta, Struct

from server.kernel.errors import Denied, NotFound, Unavailable
from server.kernel.http.api import Permission

STREAM: Final = Permission("playback:stream", "Play what is in the libraries")


class FileNotFound(NotFound):
    """No such file, or not for this viewer."""

    code = "file.not_found"


class ImageNotFound(NotFound):
    """No such picture, or not for this viewer."""

    code = "image.not_found"


class FileOffline(Unavailable):
    """The disk with the file does not answer; when it is back, the file plays."""

    code = "file.offline"


class FileMissing(NotFound):
    """The file is no longer where the last scan saw it."""

    code = "file.missing"


class FileOutside(Denied):
    """The file is a link that leads out of the library's folder."""

    code = "file.outside"


class Place(Struct, frozen=True, kw_only=True):
    """Where a file lies, `path` relative to its root, and what it is."""

    file_id: UUID
    root_path: bytes
    path: bytes
    state: str
    media_type: str | None


class Picture(Struct, frozen=True, kw_only=True):
    """A picture that lies in the storage."""

    image_id: UUID
    width_px: int


class PictureQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How wide a picture is wanted, in pixels of the screen; without a width it comes as it is kept."""

    width: Annotated[int, Meta(ge=80, le=10_000)] | None = None
