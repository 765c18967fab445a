"""What the server asks of its media workers and what they answer; it loads no native library."""

from enum import StrEnum
from typing import ClassVar, Literal

from msgspec import Struct

from server.kernel.workers import Work


class Reason(StrEnum):
    """Why a file cannot be used: `WorkerFailed(reason=...)`; each value is a code in the message catalogue."""

    MISSING = "media.missing"
    DENIED = "media.denied"
    EMPTY = "media.empty"
    UNKNOWN_FORMAT = "media.unknown_format"
    DAMAGED = "media.damaged"
    NO_VIDEO = "media.no_video"
    NO_PICTURE = "media.no_picture"
    NOT_A_FOLDER = "media.not_a_folder"
    PICTURE_TOO_LARGE = "media.picture_too_large"
    UNSUPPORTED = "media.unsupported"
    UNWATCHABLE = "media.unwatchable"


class NativeVersions(Struct, frozen=True, kw_only=True):
    """The versions of the native libraries."""

    ffmpeg: str
    libvips: str


class ReadVersions(Work[NativeVersions], frozen=True, kw_only=True):
    """Ask the native libraries for their versions."""

    op: ClassVar[str] = "read_versions"
    reply: ClassVar[type] = NativeVersions


class FoundFile(Struct, frozen=True, kw_only=True):
    """A regular file as the walk saw it."""

    name: bytes
    size_bytes: int
    mtime_ns: int


class Listing(Struct, frozen=True, kw_only=True):
    """The files of one folder, sorted by name; ignored ones are absent, and so is what lies `outside` of the root.

    What lies below links that were left `unfollowed` is not known.

    `folder` is relative to the root, b"" for the root itself. While names, sizes and times stay, so does the `signature`.
    With a `problem` the list may lack files that exist, in this folder and below it: nothing there may be taken for gone.
    """

    folder: bytes
    files: list[FoundFile]
    signature: bytes
    outside: list[bytes] = []
    unfollowed: list[bytes] = []
    problem: Literal["denied", "vanished", "failed", "too_long"] | None = None


class Listings(Struct, frozen=True, kw_only=True):
    """Some folders of a walk."""

    folders: list[Listing]


class Walk(Work[Listings], frozen=True, kw_only=True):
    """List every folder of `root`, or only those at and below `within`; links are followed within the root.

    Parents come before their children, each real folder once. A root that cannot be read fails with
    `Reason.MISSING`, `DENIED` or `NOT_A_FOLDER`.
    """

    op: ClassVar[str] = "walk"
    reply: ClassVar[type] = Listings
    root: bytes
    within: bytes = b""


class News(Struct, frozen=True, kw_only=True):
    """Where to look because something changed there; nothing as a sign of life."""

    paths: list[bytes]


class Watch(Work[News], frozen=True, kw_only=True):
    """Tell what changes below `roots` until nobody listens any more.

    Of many changes `quiet_ms` after the last one, or `longest_ms` after the first. Fails with `Reason.MISSING` or `UNWATCHABLE`.
    """

    op: ClassVar[str] = "watch"
    reply: ClassVar[type] = News
    is_lasting: ClassVar[bool] = True
    roots: list[bytes]
    quiet_ms: int
    longest_ms: int


