"""The work of the activity log that goes on beside requests."""

from server.kernel.jobs import LIBRARY, job
from server.services.activity.model import TendActivity
from server.services.activity.service import ActivityLog


class ActivityJobs:
    """Upkeep of the log."""

    def __init__(self, log: ActivityLog) -> None:
        self._log = log

    @job("activity.tend", queue=LIBRARY, unique=())
    async def tend(self, payload: TendActivity) -> None:
        """Make room for the months to come, and forget what is kept long enough."""
        del payload
        await self._log.make_months()
        await self._log.forget_old()
