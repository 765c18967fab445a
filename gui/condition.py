"""How the server fares, as the tray understands it. Without Qt."""

from typing import Final, Literal

import msgspec
from msgspec import Struct

from gui.api import Failure, ProgramState, Result, Status
from gui.texts import has_text, t

Situation = Literal["starting", "running", "degraded", "stopping", "stopped", "failed"]

_FIRST_PAUSE_S: Final = 1
_LONGEST_PAUSE_S: Final = 60
_LAST_WORDS_MAX: Final = 8_000
_KILL: Final = 9
_SIGNS: Final = (
    ("MemoryError", "crashed.no_memory"),
    ("No space left on device", "crashed.disk_full"),
    ("Too many open files", "crashed.too_many_files"),
    ("ImportError", "crashed.incomplete"),
    ("ModuleNotFoundError", "crashed.incomplete"),
)


class Condition(Struct, frozen=True, kw_only=True):
    """How the server fares now; `retry_in_s` tells when it is started again, after `failed_count` failures in a row.

    `failure` stays while it is started again, until it is seen to come up: who reads it, or reaches for a way out, is not rushed.
    """

    situation: Situation
    status: Status | None = None
    failure: Failure | None = None
    retry_in_s: int = 0
    failed_count: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether windows can ask the server for something."""
        return self.situation in {"running", "degraded"}

    @property
    def reason(self) -> str:
        """Why it does not run, as a sentence; empty where it does."""
        return why(self.failure) if self.failure else ""

    @property
    def free_port(self) -> int | None:
        """The port to use instead of one that cannot be had."""
        port = self.failure.context.get("free_port") if self.failure else None
        return port if isinstance(port, int) else None


def why(failure: Failure) -> str:
    """Return why a server does not run, in the language of the windows where they know the code."""
    code = f"why.{failure.code}"
    if not has_text(code):
        return failure.reason
    context = failure.context
    holder = context.get("holder") or t("why.another_program")
    others = context.get("other_count")
    said = t(code, **{**context, "holder": holder})
    return f"{said} {t('why.others', count=others)}" if others else said


def retry(condition: Condition) -> str:
    """Return when the next attempt is, and how many failed before; empty where none will be."""
    if not condition.retry_in_s:
        return t("retry.now") if condition.failure and condition.situation == "starting" else ""
    has_crashed = condition.failure and condition.failure.code.startswith("crashed")
    code = "retry.crashed" if has_crashed else "retry.again"
    return t(
        code if condition.failed_count > 1 else "retry.first",
        count=condition.failed_count,
        seconds=condition.retry_in_s,
    )


def need(condition: Condition) -> str:
    """Return what a person must know or do; empty where nothing."""
    if condition.failure is not None:
        return condition.reason
    code = condition.status.setup_code if condition.status and condition.is_ready else None
    return t("tray.needs_setup", code=code) if code else ""


def missing(condition: Condition) -> list[str]:
    """Return why a server that runs is not well, a sentence for each part that it lacks, the gravest first."""
    status = condition.status
    if status is None or condition.situation != "degraded":
        return []
    away = sorted(
        (check for check in status.checks if check.state == "unhealthy"),
        key=lambda check: check.category != "critical",
    )
    return [lack(check, status) or f"{part(check)}: {fares(check)}" for check in away]


def lack(check: Result, status: Status | None) -> str:
    """Return why a part is away where that is known: its program ended, or its code says so."""
    programs: dict[str, ProgramState | None] = {}
    if status is not None:
        programs = {"postgresql": status.postgres, "cache": status.cache, "search": status.search}
    code = f"why.{check.code}"
    return ended(programs.get(check.name)) or (t(code) if has_text(code) else "")


def ended(program: ProgramState | None) -> str:
    """Return why a program is away; empty where it is not."""
    if program is None or program.state == "running" or not program.cause:
        return ""
    return why(Failure(code=program.cause, reason=program.reason or "", context={}))


def part(check: Result) -> str:
    """Return the name of a part."""
    code = f"part.{check.name}"
    return t(code) if has_text(code) else check.name


def fares(check: Result) -> str:
    """Return how a part fares, whatever the reason."""
    return t(
        f"check.{check.error or 'failed'}" if check.state == "unhealthy" else f"check.{check.state}"
    )


def condition_of(status: Status) -> Condition:
    """Return how a server fares that says so itself."""
    if status.failure:
        return Condition(situation="failed", status=status, failure=status.failure)
    if status.phase == "stopping":
        return Condition(situation="stopping", status=status)
    if not status.is_ready:
        return Condition(situation="starting", status=status)
    is_well = status.health in {"healthy", None}
    return Condition(situation="running" if is_well else "degraded", status=status)


def pause_s(failed_count: int) -> int:
    """Return how long to wait before another start after so many failures in a row."""
    return min(_FIRST_PAUSE_S << min(failed_count, 10), _LONGEST_PAUSE_S)


def failure_of(said: str, signal: int | None = None) -> Failure:
    """Return why a server ended: its last line, which is data; else what its end and its last words mean."""
    said = said[-_LAST_WORDS_MAX:]
    lines = said.strip().splitlines()
    try:
        return msgspec.json.decode(lines[-1] if lines else "", type=Failure)
    except msgspec.DecodeError:
        known = (code for sign, code in _SIGNS if sign in said)
        return ours("crashed.killed" if signal == _KILL else next(known, "crashed"))


def ours(code: str, **context: str | int | None) -> Failure:
    """Return a failure that the server did not tell itself."""
    return Failure(code=code, reason=t(f"why.{code}", **context), context=context)
