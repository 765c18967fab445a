"""Things of the server as windows get them, for tests."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gui.api import Library, Root, Scan, Setup, SetupDatabase, SetupStep, Status, StepName
from gui.condition import Condition

STARTED_AT = datetime(2026, 11, 21, 3, 15, tzinfo=UTC)


def a_condition(**differing: Any) -> Condition:
    """Return a server that is ready and unclaimed."""
    fields: dict[str, Any] = {
        "version": "1",
        "host": "127.0.0.1",
        "address": "http://127.0.0.1:9",
        "phase": "ready",
        "done_count": 0,
        "total_count": 0,
        "is_ready": True,
        "health": "healthy",
        "failure": None,
        "postgres": None,
        "setup_code": "ABCD-EFGH",
    }
    return Condition(situation="running", status=Status(**(fields | differing)))


def a_setup(*states: str, **database: Any) -> Setup:
    """Return the steps of a setup in these states, on the server's own database while nobody has claimed it."""
    names: tuple[StepName, ...] = ("language", "database", "administrator", "library")
    steps: list[Any] = [
        SetupStep(name=name, state=state)  # type: ignore[arg-type] # the test names real states
        for name, state in zip(names, states, strict=True)
    ]
    own = {"is_external": False, "is_restarting": False, "pinned_by": None, "problem": None}
    return Setup(
        is_complete="open" not in states,
        steps=steps,
        database=SetupDatabase(**(own | database)) if states[2] == "open" else None,
    )


def a_scan(number: int = 1, **differing: Any) -> Scan:
    """Return a scan that runs."""
    fields: dict[str, Any] = {
        "scan_id": UUID(int=number),
        "state": "running",
        "phase": "probe",
        "found_count": 1000,
        "done_count": 100,
        "error_count": 0,
        "started_at": STARTED_AT,
        "ended_at": None,
        "error": None,
    }
    return Scan(**(fields | differing))


def a_library(number: int = 1, **differing: Any) -> Library:
    """Return a library of films that was never scanned."""
    root = Root(root_id=UUID(int=100 + number), path=f"/srv/films{number}", state="online")
    fields: dict[str, Any] = {
        "library_id": UUID(int=number),
        "name": f"Films {number}",
        "kind": "movie",
        "roots": [root],
        "item_count": 7,
        "is_watched": True,
        "scans_nightly": True,
        "scan": None,
    }
    return Library(**(fields | differing))
