"""Health: how far the start is, and whether the parts that a request needs are there."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

from msgspec import Struct, structs

from server.kernel.errors import RevengeError, Unavailable
from server.kernel.log import get_log
from server.kernel.phases import Phase, PhaseName

log = get_log(__name__)

Category = Literal["critical", "warm", "cold"]
OnChecked = Callable[[str, float], None]
Status = Literal["healthy", "degraded", "unhealthy"]
State = Literal["unknown", "healthy", "unhealthy"]

TIMEOUT_S: Final = 5.0
_RETRY_S: Final = 2.0


class CheckTimedOut(Unavailable):
    """A part did not answer in time."""

    code = "health.timeout"


class CheckFailed(Unavailable):
    """A part answered with an error."""

    code = "health.failed"


class Check(Struct, frozen=True, kw_only=True):
    """A part that can fail; `run` returns when it is well and raises when it is not.

    Without a `critical` part the server is not ready; without a `warm` one it is degraded; a `cold`
    one may be absent. A failing check is tried again every 2 s at least.
    """

    name: str
    category: Category
    interval_s: float
    run: Callable[[], Awaitable[None]]
    timeout_s: float = TIMEOUT_S


class Result(Struct, frozen=True, kw_only=True):
    """The latest answer of a check; `code` has a text in every language, the error's own stands in the log only."""

    name: str
    category: Category
    state: State = "unknown"
    latency_ms: int | None = None
    error: Literal["timeout", "failed"] | None = None
    code: str | None = None


class Ready(Struct, frozen=True, kw_only=True):
    """The document of `/health/ready`: 200 when `is_ready`, else 503."""

    is_ready: bool
    status: Status
    checks: list[Result]


class Startup(Struct, frozen=True, kw_only=True):
    """The document of `/health/startup`: 200 when `is_ready`, else 503."""

    phase: PhaseName
    done_count: int
    total_count: int
    is_ready: bool
    error: str | None = None


def startup(phase: Phase, *, error: str | None = None) -> Startup:
    """Return how far the start is; `error` is the code of what stopped it."""
    return Startup(
        phase=phase.name,
        done_count=phase.done_count,
        total_count=phase.total_count,
        is_ready=phase.name == "ready" and error is None,
        error=error,
    )


class Health:
    """Runs the checks in the background, so that asking costs nothing and never waits."""

    def __init__(
        self,
        checks: Sequence[Check],
        *,
        now_s: Callable[[], float] = time.monotonic,
        on_checked: OnChecked | None = None,
    ) -> None:
        self._on_checked = on_checked
        self._checks = {check.name: check for check in checks}
        self._results = {c.name: Result(name=c.name, category=c.category) for c in checks}
        self._due_s = {check.name: float("-inf") for check in checks}
        self._now_s = now_s

    def ready(self) -> Ready:
        """Return the latest results; one that is overdue counts as unknown.

        Unknown is failed, but for a warm part that was not asked yet: a start is no fault.
        """
        results = [self._current(check) for check in self._checks.values()]
        bad = {result.category for result in results if _is_bad(result)}
        status: Status = "healthy"
        if "critical" in bad:
            status = "unhealthy"
        elif "warm" in bad:
            status = "degraded"
        return Ready(is_ready=status != "unhealthy", status=status, checks=results)

    async def watch(self) -> None:
        """Run every check now and then at its interval, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for name in self._checks:
                group.create_task(self._watch(name), name=f"health {name}")

    async def run(self, name: str) -> Result:
        """Run one check within its time limit and keep its result; a change is logged once."""
        check, began_s = self._checks[name], self._now_s()
        was_well = self._results[name].state != "unhealthy"
        code = await _outcome(check, is_news=was_well)
        took_s = self._now_s() - began_s
        if self._on_checked is not None:
            self._on_checked(name, took_s)
        result = Result(
            name=name,
            category=check.category,
            state="healthy" if code is None else "unhealthy",
            latency_ms=round(took_s * 1000),
            error=_error(code),
            code=code,
        )
        if code is None and not was_well:
            log.info("part is well again", part=name)
        self._results[name] = result
        self._due_s[name] = self._now_s() + self._pause_s(check, result) + check.timeout_s
        return result

    async def _watch(self, name: str) -> None:
        check = self._checks[name]
        while True:  # noqa: ASYNC110 - the pause between two runs, not a poll for an event
            await asyncio.sleep(self._pause_s(check, await self.run(name)))

    def _current(self, check: Check) -> Result:
        result = self._results[check.name]
        is_overdue = self._now_s() > self._due_s[check.name]
        if not is_overdue:
            return result
        if result.latency_ms is None:
            return structs.replace(result, state="unknown")
        return structs.replace(result, state="unknown", error="timeout", code=CheckTimedOut.code)

    @staticmethod
    def _pause_s(check: Check, result: Result) -> float:
        is_well = result.state == "healthy"
        return check.interval_s if is_well else min(check.interval_s, _RETRY_S)


def _is_bad(result: Result) -> bool:
    is_new = result.category == "warm" and result.latency_ms is None
    return result.state != "healthy" and not is_new


async def _outcome(check: Check, *, is_news: bool) -> str | None:
    try:
        async with asyncio.timeout(check.timeout_s):
            await check.run()
    except Exception as error:  # noqa: BLE001 - whatever a part raises, it is not well
        if is_news:
            log.warning(
                "part is not well", part=check.name, category=check.category, reason=repr(error)
            )
        return _code(error)
    return None


def _code(error: Exception) -> str:
    match error:
        case TimeoutError():
            return CheckTimedOut.code
        case RevengeError():
            return error.code
        case _:
            return CheckFailed.code


def _error(code: str | None) -> Literal["timeout", "failed"] | None:
    if code is None:
        return None
    return "timeout" if code == CheckTimedOut.code else "failed"
