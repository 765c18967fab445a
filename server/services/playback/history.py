"""What is kept of plays: how far each profile is, and a row for each play."""

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.events import emit
from server.kernel.viewer import Viewer
from server.services.activity.model import Noted
from server.services.catalog.model import Progress
from server.services.catalog.service import Catalog
from server.services.playback import store
from server.services.playback.model import PlaySession


class History:
    """Notes how far players are."""

    def __init__(self, db: Db, clock: Clock, catalog: Catalog) -> None:
        self._db = db
        self._clock = clock
        self._catalog = catalog

    async def note(self, viewer: Viewer, play: PlaySession, from_ms: int | None) -> Progress:
        """Note where a play is that began at `from_ms`; None means that it has not begun. Raises: ItemNotFound."""
        if from_ms is None:
            return await self._catalog.progress(viewer, play.item_id)
        progress = await self._catalog.put_progress(viewer, play.item_id, play.position_ms)
        await self._db.value(
            store.PUT_PLAY,
            viewer.library_ids,
            viewer.max_level,
            play.session_id,
            play.started_at,
            viewer.profile_id,
            play.item_id,
            from_ms,
            play.position_ms,
            self._clock.now(),
            play.device,
            play.method,
        )
        return progress

    async def note_begun(self, viewer: Viewer, play: PlaySession) -> None:
        """Note for the activity log that a play began."""
        async with self._db.transaction() as tx:
            begun = Noted.by(viewer, "play.begun", subject=play.title, subject_id=play.item_id)
            await emit(tx, begun)
