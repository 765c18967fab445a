"""The activity log over HTTP."""

from server.kernel.http.api import Call, route
from server.services.activity.model import (
    READ,
    READ_ALL,
    ActivePeople,
    ActivityPage,
    ActivityQuery,
)
from server.services.activity.service import ActivityLog


class ActivityRoutes:
    """What happened."""

    def __init__(self, log: ActivityLog) -> None:
        self._log = log

    @route("GET", "/activity", permission=READ)
    async def page(self, call: Call, query: ActivityQuery) -> ActivityPage:
        """What happened, the latest first, for as long as it is kept.

        An administrator sees all of it, a member what they did themselves and who tried to sign in as them.
        """
        return await self._log.page(call.viewer, query, call.language)

    @route("GET", "/activity/people", permission=READ_ALL)
    async def people(self) -> ActivePeople:
        """Everybody of whom the log knows something, to choose from."""
        return await self._log.people()
