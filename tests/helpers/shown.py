"""Things of the server as windows get them, for tests."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from gui.api import (
    Failure,
    Library,
    PlaySession,
    Result,
    Root,
    Scan,
    ScanProblem,
    SettingsSection,
    Setup,
    SetupDatabase,
    SetupStep,
    Status,
    StepName,
)
from gui.condition import Condition, Situation
from gui.seen import Disk, Seen

STARTED_AT = datetime(2026, 11, 21, 3, 15, tzinfo=UTC)
BROKEN_OFF = ScanProblem(code="scan.failed", detail="The folder does not answer.")
READY = Status(
    version="1.2.3",
    host="127.0.0.1",
    address="http://127.0.0.1:8080/",
    phase="ready",
    done_count=0,
    total_count=0,
    is_ready=True,
    health="healthy",
    checks=[],
    failure=None,
    postgres=None,
    cache=None,
    search=None,
    setup_code=None,
)


def a_condition(situation: Situation = "running", **differing: Any) -> Condition:
    """Return a server that is ready and claimed."""
    return Condition(situation=situation, status=replace(READY, **differing))


RUNNING = a_condition()
OPEN = a_condition(host="::")
UNCLAIMED = a_condition(setup_code="ABCD-EFGH")
STARTING = a_condition("starting", phase="migrate", done_count=3, total_count=17, is_ready=False)


def a_failure(code: str, **context: str | int | None) -> Condition:
    """Return a server that failed once and is tried again."""
    failure = Failure(code=code, reason="The server says why.", context=context)
    return Condition(situation="failed", failure=failure, retry_in_s=8, failed_count=1)


FAILED = a_failure("port_taken", port=8080, free_port=None, holder=None, holder_pid=None)


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
        "error": BROKEN_OFF if differing.get("state") == "failed" else None,
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


def a_form(**differing: Any) -> SettingsSection:
    """Return a section with a setting of each kind that a window can change, all at their defaults."""
    of_kinds: dict[str, Any] = {
        "days": {"type": "integer", "minimum": 7, "maximum": 3650, "default": 90},
        "is_open": {"type": "boolean", "default": True},
        "name": {"type": "string", "maxLength": 60, "default": ""},
        "order": {
            "oneOf": [
                {"const": "title", "title": "By title"},
                {"const": "added", "title": "Newest first"},
            ],
            "default": "title",
        },
    }
    titles = {"days": "Days kept", "is_open": "Open", "name": "Name", "order": "Order of films"}
    properties = {
        name: {"title": titles[name], "description": f"What {name} does."} | schema
        for name, schema in of_kinds.items()
    }
    fields: dict[str, Any] = {
        "name": "made",
        "title": "Made up",
        "schema": {"type": "object", "properties": properties},
        "values": {name: schema["default"] for name, schema in of_kinds.items()},
        "pinned": {},
    }
    return SettingsSection(**(fields | differing))


def a_session(title: str = "Alien") -> PlaySession:
    """Return a film that plays."""
    return PlaySession(
        session_id=UUID(int=1),
        title=title,
        profile_name="Ada",
        device="Chromium",
        position_ms=3_723_000,
        length_ms=7_446_000,
        is_playing=True,
    )


def a_check(name: str = "jobs", state: str = "healthy", code: str | None = None) -> Result:
    """Return how a part of the server fares."""
    return Result(
        name=name,
        category="warm",
        state=state,  # type: ignore[arg-type]  # the tests name real ones
        latency_ms=1,
        error="timeout" if state == "unhealthy" else None,
        code=code,
    )


def a_disk(free_bytes: int, total_bytes: int = 4 * 10**12) -> Disk:
    """Return the disk under a folder."""
    return Disk(library="Films", path="/films", free_bytes=free_bytes, total_bytes=total_bytes)


FULL = Seen(
    checks=[a_check("postgresql"), a_check()],
    playing=[a_session()],
    libraries=[
        a_library(1, scan=a_scan(1)),
        a_library(2, scan=a_scan(2, state="failed", error=BROKEN_OFF)),
    ],
    disks=[a_disk(2 * 10**12)],
    is_signed_in=True,
)
