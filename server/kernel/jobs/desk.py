"""What an administrator does with jobs: look at those that wait, run, are held or ended, and replay them."""

from server.kernel.db import Db
from server.kernel.jobs import store
from server.kernel.jobs.model import EndedJob, JobCount, JobRow, Place, Status
from server.kernel.jobs.service import Jobs


class Desk:
    """The jobs of one realm as they are; every list comes page by page, from a place on."""

    def __init__(self, db: Db, jobs: Jobs) -> None:
        self._db = db
        self._jobs = jobs

    async def page(
        self,
        status: Status,
        *,
        kind: str | None = None,
        after: Place | None = None,
        limit: int = 100,
    ) -> list[JobRow]:
        """Return jobs of a status, those due first at the top; a place is the due time of its job."""
        return await self._db.all(store.PAGE, status, kind, *_split(after), limit)

    async def dead(
        self, *, kind: str | None = None, after: Place | None = None, limit: int = 100
    ) -> list[JobRow]:
        """Return jobs that failed for good, the latest first; a place is when its job was held."""
        return await self._db.all(store.DEAD, kind, *_split(after), limit)

    async def ended(
        self, *, kind: str | None = None, after: Place | None = None, limit: int = 100
    ) -> list[EndedJob]:
        """Return jobs that are no more, the latest first; a place is the end of its job."""
        return await self._db.all(store.ENDED, kind, *_split(after), limit)

    async def counts(self) -> list[JobCount]:
        """Return how many jobs there are by queue, kind and status."""
        return await self._db.all(store.COUNTS)

    async def replay(self, *job_ids: int, kind: str | None = None) -> int:
        """Give these held jobs, and all of a kind, their tries again; return how many.

        What cannot run, because its kind is no more or the same work waits already, stays held.
        """
        kinds = self._jobs.kinds.values()
        async with self._db.transaction() as tx:
            count = await tx.execute(
                store.REPLAY,
                list(job_ids),
                kind,
                [one.rule.name for one in kinds],
                [one.rule.queue.name for one in kinds],
            )
            await self._jobs.wake(tx)
        return count

    async def forget(self, kind: str) -> int:
        """Remove all held jobs of a kind; return how many there were."""
        return await self._db.execute(store.FORGET_KIND, kind)


def _split(place: Place | None) -> tuple[object, object]:
    return (None, None) if place is None else (place.at, place.job_id)
