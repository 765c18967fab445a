"""Background work over HTTP."""

from server.kernel.http.api import route
from server.kernel.jobs import Jobs
from server.services.background.model import PAUSE, BackgroundWork


class BackgroundRoutes:
    """The one switch for all background work."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @route("GET", "/background-work", permission=PAUSE)
    async def state(self) -> BackgroundWork:
        """Tell whether background work rests."""
        return BackgroundWork(is_paused=bool(self._jobs.paused))

    @route("PUT", "/background-work", permission=PAUSE)
    async def switch(self, body: BackgroundWork) -> BackgroundWork:
        """Let background work rest, or go on. It stays so when the server starts anew."""
        await (self._jobs.pause() if body.is_paused else self._jobs.resume())
        return body
