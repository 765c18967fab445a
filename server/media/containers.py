"""Names of film containers and their MIME types. Pure."""

from collections.abc import Iterable

from server.media.model import Stream

# FFmpeg's readers of film files. Everything else is refused before a byte is interpreted: playlists and "concat"
# files would make FFmpeg open other files and addresses that the text names.
DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,rm,dv,mxf,nut,wtv,h264,hevc,m4v,obu,ivf"

_MEDIA_TYPES = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "3gp": "video/3gpp",
    "3g2": "video/3gpp2",
    "matroska": "video/x-matroska",
    "webm": "video/webm",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "mpeg": "video/mpeg",
    "asf": "video/x-ms-asf",
    "flv": "video/x-flv",
    "ogg": "video/ogg",
    "mxf": "application/mxf",
}


_EBML = b"\x1a\x45\xdf\xa3"
# EBML (Matroska, WebM), AVI, MPEG program stream, ASF, FLV, Ogg, RealMedia
_STARTS = (
    _EBML,
    b"RIFF",
    b"\x00\x00\x01\xba",
    b"\x30\x26\xb2\x75",
    b"FLV",
    b"OggS",
    b".RMF",
)
_MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")


def container_name(format_name: str, *, head: bytes, major_brand: str = "") -> str:
    """Return our short name of a container from FFmpeg's `format_name`, the file's first bytes and its mp4 brand."""
    if "matroska" in format_name:
        return "webm" if ebml_doctype(head) == b"webm" else "matroska"
    if "mp4" in format_name:
        return _mp4_family(major_brand)
    return {"mpegvideo": "mpeg", "m4v": "mpeg"}.get(format_name, format_name.split(",", 1)[0])


def media_type(container: str, streams: Iterable[Stream]) -> str:
    """Return the MIME type with the codecs of the first video and the first audio stream.

    A codec without an RFC 6381 string stands there by FFmpeg's name: no browser claims that it can play it.
    """
    first: dict[str, str] = {}
    for stream in streams:
        if stream.kind in {"video", "audio"}:
            first.setdefault(stream.kind, stream.codecs or stream.codec)
    names = ", ".join(first[kind] for kind in ("video", "audio") if kind in first)
    plain = _MEDIA_TYPES.get(container, f"video/x-{container}")
    return f'{plain}; codecs="{names}"' if names else plain


def is_film_head(head: bytes) -> bool:
    """Return whether a file begins like a film, so that one that cannot be read is damaged and not something else."""
    return head.startswith(_STARTS) or head[4:8] in _MP4_BOXES


def ebml_doctype(head: bytes) -> bytes:
    """Return the DocType of an EBML file out of its first bytes, b"" if there is none (RFC 8794, section 11.2.5)."""
    if not head.startswith(_EBML):
        return b""
    start = head.find(b"\x42\x82", 4, 64)
    if start < 0 or len(head) < start + 3 or not head[start + 2] & 0x80:
        return b""
    length = head[start + 2] & 0x7F
    return head[start + 3 : start + 3 + length].rstrip(b"\x00")


def _mp4_family(major_brand: str) -> str:
    brand = major_brand.strip().lower()
    if brand == "qt":
        return "mov"
    if brand.startswith("3g2"):
        return "3g2"
    return "3gp" if brand.startswith("3g") else "mp4"
