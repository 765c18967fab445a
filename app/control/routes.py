"""What the control listener can tell and do."""

import asyncio
import os
from collections.abc import Callable

from msgspec import Struct

from app.diagnostics import Diagnostics, Documents
from app.failure import Failure
from app.state import State, Step
from app.supervisor.program import ProgramState
from server.kernel.health import Result
from server.kernel.health import Status as HealthStatus
from server.kernel.log import Tail
from server.kernel.phases import PhaseName

_LOG_LINE_COUNT = 200
_LIMIT_DIGIT_COUNT = 6


class Status(Struct, frozen=True, kw_only=True):
    """The server now. `setup_code` is there while no administrator exists; `postgres`, `cache` and `search` when they are our own.

    It listens on `host`. `health` is there once it is ready, with how each part fares; `failure` is what ends a start.
    """

    pid: int
    version: str
    host: str
    address: str
    phase: PhaseName
    done_count: int
    total_count: int
    is_ready: bool
    health: HealthStatus | None
    checks: list[Result]
    failure: Failure | None
    postgres: ProgramState | None
    cache: ProgramState | None
    search: ProgramState | None
    setup_code: str | None


class Phases(Struct, frozen=True, kw_only=True):
    """The phases so far, oldest first."""

    items: list[Step]


class Logs(Struct, frozen=True, kw_only=True):
    """The latest lines of the log, oldest first."""

    lines: list[str]


class Stopping(Struct, frozen=True, kw_only=True):
    """The stop has begun."""

    is_stopping: bool = True


class Restarting(Struct, frozen=True, kw_only=True):
    """The stop has begun, and a start follows."""

    is_restarting: bool = True


class Routes:
    """The routes without HTTP."""

    def __init__(
        self,
        state: State,
        tail: Tail,
        diagnostics: Diagnostics,
        *,
        stop: Callable[[], None],
        restart: Callable[[], None],
    ) -> None:
        self._state = state
        self._tail = tail
        self._diagnostics = diagnostics
        self._stop = stop
        self._restart = restart

    async def status(self) -> Status:
        """Return how the server fares now."""
        state, health = self._state, self._state.health()
        return Status(
            pid=os.getpid(),
            version=state.version,
            host=state.host,
            address=state.address,
            phase=state.phase.name,
            done_count=state.phase.done_count,
            total_count=state.phase.total_count,
            is_ready=state.phase.name == "ready",
            health=health.status if health else None,
            checks=health.checks if health else [],
            failure=state.failure,
            postgres=state.postgres,
            cache=state.cache,
            search=state.search,
            setup_code=state.pending_code(),
        )

    async def phases(self) -> Phases:
        """Return the phases so far."""
        return Phases(items=self._state.steps)

    async def logs(self, limit: str) -> Logs:
        """Return up to `limit` of the latest lines; 200 where that is no number."""
        count = (
            int(limit)
            if limit.isascii() and limit.isdigit() and len(limit) <= _LIMIT_DIGIT_COUNT
            else _LOG_LINE_COUNT
        )
        return Logs(lines=self._tail.lines(count))

    async def shutdown(self) -> Stopping:
        """Begin the graceful stop."""
        self._stop()
        return Stopping()

    async def restart(self) -> Restarting:
        """Begin the graceful stop, after which the server starts again."""
        self._restart()
        return Restarting()

    async def diagnostics(self) -> Documents:
        """Return the diagnostics as they are now."""
        return await asyncio.to_thread(self._diagnostics.gathered)
