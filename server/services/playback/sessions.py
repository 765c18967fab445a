"""The films that play now: who watches what, how, and how far they are."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import quote
from uuid import UUID

from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.kernel.settings import Live
from server.kernel.viewer import Viewer
from server.media.hls.playlists import MEDIA_TYPE
from server.services.catalog.model import UNKNOWN_MEDIA_TYPE
from server.services.playback.files import name_of
from server.services.playback.history import History
from server.services.playback.model import (
    SESSIONS,
    Play,
    PlaybackSettings,
    PlayReport,
    PlayRequest,
    PlaySession,
    PlaySessionNotFound,
    PlaySessions,
    PlaySessionStopped,
    PlayState,
    Sound,
    SubtitleChoice,
    TooManySessions,
)
from server.services.playback.plans import Action, Method
from server.services.playback.screening import Screening, Screenings
from server.services.playback.segments import Segments, Stream
from server.services.playback.tickets import Lease, Tickets
from server.services.playback.tracks import is_text, text_name

REPORT_EVERY_S: Final = 10
_IDLE_END_S: Final = 300.0
_LEFT_S: Final = 60.0
"""A player that did not report for so long gives way to another one of the same account."""

_TEND_EVERY_S: Final = 10.0
_STOPPED_MOST: Final = 1_000


class Session:
    """A film that plays for somebody. The tracks may change under way, and the ticket with them."""

    def __init__(self, session_id: UUID, viewer: Viewer, device: str, started_at: datetime) -> None:
        self._seen_at_s = time.monotonic()
        self.session_id = session_id
        self.viewer = viewer
        self.device = device
        self.started_at = started_at
        self.position_ms = 0
        self.from_ms: int | None = None
        self.is_playing = False
        self.reel: Reel | None = None

    @property
    def unseen_s(self) -> float:
        """Return for how many seconds nothing was heard of the player."""
        return time.monotonic() - self._seen_at_s

    def see(self) -> None:
        """Note that the player is there."""
        self._seen_at_s = time.monotonic()


class Reel:
    """What a session plays at present: a film as it was decided, its segments and the ticket for both."""

    def __init__(self, screening: Screening, stream: Stream, lease: Lease) -> None:
        self.screening = screening
        self.stream = stream
        self.lease = lease


class Sessions:
    """Begins, changes and ends sessions."""

    def __init__(
        self,
        clock: Clock,
        screenings: Screenings,
        segments: Segments,
        tickets: Tickets,
        history: History,
        settings: Live[PlaybackSettings],
    ) -> None:
        self._clock = clock
        self._screenings = screenings
        self._segments = segments
        self._tickets = tickets
        self._history = history
        self._settings = settings
        self._sessions: dict[UUID, Session] = {}
        self._by_lease: dict[UUID, Session] = {}
        self._stopped: deque[UUID] = deque(maxlen=_STOPPED_MOST)

    async def preview(self, viewer: Viewer, asked: PlayRequest) -> Play:
        """Return how a film would be played. Raises: as `Screenings.of`."""
        return _play(await self._screenings.of(viewer, asked), None, None)

    async def open(self, viewer: Viewer, token: str, asked: PlayRequest, device: str) -> Play:
        """Begin a session. Raises: TooManySessions, PlaySessionStopped, and as `Screenings.of`."""
        await self._make_room(viewer)
        session = Session(new_id(), viewer, device, self._clock.now())
        self._sessions[session.session_id] = session
        try:
            return await self._begin(session, viewer, token, asked)
        except BaseException:
            del self._sessions[session.session_id]
            raise

    async def change(
        self, viewer: Viewer, token: str, session_id: UUID, asked: PlayRequest
    ) -> Play:
        """Go on with a session in another way. Raises: PlaySessionNotFound, PlaySessionStopped, and as `Screenings.of`."""
        return await self._begin(self._own(viewer, session_id), viewer, token, asked)

    async def report(self, viewer: Viewer, session_id: UUID, report: PlayReport) -> PlayState:
        """Note how far a player is. Raises: PlaySessionNotFound, PlaySessionStopped, ItemNotFound."""
        session = self._own(viewer, session_id)
        reel = session.reel
        if reel is None:
            raise PlaySessionNotFound
        session.see()
        reel.lease.use()
        session.position_ms, session.is_playing = report.position_ms, report.is_playing
        if report.is_playing:
            reel.stream.see()
        begins = report.is_playing and session.from_ms is None
        if begins:
            session.from_ms = report.position_ms
        shown = _shown(session, reel)
        progress = await self._history.note(viewer, shown, session.from_ms)
        if begins:
            await self._history.note_begun(viewer, shown)
        speed = reel.stream.speed
        if report.is_last:
            await self._end(session)
        return PlayState(progress=progress, speed=speed)

    async def close(self, viewer: Viewer, session_id: UUID) -> None:
        """Stop a session, one's own or, with the right to it, another's; its player is told. Raises: PlaySessionNotFound."""
        session = self._sessions.get(session_id)
        if session is None or not _may_see(viewer, session):
            raise PlaySessionNotFound
        self._stopped.append(session_id)
        if session.reel is not None:
            self._tickets.stop(session.reel.lease)
        await self._end(session)

    def seen(self, viewer: Viewer) -> PlaySessions:
        """Return the sessions that a viewer may know of."""
        return PlaySessions(
            items=[
                _shown(session, session.reel)
                for session in reversed(self._sessions.values())
                if session.reel is not None and _may_see(viewer, session)
            ]
        )

    def reel(self, lease: Lease) -> Reel:
        """Return what a ticket plays. Raises: PlaySessionNotFound."""
        session = self._by_lease.get(lease.lease_id)
        if session is None or session.reel is None:
            raise PlaySessionNotFound
        session.see()
        return session.reel

    async def tend(self) -> None:
        """End sessions whose player is gone, for as long as the server runs."""
        while True:
            await asyncio.sleep(_TEND_EVERY_S)
            for session in [one for one in self._sessions.values() if one.unseen_s > _IDLE_END_S]:
                await self._end(session)

    def counts(self) -> dict[Method, int]:
        """Return how many films play now, by how."""
        reels = [session.reel for session in self._sessions.values()]
        methods = Counter(reel.screening.decision.method for reel in reels if reel is not None)
        return {method: methods[method] for method in Method}

    def _own(self, viewer: Viewer, session_id: UUID) -> Session:
        session = self._sessions.get(session_id)
        if session is not None and session.viewer.profile_id == viewer.profile_id:
            return session
        raise self._why_over(session_id)

    def _why_over(self, session_id: UUID) -> PlaySessionNotFound | PlaySessionStopped:
        return PlaySessionStopped() if session_id in self._stopped else PlaySessionNotFound()

    async def _make_room(self, viewer: Viewer) -> None:
        """End sessions of an account that were left, where it has too many. Raises: TooManySessions."""
        ours = [one for one in self._sessions.values() if one.viewer.user_id == viewer.user_id]
        most = self._settings.now.sessions_per_user
        for session in ours[: max(0, len(ours) - most + 1)]:
            if session.unseen_s < _LEFT_S:
                raise TooManySessions(retry_after_s=round(_LEFT_S), most=most)
            await self._end(session)

    async def _begin(
        self, session: Session, viewer: Viewer, token: str, asked: PlayRequest
    ) -> Play:
        """Have a session play a film in the way that is decided now."""
        screening = await self._screenings.of(viewer, asked)
        lease = self._tickets.lease(viewer, token, asked.file_id)
        stream = self._segments.open(screening.path, screening.version, screening.tracks)
        await self._drop_reel(session)
        session.see()
        session.viewer = viewer
        session.reel = Reel(screening, stream, lease)
        self._by_lease[lease.lease_id] = session
        if session.session_id not in self._sessions:  # it was ended meanwhile
            await self._drop_reel(session)
            raise self._why_over(session.session_id)
        if screening.tracks.main:
            await stream.begin_at(asked.start_ms)
        return _play(screening, session.session_id, self._tickets.address(lease))

    async def _end(self, session: Session) -> None:
        self._sessions.pop(session.session_id, None)
        await self._drop_reel(session)

    async def _drop_reel(self, session: Session) -> None:
        reel, session.reel = session.reel, None
        if reel is not None:
            self._tickets.end(reel.lease)
            self._by_lease.pop(reel.lease.lease_id, None)
            await self._segments.close(reel.stream)


def _play(screening: Screening, session_id: UUID | None, address: str | None) -> Play:
    """Return what a client needs to play; `address` is where its ticket is used."""
    film, decision, read = screening.film, screening.decision, screening.decision.subtitle
    is_hls = decision.form.protocol == "hls"
    name = "master.m3u8" if is_hls else f"file/{quote(name_of(film), safe='')}"
    is_playable = address is not None and decision.method is not Method.IMPOSSIBLE
    return Play(
        session_id=session_id,
        item_id=film.item_id,
        file_id=film.file_id,
        url=f"{address}/{name}" if is_playable else None,
        is_hls=is_hls,
        media_type=MEDIA_TYPE if is_hls else film.media_type or UNKNOWN_MEDIA_TYPE,
        decision=decision,
        length_ms=screening.media.length_ms,
        sounds=list(_sounds(screening)),
        sound_index=decision.audio.index if decision.audio else None,
        subtitles=list(_subtitles(screening, address)),
        subtitle_index=read.index if read and read.action is not Action.DROP else None,
        qualities=screening.qualities,
        report_every_s=REPORT_EVERY_S,
    )


def _may_see(viewer: Viewer, session: Session) -> bool:
    return session.viewer.profile_id == viewer.profile_id or viewer.may(SESSIONS.name)


def _shown(session: Session, reel: Reel) -> PlaySession:
    film = reel.screening.film
    return PlaySession(
        session_id=session.session_id,
        item_id=film.item_id,
        title=film.title,
        profile_name=session.viewer.profile_name,
        device=session.device,
        method=reel.screening.decision.method,
        position_ms=session.position_ms,
        length_ms=film.length_ms,
        is_playing=session.is_playing,
        started_at=session.started_at,
    )


def _sounds(screening: Screening) -> Iterator[Sound]:
    for stream in screening.media.streams:
        if stream.kind == "audio":
            yield Sound(
                index=stream.index,
                language=stream.language,
                title=stream.title,
                codec=stream.codec,
                channel_count=stream.channel_count,
                is_default=stream.is_default,
                is_commentary=stream.is_commentary,
            )


def _subtitles(screening: Screening, address: str | None) -> Iterator[SubtitleChoice]:
    for stream in [*screening.media.streams, *screening.sidecars]:
        if stream.kind == "subtitle":
            playlist_url = f"{address}/{text_name(stream.index)}/index.m3u8" if address else None
            yield SubtitleChoice(
                index=stream.index,
                language=stream.language,
                title=stream.title,
                format=stream.codec,
                is_text=is_text(stream),
                is_external=stream in screening.sidecars,
                is_default=stream.is_default,
                is_forced=stream.is_forced,
                is_hearing_impaired=stream.is_hearing_impaired,
                playlist_url=playlist_url if is_text(stream) else None,
            )
