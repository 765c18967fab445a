"""Health over HTTP, for people, Docker and Kubernetes: alive, ready, started."""

from typing import Literal

from msgspec import Struct

from server.kernel.errors import Unavailable
from server.kernel.health import Health, Ready, Startup, startup
from server.kernel.http.api import PUBLIC, route
from server.kernel.phases import Phase


class NotReady(Unavailable):
    """A part without which no request makes sense does not answer."""

    code = "health.not_ready"


class Alive(Struct, frozen=True, kw_only=True):
    """The process runs."""

    status: Literal["alive"] = "alive"


class HealthRoutes:
    """The three probes; while the server starts, the process answers them itself."""

    def __init__(self, health: Health) -> None:
        self._health = health

    @route("GET", "/health/live", permission=PUBLIC)
    async def live(self) -> Alive:
        """Tell that the process is alive; always 200."""
        return Alive()

    @route("GET", "/health/ready", permission=PUBLIC, raises=(NotReady,))
    async def ready(self) -> Ready:
        """Tell whether requests make sense now; 503 while a critical part is away."""
        ready = self._health.ready()
        if not ready.is_ready:
            away = [check.name for check in ready.checks if check.state != "healthy"]
            raise NotReady(parts=away)
        return ready

    @route("GET", "/health/startup", permission=PUBLIC)
    async def started(self) -> Startup:
        """Tell how far the start is; once it is over, 200."""
        return startup(Phase(name="ready"))
