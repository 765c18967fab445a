"""What the server process knows of itself: told by those who do the work, read by both listeners."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct

from app.failure import Failure
from app.supervisor.program import ProgramState
from server.kernel.health import Ready
from server.kernel.log import get_log
from server.kernel.phases import Phase, PhaseName

log = get_log(__name__)


class Step(Struct, frozen=True, kw_only=True):
    """A phase of the start and when it began."""

    name: PhaseName
    began_at: datetime
    done_count: int
    total_count: int


class State:
    """How far the start is and how the programs fare; `failure` is what ends the start."""

    def __init__(self, *, host: str, address: str, version: str) -> None:
        self.host = host
        self.address = address
        self.version = version
        self.phase = Phase(name="postgres")
        self.steps: list[Step] = []
        self.postgres: ProgramState | None = None
        self.cache: ProgramState | None = None
        self.search: ProgramState | None = None
        self.failure: Failure | None = None
        self.pending_code: Callable[[], str | None] = lambda: None
        self.health: Callable[[], Ready | None] = lambda: None
        self.report(self.phase)

    def report(self, phase: Phase) -> None:
        """Note how far the start is; the last entry of a phase is replaced by its newer one."""
        is_new = not self.steps or self.steps[-1].name != phase.name
        began_at = datetime.now(UTC) if is_new else self.steps.pop().began_at
        self.phase = phase
        self.steps.append(
            Step(
                name=phase.name,
                began_at=began_at,
                done_count=phase.done_count,
                total_count=phase.total_count,
            )
        )
        if is_new:
            log.info("phase", phase=phase.name)

    def programs(self) -> dict[Literal["database", "cache", "search"], ProgramState]:
        """Return how the programs fare that are our own."""
        known: dict[Literal["database", "cache", "search"], ProgramState | None]
        known = {"database": self.postgres, "cache": self.cache, "search": self.search}
        return {name: state for name, state in known.items() if state is not None}

    def report_postgres(self, state: ProgramState) -> None:
        """Note how PostgreSQL fares."""
        self.postgres = state

    def report_cache(self, state: ProgramState) -> None:
        """Note how our own cache server fares."""
        self.cache = state

    def report_search(self, state: ProgramState) -> None:
        """Note how our own search server fares."""
        self.search = state
