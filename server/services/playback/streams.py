"""What a ticket opens: the file as it lies, or playlists and segments of it."""

import re
from typing import Final
from urllib.parse import quote
from uuid import UUID

from server.kernel.db import Db
from server.kernel.http.stream import BytesReply, FileReply
from server.kernel.viewer import Viewer
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.hls.model import INIT_NAME, ReadSubtitles
from server.media.hls.playlists import MEDIA_TYPE, media_playlist
from server.media.hls.timeline import Timeline
from server.media.hls.webvtt import segment
from server.services.playback import store
from server.services.playback.files import found, name_of
from server.services.playback.model import FileNotFound, FileTicket, Sidecar
from server.services.playback.screening import SIDECAR_INDEX
from server.services.playback.segments import SegmentNotFound, StreamFailed
from server.services.playback.service import Playback
from server.services.playback.sessions import Reel, Sessions
from server.services.playback.tickets import Tickets
from server.services.playback.tracks import text_name

_NUMBERED: Final = re.compile(r"([0-9]{1,9})\.(m4s|vtt)")
_TEXT_TYPE: Final = "text/vtt"
_KEPT: Final = "private, max-age=600"
_READ_TIMEOUT_S: Final = 30.0


class Streams:
    """Answers whoever shows a ticket. Each method raises TicketOver, and PlaySessionNotFound where the session ended."""

    def __init__(
        self,
        db: Db,
        playback: Playback,
        sessions: Sessions,
        tickets: Tickets,
        workers: Workers,
    ) -> None:
        self._db = db
        self._playback = playback
        self._sessions = sessions
        self._tickets = tickets
        self._workers = workers

    async def file_ticket(self, viewer: Viewer, token: str, file_id: UUID) -> FileTicket:
        """Return an address of a file for other programs. Raises: FileNotFound."""
        place = await self._db.one(store.FILE, viewer.library_ids, viewer.max_level, file_id)
        if place is None:
            raise FileNotFound(file_id=file_id)
        address = self._tickets.address(self._tickets.lease(viewer, token, file_id))
        return FileTicket(
            url=f"{address}/file/{quote(name_of(place), safe='')}",
            expires_at=self._tickets.expires_at(),
        )

    async def file(self, ticket: str, token: str | None) -> FileReply:
        """Return the file. Raises: FileNotFound, FileMissing, FileOffline, FileOutside."""
        lease = await self._tickets.read(ticket, token)
        return await self._playback.content(lease.viewer, lease.file_id, on_chunk=lease.use)

    async def master(self, ticket: str, token: str | None) -> BytesReply:
        """Return the playlist of a film in segments. Raises: SegmentNotFound."""
        master = (await self._reel(ticket, token)).screening.tracks.master
        if master is None:
            raise SegmentNotFound
        return _playlist(master)

    async def playlist(self, ticket: str, token: str | None, track: str) -> BytesReply:
        """Return the playlist of a track. Raises: SegmentNotFound."""
        reel = await self._reel(ticket, token)
        if _sidecar(reel, track) is not None:
            length_ms = reel.screening.media.length_ms or 1
            whole = Timeline(starts_ms=(0,), end_ms=length_ms)
            return _playlist(media_playlist(whole, "{}.vtt".format, init_uri=None))
        text = reel.screening.tracks.playlist(track)
        if text is None:
            raise SegmentNotFound
        return _playlist(text)

    async def part(
        self, ticket: str, token: str | None, track: str, name: str
    ) -> FileReply | BytesReply:
        """Return a segment or the header of a track when it is made. Raises: SegmentNotFound, StreamFailed."""
        reel = await self._reel(ticket, token)
        sidecar = _sidecar(reel, track)
        if sidecar is not None:
            return await self._cues(reel, sidecar, name)
        if name == INIT_NAME:
            path = await reel.stream.init(track)
            return FileReply(path=path, media_type="video/mp4", cache_control=_KEPT)
        numbered = _NUMBERED.fullmatch(name)
        if numbered is None:
            raise SegmentNotFound
        path = await reel.stream.segment(track, int(numbered[1]))
        if path.suffix != f".{numbered[2]}":
            raise SegmentNotFound
        media_type = _TEXT_TYPE if numbered[2] == "vtt" else "video/iso.segment"
        return FileReply(path=path, media_type=media_type, cache_control=_KEPT)

    async def _reel(self, ticket: str, token: str | None) -> Reel:
        lease = await self._tickets.read(ticket, token)
        return self._sessions.reel(lease)

    async def _cues(self, reel: Reel, sidecar: Sidecar, name: str) -> BytesReply:
        """Return all of a file of subtitles. Raises: SegmentNotFound, StreamFailed, FileMissing …."""
        if name != "0.vtt":
            raise SegmentNotFound
        viewer = reel.lease.viewer
        place = await self._db.one(
            store.FILE, viewer.library_ids, viewer.max_level, sidecar.file_id
        )
        if place is None:
            raise FileNotFound(file_id=sidecar.file_id)
        work = ReadSubtitles(path=bytes(await found(place)))
        try:
            cues = await self._workers.run(work, timeout_s=_READ_TIMEOUT_S)
        except (WorkerFailed, WorkerLost) as error:
            raise StreamFailed from error
        end_ms = max((cue.end_ms for cue in cues), default=1)
        content = segment(cues, 0, end_ms).encode()
        return BytesReply(content=content, media_type=_TEXT_TYPE, cache_control=_KEPT)


def _sidecar(reel: Reel, track: str) -> Sidecar | None:
    """Return the file of subtitles that a track is the name of."""
    names = [text_name(stream.index) for stream in reel.screening.sidecars]
    if track not in names:
        return None
    index = reel.screening.sidecars[names.index(track)].index
    return reel.screening.film.sidecars[index - SIDECAR_INDEX]


def _playlist(text: str) -> BytesReply:
    return BytesReply(content=text.encode(), media_type=MEDIA_TYPE)
