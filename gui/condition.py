"""How the server fares, as the tray understands it. Without Qt."""

from typing import Final, Literal

import msgspec
from msgspec import Struct

from gui.api import Status
from gui.texts import t

Situation = Literal["starting", "running", "degraded", "stopping", "stopped", "failed"]

_FIRST_PAUSE_S: Final = 1
_LONGEST_PAUSE_S: Final = 60
_LAST_WORDS_MAX: Final = 2_000


class TakenPort(Struct, frozen=True, kw_only=True):
    """A port that another program has, and the next one that nobody has."""

    free_port: int | None = None


class Refusal(Struct, frozen=True, kw_only=True):
    """What a server says that ends before it has begun."""

    reason: str = ""
    taken_port: TakenPort | None = None

    @property
    def free_port(self) -> int | None:
        """Return the port to use instead of one that is taken."""
        return self.taken_port.free_port if self.taken_port else None


class Condition(Struct, frozen=True, kw_only=True):
    """How the server fares now; `reason` is a sentence, `retry_in_s` when it is started again.

    `free_port` is there where it may start on another port than the one that is taken.
    """

    situation: Situation
    status: Status | None = None
    reason: str = ""
    retry_in_s: int = 0
    free_port: int | None = None

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


def refusal_of(said: str) -> Refusal:
    """Return why a server refused to start: its last line, which is data; no reason where it said nothing."""
    lines = said[-_LAST_WORDS_MAX:].strip().splitlines()
    try:
        return msgspec.json.decode(lines[-1] if lines else "", type=Refusal)
    except msgspec.DecodeError:
        return Refusal()
