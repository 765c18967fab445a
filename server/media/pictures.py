"""Keeps, shrinks and writes pictures; whatever somebody put beside a film comes through here.

A picture is refused by its header, before a pixel is decoded: its first bytes must be those of a format that cameras
and artists use (so no SVG, whatever its name says), and its size must be one that a poster can have.
"""

import os
from pathlib import Path

import pyvips

from server.kernel.storage import write_whole
from server.kernel.workers import WorkerFailed
from server.media.blurhash import blurhash
from server.media.head import head
from server.media.model import KeepArt, Poster, Reason, Resize, Resized

_MOST_BYTES = 64 * 1024**2
_MOST_PIXELS = 100_000_000
_LONGEST_PX = 20_000
MOST_HEIGHTS = 3  # of a picture's widest width: what is taller is no film
_KEPT_QUALITY = 88
_SHOWN_QUALITY = 80
_HASHED_PX = 32
_PROFILE = "icc-profile-data"
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1")

pyvips.cache_set_max(0)  # no worker is asked the same twice: 100 results would only fill its memory


def keep_art(work: KeepArt) -> Poster:
    """Write the picture as ours and return what it is. Raises: WorkerFailed with a Reason, OSError if it cannot."""
    return keep(read(work.path), work.target_path, work.width_px)


def keep(content: bytes, target_path: bytes, width_px: int) -> Poster:
    """Write a picture as WebP, upright, in sRGB, not wider than asked. Raises: as `keep_art`."""
    picture = shrunk(content, width_px)
    return write_kept(picture, target_path, quality=_KEPT_QUALITY)


def write_kept(
    picture: pyvips.Image, target_path: bytes, *, quality: int, at_ms: int | None = None
) -> Poster:
    """Write a picture that is ready and return what it is, with its blurhash."""
    webp: bytes = picture.webpsave_buffer(Q=quality, keep="none")
    write_whole(Path(os.fsdecode(target_path)), webp)
    return Poster(
        width_px=picture.width,
        height_px=picture.height,
        size_bytes=len(webp),
        at_ms=at_ms,
        blurhash=hash_of(picture),
    )


def resize(work: Resize) -> Resized:
    """Write a smaller one of our own pictures. Raises: WorkerFailed with a Reason, OSError if it cannot be written."""
    picture = shrunk(read(work.path), work.width_px)
    try:
        content = _encoded(picture, work.format)
    except pyvips.Error as error:
        raise WorkerFailed(reason=Reason.DAMAGED, detail=str(error)) from error
    write_whole(Path(os.fsdecode(work.target_path)), content, is_lasting=False)
    return Resized(size_bytes=len(content))


def read(path: bytes) -> bytes:
    """Return the content of a picture file. Raises: WorkerFailed with a Reason."""
    content = head(path, _MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise WorkerFailed(reason=Reason.PICTURE_TOO_LARGE)
    return content


def shrunk(content: bytes, width_px: int) -> pyvips.Image:
    """Return a picture in memory, at most so wide, never enlarged, upright, in sRGB. Raises: WorkerFailed."""
    if not is_picture_head(content[:16]):
        raise WorkerFailed(reason=Reason.UNKNOWN_FORMAT)
    try:
        header = pyvips.Image.new_from_buffer(content, "")
        if (
            max(header.width, header.height) > _LONGEST_PX
            or header.width * header.height > _MOST_PIXELS
        ):
            raise WorkerFailed(reason=Reason.PICTURE_TOO_LARGE)
        picture = pyvips.Image.thumbnail_buffer(
            content,
            width_px,
            height=MOST_HEIGHTS * width_px,
            size="down",
            option_string="[fail_on=truncated]",  # `fail_on` itself is not handed on
            **_managed(header),
        )
        return picture.colourspace("srgb").copy_memory()
    except pyvips.Error as error:
        raise WorkerFailed(reason=Reason.DAMAGED, detail=str(error)) from error


def is_picture_head(start: bytes) -> bool:
    """Return whether a file begins as JPEG, PNG, GIF, WebP, AVIF or HEIF does."""
    if start.startswith(_STARTS):
        return True
    is_webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    return is_webp or (start[4:8] == b"ftyp" and start[8:12] in _BRANDS)


def hash_of(picture: pyvips.Image) -> str:
    """Return the blurhash of a picture."""
    small = _opaque(picture.thumbnail_image(_HASHED_PX, height=_HASHED_PX, size="down"))
    return blurhash(bytes(small.write_to_memory()), small.width, small.height)


def _managed(header: pyvips.Image) -> dict[str, str]:
    """Return the colour management that a picture needs: 100 ns a pixel, in vain where no profile is embedded."""
    return {"output_profile": "srgb"} if header.get_typeof(_PROFILE) else {}


def _encoded(picture: pyvips.Image, kind: str) -> bytes:
    match kind:
        case "avif":
            content = picture.heifsave_buffer(
                Q=55, effort=2, compression="av1", keep="none", bitdepth=8
            )
        case "jpeg":
            content = _opaque(picture).jpegsave_buffer(Q=_SHOWN_QUALITY, keep="none")
        case _:
            content = picture.webpsave_buffer(Q=_SHOWN_QUALITY, keep="none")
    return bytes(content)


def _opaque(picture: pyvips.Image) -> pyvips.Image:
    return picture.flatten(background=[0]) if picture.hasalpha() else picture
