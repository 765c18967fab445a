"""The work of playback that goes on beside requests."""

from server.kernel.db import Db
from server.kernel.jobs import LIBRARY, job
from server.kernel.workers import Workers
from server.media.hls.model import FindKeyframes
from server.services.playback import store
from server.services.playback.files import found
from server.services.playback.model import FindKeyframesOf

_TIMEOUT_S = 6 * 3600.0


class PlaybackJobs:
    """Finds out what makes a film start faster the next time."""

    def __init__(self, db: Db, workers: Workers) -> None:
        self._db = db
        self._workers = workers

    @job("playback.find_keyframes", queue=LIBRARY, unique=("file_id",))
    async def find_keyframes(self, payload: FindKeyframesOf) -> None:
        """Read all of a film to find where it can be cut into segments without making its pictures anew."""
        place = await self._db.one(store.UNREAD, payload.file_id)
        if place is None:
            return
        path = await found(place)
        work = FindKeyframes(path=bytes(path), video=payload.video_index)
        keyframes = await self._workers.run(work, timeout_s=_TIMEOUT_S)
        await self._db.execute(
            store.PUT_KEYFRAMES,
            place.file_id,
            place.size_bytes,
            place.mtime_ns,
            keyframes.times_ms,
            keyframes.length_ms,
        )
