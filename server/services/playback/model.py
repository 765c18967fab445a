"""The types of playback."""

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.errors import Denied, Gone, Limited, NotFound, Unavailable
from server.kernel.http.api import Permission
from server.media.hls.model import Keyframes
from server.media.model import Probed
from server.services.catalog.model import Progress
from server.services.playback.browser_reports import BrowserReport
from server.services.playback.device_profiles import DeviceProfile
from server.services.playback.plans import Decision, Method

STREAM: Final = Permission("playback:stream", "Play what is in the libraries")
SESSIONS: Final = Permission(
    "playback:sessions", "See and end what others play", is_for_members=False
)


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


class PlaySessionNotFound(NotFound):
    """No such session, or not this viewer's; it ended, or the server began anew."""

    code = "playback.session_not_found"


class PlaySessionStopped(Gone):
    """Somebody ended the session on purpose: it is not to be begun anew by itself."""

    code = "playback.session_stopped"


class TooManySessions(Limited):
    """As many films play for this account as it may have at once."""

    code = "playback.too_many_sessions"


class TicketOver(NotFound):
    """The address was for somebody else, or for another time."""

    code = "playback.ticket_over"


class Place(Struct, frozen=True, kw_only=True):
    """Where a file lies, `path` relative to its root, and what it is."""

    file_id: UUID
    root_path: bytes
    path: bytes
    state: str
    media_type: str | None


class FilePlace(Place, frozen=True, kw_only=True):
    """A file in the state in which the last scan saw it."""

    size_bytes: int
    mtime_ns: int


class Picture(Struct, frozen=True, kw_only=True):
    """A picture that lies in the storage."""

    image_id: UUID
    width_px: int


class PictureQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How wide a picture is wanted, in pixels of the screen; without a width it comes as it is kept."""

    width: Annotated[int, Meta(ge=80, le=10_000)] | None = None


Language = Annotated[str, Meta(pattern="^[a-z]{2,3}$")]
"""ISO 639-2, or 639-1."""

Languages = Annotated[list[Language], Meta(max_length=8)]


class Preferences(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a profile likes to hear and to read, the best first; without languages films speak as they are made."""

    audio_languages: Languages = []
    subtitle_languages: Languages = []


class Sidecar(Struct, frozen=True, kw_only=True):
    """Subtitles in a file of their own."""

    file_id: UUID
    format: str
    language: str | None
    title: str | None
    is_default: bool
    is_forced: bool
    is_hearing_impaired: bool


class Film(FilePlace, frozen=True, kw_only=True):
    """A file of an item, with all that playing it needs to know; the length is the item's."""

    item_id: UUID
    title: str
    length_ms: int | None
    probe: Probed | None
    sidecars: list[Sidecar]
    audio_languages: list[str]
    subtitle_languages: list[str]
    keyframes: Keyframes | None


class PlayRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be played, on what, and how; exactly one of `browser` and `device_profile` says what the client can do.

    `start_ms` is the place in this file. Without a choice of subtitles the profile's preferences choose, -1 means none.
    `failed` are the ways that the client tried in vain.
    """

    item_id: UUID
    file_id: UUID
    browser: BrowserReport | None = None
    device_profile: DeviceProfile | None = None
    start_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)] = 0
    audio_index: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    subtitle_index: Annotated[int, Meta(ge=-1, le=100_000)] | None = None
    max_height_px: Annotated[int, Meta(ge=100, le=10_000)] | None = None
    max_bitrate_bps: Annotated[int, Meta(ge=100_000, le=2**40)] | None = None
    failed: Annotated[list[Literal["direct_play", "remux"]], Meta(max_length=2)] = []


class Sound(Struct, frozen=True, kw_only=True):
    """A sound that can be chosen; `index` is its stream's."""

    index: int
    language: str | None
    title: str | None
    codec: str
    channel_count: int | None
    is_default: bool
    is_commentary: bool


class SubtitleChoice(Struct, frozen=True, kw_only=True):
    """Subtitles that can be chosen; a playlist of WebVTT where they are text, else they become a part of the picture."""

    index: int
    language: str | None
    title: str | None
    format: str
    is_text: bool
    is_external: bool
    is_default: bool
    is_forced: bool
    is_hearing_impaired: bool
    playlist_url: str | None


class Quality(Struct, frozen=True, kw_only=True):
    """A smaller picture that can be asked for."""

    height_px: int
    bitrate_bps: int


class Play(Struct, frozen=True, kw_only=True):
    """How a film is played, and why so; without a `url` it cannot be, or nobody has asked for it yet.

    `url` is the file's, or that of an HLS playlist. `qualities` are the largest first.
    """

    session_id: UUID | None
    item_id: UUID
    file_id: UUID
    url: str | None
    is_hls: bool
    media_type: str
    decision: Decision
    length_ms: int | None
    sounds: list[Sound]
    sound_index: int | None
    subtitles: list[SubtitleChoice]
    subtitle_index: int | None
    qualities: list[Quality]
    report_every_s: int


class PlayReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a player is in the item, all its parts together; the last report ends the session."""

    position_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    is_playing: bool
    is_last: bool = False


class PlayState(Struct, frozen=True, kw_only=True):
    """What a report led to; `speed` is how many seconds of film are made in one, null while none are."""

    progress: Progress
    speed: float | None


class PlaybackSettings(Struct, frozen=True, kw_only=True):
    """What administrators decide about playback."""

    cache_gb: Annotated[int, Meta(ge=1, le=100_000)] = 20
    sessions_per_user: Annotated[int, Meta(ge=1, le=1000)] = 10


class PlaySession(Struct, frozen=True, kw_only=True):
    """A film that plays now."""

    session_id: UUID
    item_id: UUID
    title: str
    profile_name: str
    device: str
    method: Method
    position_ms: int
    length_ms: int | None
    is_playing: bool
    started_at: Instant


class PlaySessions(Struct, frozen=True, kw_only=True):
    """The films that play now, the latest first."""

    items: list[PlaySession]


class FileTicket(Struct, frozen=True, kw_only=True):
    """An address that needs no sign-in, until nobody has used it for ten minutes."""

    url: str
    expires_at: Instant


class FindKeyframesOf(Struct, frozen=True, kw_only=True):
    """Find where the pictures of a film can be cut apart."""

    file_id: UUID
    video_index: int
