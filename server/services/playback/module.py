"""Builds playback out of the parts of a realm."""

from typing import Final

from server.kernel.http.api import Permission
from server.kernel.http.guard import Gate
from server.kernel.metrics import Reading
from server.kernel.module import Built
from server.kernel.parts import Parts
from server.kernel.tasks import TaskScope
from server.services.catalog.service import Catalog
from server.services.playback.history import History
from server.services.playback.jobs import PlaybackJobs
from server.services.playback.model import SESSIONS, STREAM, PlaybackSettings
from server.services.playback.routes import PlaybackRoutes, SessionRoutes, StreamRoutes
from server.services.playback.screening import Screenings
from server.services.playback.segments import Segments
from server.services.playback.service import Playback
from server.services.playback.sessions import Sessions
from server.services.playback.streams import Streams
from server.services.playback.tickets import Tickets
from server.services.playback.variants import Variants

PERMISSIONS: Final[tuple[Permission, ...]] = (STREAM, SESSIONS)


class BuiltPlayback(Built, frozen=True, kw_only=True):
    """Playback; sessions and segments are tended beside the requests."""

    sessions: Sessions
    segments: Segments

    def begin(self, tasks: TaskScope) -> None:
        """Begin to tend, once the realm is up."""
        tasks.spawn(self.segments.tend(), name="segments")
        tasks.spawn(self.sessions.tend(), name="sessions of players")


def build(parts: Parts, catalog: Catalog, gate: Gate) -> BuiltPlayback:
    """Return playback."""
    config, secret = parts.config, parts.config.now.auth.jwt_secret
    workers, streamed = parts.workers, parts.workers.precedence.streamed
    settings = parts.settings.declare("playback", PlaybackSettings)
    variants = Variants(
        parts.storage,
        workers.answers,
        parts.tasks,
        quota_bytes=lambda: config.now.images.cache_mb * 1024**2,
    )
    playback = Playback(parts.db, parts.storage, variants, streamed)
    tickets = Tickets(gate, parts.clock, secret=secret.reveal() if secret else None)
    segments = Segments(
        workers.streams,
        parts.tasks,
        parts.storage.segments_dir,
        quota_bytes=lambda: settings.now.cache_gb * 1024**3,
        streamed=streamed,
    )
    sessions = Sessions(
        parts.clock,
        Screenings(parts.db, parts.jobs, workers.streams),
        segments,
        tickets,
        History(parts.db, parts.clock, catalog),
        settings,
    )
    streams = Streams(parts.db, playback, sessions, tickets, workers.streams)
    return BuiltPlayback(
        sessions=sessions,
        segments=segments,
        routes=(PlaybackRoutes(playback), SessionRoutes(sessions), StreamRoutes(streams)),
        jobs=(PlaybackJobs(parts.db, workers.background),),
        readings=(_active_streams(sessions),),
    )


def _active_streams(sessions: Sessions) -> Reading:
    return Reading(
        name="active_streams_count",
        description="Films that play now, by how they are played.",
        labels=("method",),
        read=lambda: {(method.value,): count for method, count in sessions.counts().items()},
    )