class Stream(Struct, frozen=True, kw_only=True):
    """One track of a file; what does not apply or is not known is None.

    `codec` is FFmpeg's name, `codecs` the string of RFC 6381 that browsers know. Sizes are as coded: the picture is
    shown at `width_px * sample_aspect` by `height_px`, then turned clockwise by `rotation_deg`. `primaries` and `matrix` are
    numbers of ITU-T H.273; `dolby_vision` is its profile and what its picture is compatible to, such as "5.0" or "8.1";
    `file_name` and `mime_type` are those of an attachment, such as a font for subtitles.
    """

    index: int
    kind: Literal["video", "audio", "subtitle", "attachment"]
    codec: str
    codecs: str | None = None
    profile: str | None = None
    level: int | None = None
    language: str | None = None
    title: str | None = None
    is_default: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False
    is_commentary: bool = False
    bitrate_bps: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    sample_aspect: float | None = None
    rotation_deg: int | None = None
    frame_rate: float | None = None
    bit_depth: int | None = None
    pixel_format: str | None = None
    is_interlaced: bool | None = None
    transfer: Literal["sdr", "pq", "hlg"] | None = None
    dolby_vision: str | None = None
    primaries: int | None = None
    matrix: int | None = None
    is_full_range: bool | None = None
    channel_count: int | None = None
    channel_layout: str | None = None
    sample_rate_hz: int | None = None
    file_name: str | None = None
    mime_type: str | None = None


class Chapter(Struct, frozen=True, kw_only=True):
    """A named place in a film."""

    start_ms: int
    title: str | None = None


class Probed(Struct, frozen=True, kw_only=True):
    """What a media file holds; a film has at least one video stream.

    `media_type` names the codecs of the first video and the first audio stream, the two that a browser plays. The first
    picture or sound stands at `starts_at_ms` on the file's own clock; recordings seldom begin at 0.
    """

    container: str
    media_type: str
    length_ms: int | None
    bitrate_bps: int | None
    streams: list[Stream]
    chapters: list[Chapter]
    starts_at_ms: int = 0


class Probe(Work[Probed], frozen=True, kw_only=True):
    """Read the headers of the film at `path`; fails with a `Reason` when it is none."""

    op: ClassVar[str] = "probe"
    reply: ClassVar[type] = Probed
    path: bytes


class Fingerprint(Work[bytes], frozen=True, kw_only=True):
    """Read a little of the file at `path`, so that it is known again under another name; 32 bytes.

    Fails with a `Reason`.
    """

    op: ClassVar[str] = "fingerprint"
    reply: ClassVar[type] = bytes
    path: bytes


class Poster(Struct, frozen=True, kw_only=True):
    """The picture that was written; a frame of a film stands at `at_ms` in it."""

    width_px: int
    height_px: int
    size_bytes: int
    blurhash: str
    at_ms: int | None = None


class MakePoster(Work[Poster], frozen=True, kw_only=True):
    """Write a good frame of the film at `path` to `target_path` as WebP, at most `width_px` wide, never enlarged.

    The file appears whole or not at all; fails with a `Reason`.
    """

    op: ClassVar[str] = "make_poster"
    reply: ClassVar[type] = Poster
    path: bytes
    target_path: bytes
    width_px: int = 600


class TakeCover(Work[Poster], frozen=True, kw_only=True):
    """Write the cover that the film at `path` carries, like `MakePoster`; `Reason.NO_PICTURE` when it has none."""

    op: ClassVar[str] = "take_cover"
    reply: ClassVar[type] = Poster
    path: bytes
    target_path: bytes
    width_px: int = 1_000


class KeepArt(Work[Poster], frozen=True, kw_only=True):
    """Write the picture file at `path`, whatever somebody put there, like `MakePoster`; fails with a `Reason`.

    What shows through it, such as the ground of a logo, still does; of moving pictures the first is kept.
    """

    op: ClassVar[str] = "keep_art"
    reply: ClassVar[type] = Poster
    path: bytes
    target_path: bytes
    width_px: int = 1_000


PictureFormat = Literal["avif", "webp", "jpeg", "png"]


class Resized(Struct, frozen=True, kw_only=True):
    """How large the smaller picture became."""

    size_bytes: int


class Resize(Work[Resized], frozen=True, kw_only=True):
    """Write the picture at `path` at most `width_px` wide to `target_path`, never enlarged, whole or not at all."""

    op: ClassVar[str] = "resize"
    reply: ClassVar[type] = Resized
    path: bytes
    target_path: bytes
    width_px: int
    format: PictureFormat
