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
from server.media.head import head, opened
from server.media.model import KeepArt, Poster, Reason, Resize, Resized

_MOST_BYTES = 64 * 1024**2
_MOST_DECODED_BYTES = 400_000_000  # a reader may hold all of them: interlaced PNG, progressive JPEG
_HEIF_COPIES = 5  # libheif holds them in several forms at once; as measured
_LONGEST_PX = 20_000
MOST_HEIGHTS = 3  # of a picture's widest width: what is taller is no film
_KEPT_QUALITY = 88
_SHOWN_QUALITY = 80
_HASHED_PX = 32
_PROFILE = "icc-profile-data"
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_BRANDS = (b"avif", b"avis")
_HEAD_BYTES = 64
_OPAQUE = 255
_GREY = 128

# libvips looks at the bytes itself: it must find no reader but those of `is_picture_head`.
pyvips.operation_block_set("VipsForeignLoad", state=True)
for _kind in ("Jpeg", "Png", "Nsgif", "Webp", "Heif"):
    pyvips.operation_block_set(f"VipsForeignLoad{_kind}", state=False)
pyvips.cache_set_max(0)  # no worker is asked the same twice: 100 results would only fill its memory


def keep_art(work: KeepArt) -> Poster:
    """Write the picture as ours and return what it is. Raises: WorkerFailed with a Reason, OSError if it cannot."""
    content = head(work.path, _MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise WorkerFailed(reason=Reason.PICTURE_TOO_LARGE)
    return keep(content, work.target_path, work.width_px)


def keep(content: bytes, target_path: bytes, width_px: int) -> Poster:
    """Write a picture as WebP, upright, in sRGB, not wider than asked. Raises: as `keep_art`."""
    if not is_picture_head(content[:_HEAD_BYTES]):
        raise WorkerFailed(reason=Reason.UNKNOWN_FORMAT)
    picture = shrunk(pyvips.Source.new_from_memory(content), width_px)
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
    with opened(work.path) as file:
        source = pyvips.Source.new_from_descriptor(file.fileno())
        content = _encoded(shrunk(source, work.width_px), work.format)
    write_whole(Path(os.fsdecode(work.target_path)), content, is_lasting=False)
    return Resized(size_bytes=len(content))


def shrunk(source: pyvips.Source, width_px: int) -> pyvips.Image:
    """Return a picture in memory, at most so wide, never enlarged, upright, in sRGB. Raises: WorkerFailed.

    It has an alpha channel only where something shows through.
    """
    try:
        header = pyvips.Image.new_from_source(source, "")
        _refuse_huge(header)
        picture = pyvips.Image.thumbnail_source(
            source,
            width_px,
            height=MOST_HEIGHTS * width_px,
            size="down",
            option_string="[fail_on=truncated]",  # `fail_on` itself is not handed on
            **_managed(header),
        )
        picture = picture.colourspace("srgb").copy_memory()
        is_opaque = picture.hasalpha() and picture[-1].min() == _OPAQUE
    except pyvips.Error as error:
        raise WorkerFailed(reason=Reason.DAMAGED, detail=str(error)) from error
    return picture[:-1] if is_opaque else picture


def is_picture_head(start: bytes) -> bool:
    """Return whether a file begins as JPEG, PNG, GIF, WebP or AVIF does."""
    is_webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    is_avif = start[4:8] == b"ftyp" and any(brand in start[8:] for brand in _BRANDS)
    return start.startswith(_STARTS) or is_webp or is_avif


def hash_of(picture: pyvips.Image) -> str:
    """Return the blurhash of a picture; on mid grey, where something shows through."""
    small = _opaque(picture.thumbnail_image(_HASHED_PX, height=_HASHED_PX, size="down"))
    return blurhash(bytes(small.write_to_memory()), small.width, small.height)


def _refuse_huge(header: pyvips.Image) -> None:
    decoded_bytes = header.width * header.height * header.bands
    if header.format == "ushort":
        decoded_bytes *= 2
    if header.get("vips-loader").startswith("heif"):
        decoded_bytes *= _HEIF_COPIES
    if max(header.width, header.height) > _LONGEST_PX or decoded_bytes > _MOST_DECODED_BYTES:
        raise WorkerFailed(reason=Reason.PICTURE_TOO_LARGE)


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
        case "png":
            content = picture.pngsave_buffer(keep="none")
        case _:
            content = picture.webpsave_buffer(Q=_SHOWN_QUALITY, keep="none")
    return bytes(content)


def _opaque(picture: pyvips.Image) -> pyvips.Image:
    return picture.flatten(background=[_GREY]) if picture.hasalpha() else picture
