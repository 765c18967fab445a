"""Things that windows show, as tests need them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from msgspec.structs import replace

from gui.api import Failure, Library, PlaySession, Result, Scan, ScanProblem, Status
from gui.condition import Condition, Situation
from gui.seen import Disk, Seen

READY = Status(
    version="1.2.3",
    host="127.0.0.1",
    address="http://127.0.0.1:8080/",
    phase="ready",
    done_count=0,
    total_count=0,
    is_ready=True,
    health="healthy",
    failure=None,
    postgres=None,
    setup_code=None,
)
RUNNING = Condition(situation="running", status=READY)
STARTING = Condition(
    situation="starting",
    status=replace(READY, phase="migrate", done_count=3, total_count=17, is_ready=False),
)
UNCLAIMED = Condition(situation="running", status=replace(READY, setup_code="1234"))


def a_failure(code: str, **context: str | int | None) -> Condition:
    """Return a server that failed once and is tried again."""
    failure = Failure(code=code, reason="The server says why.", context=context)
    return Condition(situation="failed", failure=failure, retry_in_s=8, failed_count=1)


FAILED = a_failure("port_taken", port=8080, free_port=None, holder=None, holder_pid=None)


def a_condition(situation: Situation) -> Condition:
    return Condition(situation=situation, status=READY)


def a_scan(state: str = "done", scan_id: UUID | None = None, **more: int) -> Scan:
    failed = ScanProblem(code="scan.failed", detail="The folder does not answer.")
    return Scan(
        scan_id=scan_id or uuid4(),
        state=state,  # type: ignore[arg-type]  # the tests name real ones
        phase="probe",
        found_count=more.get("found_count", 4),
        done_count=more.get("done_count", 1),
        error_count=more.get("error_count", 0),
        started_at=datetime.now(UTC),
        ended_at=None,
        error=failed if state == "failed" else None,
    )


def a_library(name: str = "Films", scan: Scan | None = None) -> Library:
    return Library(
        library_id=uuid4(),
        name=name,
        kind="movie",
        roots=[],
        item_count=12,
        is_watched=True,
        scans_nightly=True,
        scan=scan,
    )


def a_session(title: str = "Alien") -> PlaySession:
    return PlaySession(
        session_id=uuid4(),
        title=title,
        profile_name="Ada",
        device="Chromium",
        position_ms=3_723_000,
        length_ms=7_446_000,
        is_playing=True,
    )


def a_check(name: str = "jobs", state: str = "healthy") -> Result:
    return Result(
        name=name,
        category="warm",
        state=state,  # type: ignore[arg-type]  # the tests name real ones
        latency_ms=1,
        error="timeout" if state == "unhealthy" else None,
    )


def a_disk(free_bytes: int, total_bytes: int = 4 * 10**12) -> Disk:
    return Disk(library="Films", path="/films", free_bytes=free_bytes, total_bytes=total_bytes)


FULL = Seen(
    checks=[a_check("postgresql"), a_check()],
    playing=[a_session()],
    libraries=[a_library(scan=a_scan("running")), a_library("Archive", a_scan("failed"))],
    disks=[a_disk(2 * 10**12)],
    is_signed_in=True,
)
