"""Health over HTTP, for people, Docker and Kubernetes: alive, ready, started, and how each part fares."""

from typing import Literal

from msgspec import Struct

from server.kernel.errors import Unavailable
from server.kernel.health import Category, Health, Ready, Result, Startup, Status, startup
from server.kernel.http.api import PUBLIC, Call, route
from server.kernel.messages import Messages
from server.kernel.phases import Phase
from server.kernel.version import VERSION


class NotReady(Unavailable):
    """A part without which no request makes sense does not answer."""

    code = "health.not_ready"


class Alive(Struct, frozen=True, kw_only=True):
    """The process runs."""

    status: Literal["alive"] = "alive"


class Part(Struct, frozen=True, kw_only=True):
    """How a part fares: whether it was asked yet, how long it took to answer, and why it is not well.

    Without a `critical` part nothing works; without a `warm` one the server is degraded; a `cold` one may be absent.
    """

    name: str
    category: Category
    is_healthy: bool
    is_initialised: bool
    latency_ms: int | None
    code: str | None
    reason: str | None


class HealthReport(Struct, frozen=True, kw_only=True):
    """How the server fares as a whole, and each part of it."""

    status: Status
    version: str
    parts: list[Part]


class HealthRoutes:
    """The three probes and the report; while the server starts, the process answers them itself."""

    def __init__(self, health: Health, messages: Messages) -> None:
        self._health = health
        self._messages = messages

    @route("GET", "/health", permission=PUBLIC)
    async def report(self, call: Call) -> HealthReport:
        """Tell how each part of the server fares, with the reason in words; always 200."""
        ready = self._health.ready()
        parts = [self._part(result, call.language) for result in ready.checks]
        return HealthReport(status=ready.status, version=VERSION, parts=parts)

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

    def _part(self, result: Result, language: str) -> Part:
        code = result.code
        return Part(
            name=result.name,
            category=result.category,
            is_healthy=result.state == "healthy",
            is_initialised=result.latency_ms is not None,
            latency_ms=result.latency_ms,
            code=code,
            reason=None if code is None else self._messages.text(language, code, {}).detail,
        )
