"""How the server fares, as the tray understands it. Without Qt."""

from typing import Final, Literal

from msgspec import Struct

from gui.api import Status
from gui.texts import t

Situation = Literal["starting", "running", "degraded", "stopping", "stopped", "failed"]

_FIRST_PAUSE_S: Final = 1
_LONGEST_PAUSE_S: Final = 60
_LAST_WORDS_MAX: Final = 2_000


class Condition(Struct, frozen=True, kw_only=True):
    """How the server fares now; `reason` is a sentence, `retry_in_s` when it is started again."""

    situation: Situation
    status: Status | None = None
    reason: str = ""
    retry_in_s: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether windows can ask the server for something."""
        return self.situation in {"running", "degraded"}


def need(condition: Condition) -> str:
    """Return what a person must know or do; empty where nothing."""
    if condition.situation == "failed":
        return condition.reason
    code = condition.status.setup_code if condition.status and condition.is_ready else None
    return t("tray.needs_setup", code=code) if code else ""


def condition_of(status: Status) -> Condition:
    """Return how a server fares that says so itself."""
    if status.failure:
        return Condition(situation="failed", status=status, reason=status.failure)
    if status.phase == "stopping":
        return Condition(situation="stopping", status=status)
    if not status.is_ready:
        return Condition(situation="starting", status=status)
    is_well = status.health in {"healthy", None}
    return Condition(situation="running" if is_well else "degraded", status=status)


def pause_s(crash_count: int) -> int:
    """Return how long to wait before another start after so many crashes in a row."""
    return min(_FIRST_PAUSE_S << min(crash_count, 10), _LONGEST_PAUSE_S)


def reason_of(said: str) -> str:
    """Return the sentence with which a server refused to start: the last line, without the program's name."""
    lines = said[-_LAST_WORDS_MAX:].strip().splitlines()
    program, colon, sentence = lines[-1].partition(": ") if lines else ("", "", "")
    return sentence if colon and program.startswith("revenge") else ""
