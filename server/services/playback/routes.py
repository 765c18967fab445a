"""What playback answers over HTTP."""

from uuid import UUID

from server.kernel.http.api import PUBLIC, SIGNED_IN, Call, route
from server.kernel.http.stream import BytesReply, FileReply
from server.services.catalog.model import ItemNotFound
from server.services.playback.model import (
    STREAM,
    FileMissing,
    FileNotFound,
    FileOffline,
    FileOutside,
    FileTicket,
    ImageNotFound,
    PictureQuery,
    Play,
    PlayReport,
    PlayRequest,
    PlaySessionNotFound,
    PlaySessions,
    PlaySessionStopped,
    PlayState,
    Preferences,
    TicketOver,
    TooManySessions,
)
from server.services.playback.segments import SegmentNotFound, StreamFailed
from server.services.playback.service import Playback
from server.services.playback.sessions import Sessions
from server.services.playback.streams import Streams

_OF_FILES = (FileNotFound, FileMissing, FileOffline, FileOutside)


class PlaybackRoutes:
    """Files, pictures and preferences."""

    def __init__(self, playback: Playback) -> None:
        self._playback = playback

    @route(
        "GET",
        "/files/{file_id}/content",
        permission=STREAM,
        raises=_OF_FILES,
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

    @route("GET", "/playback/preferences", permission=SIGNED_IN)
    async def preferences(self, call: Call) -> Preferences:
        """The languages that the profile likes to hear and to read, the best first."""
        return await self._playback.preferences(call.viewer)

    @route("PUT", "/playback/preferences", permission=SIGNED_IN)
    async def put_preferences(self, call: Call, body: Preferences) -> Preferences:
        """Note the languages that the profile likes to hear and to read."""
        return await self._playback.put_preferences(call.viewer, body)


class SessionRoutes:
    """Sessions: a film that plays for somebody."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @route("POST", "/playback/preview", permission=STREAM, raises=_OF_FILES)
    async def preview(self, call: Call, body: PlayRequest) -> Play:
        """How a film would be played, and why so; what playing it needs is warm then."""
        return await self._sessions.preview(call.viewer, body)

    @route(
        "POST",
        "/playback/sessions",
        permission=STREAM,
        raises=(*_OF_FILES, TooManySessions, PlaySessionStopped),
    )
    async def open(self, call: Call, body: PlayRequest) -> Play:
        """Begin to play a film."""
        return await self._sessions.open(
            call.viewer, call.session_token or "", body, call.user_agent
        )

    @route("GET", "/playback/sessions", permission=STREAM)
    async def seen(self, call: Call) -> PlaySessions:
        """What plays now: one's own sessions, or all with the right to see them."""
        return self._sessions.seen(call.viewer)

    @route(
        "PUT",
        "/playback/sessions/{session_id}",
        permission=STREAM,
        raises=(PlaySessionNotFound, PlaySessionStopped, *_OF_FILES),
    )
    async def change(self, call: Call, session_id: UUID, body: PlayRequest) -> Play:
        """Go on with a session in another way: other sound, subtitles or quality, or after a failure."""
        return await self._sessions.change(call.viewer, call.session_token or "", session_id, body)

    @route(
        "POST",
        "/playback/sessions/{session_id}/report",
        permission=STREAM,
        raises=(PlaySessionNotFound, PlaySessionStopped, ItemNotFound),
    )
    async def report(self, call: Call, session_id: UUID, body: PlayReport) -> PlayState:
        """Tell where the player is, now and then and when it matters; else the session ends after a while."""
        return await self._sessions.report(call.viewer, session_id, body)

    @route(
        "DELETE",
        "/playback/sessions/{session_id}",
        permission=STREAM,
        raises=(PlaySessionNotFound,),
    )
    async def close(self, call: Call, session_id: UUID) -> None:
        """Stop a session, one's own or, with the right to it, another's."""
        await self._sessions.close(call.viewer, session_id)


class StreamRoutes:
    """What a ticket in the address opens; no sign-in is needed, but one that is shown must be the right one."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    @route("POST", "/files/{file_id}/ticket", permission=STREAM, raises=(FileNotFound,))
    async def file_ticket(self, call: Call, file_id: UUID) -> FileTicket:
        """An address of a file for programs that cannot sign in."""
        return await self._streams.file_ticket(call.viewer, call.session_token or "", file_id)

    @route(
        "GET",
        "/stream/{ticket}/file/{name}",
        permission=PUBLIC,
        raises=(TicketOver, PlaySessionStopped, *_OF_FILES),
        media_type="application/octet-stream",
    )
    async def file(self, call: Call, ticket: str, name: str) -> FileReply:
        """The bytes of a file as they lie on the disk; the name is for whoever saves it."""
        del name
        return await self._streams.file(ticket, call.session_token)

    @route(
        "GET",
        "/stream/{ticket}/master.m3u8",
        permission=PUBLIC,
        raises=(TicketOver, PlaySessionStopped, PlaySessionNotFound, SegmentNotFound),
        media_type="application/vnd.apple.mpegurl",
    )
    async def master(self, call: Call, ticket: str) -> BytesReply:
        """The playlist that names picture, sounds and subtitles of a film."""
        return await self._streams.master(ticket, call.session_token)

    @route(
        "GET",
        "/stream/{ticket}/{track}/index.m3u8",
        permission=PUBLIC,
        raises=(TicketOver, PlaySessionStopped, PlaySessionNotFound, SegmentNotFound),
        media_type="application/vnd.apple.mpegurl",
    )
    async def playlist(self, call: Call, ticket: str, track: str) -> BytesReply:
        """The playlist of a track, complete from the beginning."""
        return await self._streams.playlist(ticket, call.session_token, track)

    @route(
        "GET",
        "/stream/{ticket}/{track}/{name}",
        permission=PUBLIC,
        raises=(
            TicketOver,
            PlaySessionStopped,
            PlaySessionNotFound,
            SegmentNotFound,
            StreamFailed,
            *_OF_FILES,
        ),
        media_type="video/mp4",
    )
    async def part(self, call: Call, ticket: str, track: str, name: str) -> FileReply | BytesReply:
        """A segment of a track, or the header of all; it may have to be made first."""
        return await self._streams.part(ticket, call.session_token, track, name)
