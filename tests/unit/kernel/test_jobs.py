"""What a job declares, without any database."""

import pytest
from msgspec import Struct

from server.kernel.jobs import LIBRARY, METADATA, Backoff, Run, exponential, job, jobs_of
from server.kernel.jobs.model import kinds_of


class Scan(Struct, frozen=True, kw_only=True):
    library_id: int
    version: int = 0


class ScanJobs:
    @job("library.scan", queue=LIBRARY, unique=("library_id",), timeout_s=5)
    async def scan(self, payload: Scan) -> None: ...


class OtherScanJobs:
    @job("library.other", queue=LIBRARY)
    async def scan(self, payload: Scan, run: Run) -> None: ...


class Odd:
    @job("odd.text", queue=METADATA)
    async def take(self, payload: str) -> None: ...


class OddUnique:
    @job("odd.unique", queue=METADATA, unique=("name",))
    async def take(self, payload: Scan) -> None: ...


class OddRun:
    @job("odd.run", queue=METADATA)
    async def take(self, payload: Scan, more: int) -> None: ...


def test_a_marked_method_becomes_a_kind_with_the_rules_of_its_queue() -> None:
    [kind] = jobs_of(ScanJobs())
    assert (kind.rule.name, kind.payload, kind.takes_run) == ("library.scan", Scan, False)
    assert (kind.rule.retries, kind.rule.timeout_s) == (LIBRARY.retries, 5)
    [other] = jobs_of(OtherScanJobs())
    assert other.takes_run
    assert other.rule.timeout_s == LIBRARY.timeout_s


def test_the_key_of_a_job_is_made_of_the_fields_that_make_it_unique() -> None:
    [kind], [other] = jobs_of(ScanJobs()), jobs_of(OtherScanJobs())
    assert kind.key(Scan(library_id=1)) == kind.key(Scan(library_id=1, version=2))
    assert kind.key(Scan(library_id=1)) != kind.key(Scan(library_id=2))
    assert other.key(Scan(library_id=1)) is None


@pytest.mark.parametrize("controller", [Odd(), OddUnique(), OddRun()])
def test_a_declaration_that_cannot_work_is_refused(controller: object) -> None:
    with pytest.raises(TypeError, match="odd"):
        list(jobs_of(controller))


def test_a_payload_belongs_to_one_job() -> None:
    with pytest.raises(ValueError, match="twice"):
        kinds_of([ScanJobs(), OtherScanJobs()])


@pytest.mark.parametrize(
    ("backoff", "failure_count", "delay_s"),
    [
        (exponential(), 0, 1),
        (exponential(), 3, 8),
        (exponential(), 100_000, 3600),
        (Backoff(first_s=5, factor=1), 7, 5),
        (exponential(3, first_s=0.5, longest_s=4), 2, 4),
    ],
)
def test_pauses_grow_up_to_a_limit(backoff: Backoff, failure_count: int, delay_s: float) -> None:
    assert backoff.delay_s(failure_count) == delay_s
