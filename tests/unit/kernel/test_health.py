import asyncio
from collections.abc import Awaitable, Callable

import pytest

from server.kernel.db import DatabaseFull
from server.kernel.health import Category, Check, Health, startup
from server.kernel.http.api import Call
from server.kernel.http.probes import HealthRoutes
from server.kernel.messages import Messages
from server.kernel.phases import Phase


async def well() -> None: ...


async def ill() -> None:
    raise ConnectionError("postgres://u:hunter2@db")


async def stuck() -> None:
    await asyncio.Event().wait()


class Now:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def check(run: Callable[[], Awaitable[None]], category: Category = "critical") -> Check:
    return Check(name="part", category=category, interval_s=30, run=run, timeout_s=0.01)


@pytest.mark.parametrize(
    ("category", "run", "status", "is_ready"),
    [
        ("critical", well, "healthy", True),
        ("warm", well, "healthy", True),
        ("critical", ill, "unhealthy", False),
        ("critical", stuck, "unhealthy", False),
        ("warm", ill, "degraded", True),
        ("cold", ill, "healthy", True),
    ],
)
async def test_what_a_failing_part_means(
    category: Category, run: Callable[[], Awaitable[None]], status: str, *, is_ready: bool
) -> None:
    health = Health([check(run, category)])
    await health.run("part")
    ready = health.ready()
    assert (ready.status, ready.is_ready) == (status, is_ready)


def test_before_its_first_run_a_critical_part_is_not_ready() -> None:
    ready = Health([check(well)]).ready()
    assert not ready.is_ready
    assert ready.checks[0].state == "unknown"


def test_before_its_first_run_a_warm_part_is_not_missed() -> None:
    ready = Health([check(ill, "warm")]).ready()
    assert (ready.status, ready.checks[0].state) == ("healthy", "unknown")


def test_without_checks_all_is_well() -> None:
    assert Health([]).ready().is_ready


@pytest.mark.parametrize(("run", "error"), [(ill, "failed"), (stuck, "timeout")])
async def test_the_document_says_no_more_than_a_word(
    run: Callable[[], Awaitable[None]], error: str
) -> None:
    health = Health([check(run)])
    await health.run("part")
    (result,) = health.ready().checks
    assert result.error == error
    assert "hunter2" not in str(health.ready())


async def test_a_result_that_is_overdue_counts_as_unknown() -> None:
    now = Now()
    health = Health([check(well)], now_s=now)
    await health.run("part")
    now.now_s = 30.0
    assert health.ready().is_ready
    now.now_s = 31.0
    assert not health.ready().is_ready


async def test_watching_runs_each_part_until_cancelled_whatever_the_others_do() -> None:
    runs = {"good": 0, "bad": 0}

    async def good() -> None:
        runs["good"] += 1

    async def bad() -> None:
        runs["bad"] += 1
        raise RuntimeError

    health = Health(
        [
            Check(name="good", category="critical", interval_s=0.001, run=good),
            Check(name="bad", category="warm", interval_s=0.001, run=bad),
            Check(name="stuck", category="cold", interval_s=0.001, run=stuck, timeout_s=0.001),
        ]
    )
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await health.watch()
    assert min(runs.values()) > 1
    assert health.ready().status == "degraded"


async def test_a_part_that_recovers_is_well_again() -> None:
    errors = [OSError()]

    async def recovering() -> None:
        if errors:
            raise errors.pop()

    health = Health([check(recovering)])
    await health.run("part")
    assert not health.ready().is_ready
    await health.run("part")
    assert health.ready().is_ready


async def test_cancelling_a_check_is_no_failure_of_the_part() -> None:
    health = Health([Check(name="part", category="critical", interval_s=1, run=stuck)])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await health.run("part")
    assert health.ready().checks[0].state == "unknown"


@pytest.mark.parametrize(
    ("phase", "error", "is_ready"),
    [
        (Phase(name="migrate", done_count=3, total_count=17), None, False),
        (Phase(name="ready"), None, True),
        (Phase(name="ready"), "db.full", False),
        (Phase(name="stopping"), None, False),
    ],
)
def test_startup_says_how_far_it_is(phase: Phase, error: str | None, *, is_ready: bool) -> None:
    document = startup(phase, error=error)
    assert (document.phase, document.is_ready) == (phase.name, is_ready)
    assert (document.done_count, document.total_count) == (phase.done_count, phase.total_count)


async def full() -> None:
    raise DatabaseFull


@pytest.mark.parametrize(
    ("run", "code"),
    [(well, None), (full, "db.full"), (ill, "health.failed"), (stuck, "health.timeout")],
)
@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_report_gives_a_reason_in_words(
    run: Callable[[], Awaitable[None]], code: str | None, language: str
) -> None:
    health, texts = Health([check(run)]), Messages.load()
    call = Call(request_id="1", client_address="", user_agent="", language=language)
    routes = HealthRoutes(health, texts)
    (before,) = (await routes.report(call)).parts
    assert (before.is_initialised, before.is_healthy, before.code) == (False, False, None)
    await health.run("part")
    report = await routes.report(call)
    (part,) = report.parts
    assert report.status == ("unhealthy" if code else "healthy")
    assert (part.is_initialised, part.is_healthy, part.code) == (True, code is None, code)
    assert part.reason == (texts.text(language, code, {}).detail if code else None)
    assert "hunter2" not in str(report)


async def test_the_report_says_why_a_part_is_no_longer_known_to_be_well() -> None:
    now = Now()
    health = Health([check(well)], now_s=now)
    await health.run("part")
    now.now_s = 31.0
    (result,) = health.ready().checks
    assert (result.state, result.code) == ("unknown", "health.timeout")
