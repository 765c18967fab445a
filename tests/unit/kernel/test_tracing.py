import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from typing import Any, ClassVar

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from structlog.contextvars import clear_contextvars

from server.kernel.errors import NotFound
from server.kernel.jobs.model import METADATA, Rule
from server.kernel.log import bound, bound_now, cause
from server.kernel.tracing import LastWords, Sender, TracedDb, TracedWorkers, Traces
from server.kernel.workers import Work, WorkerFailed

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ASKED, NOT_ASKED = f"00-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-00"
RULE = Rule(
    name="pictures.make",
    queue=METADATA,
    retries=0,
    unique=None,
    backoff=METADATA.backoff,
    timeout_s=1,
)


class Kept:
    """Traces whose spans are kept at once."""

    def __init__(self, percent: int) -> None:
        self._exporter = InMemorySpanExporter()
        self.traces = Traces(SimpleSpanProcessor(self._exporter), percent)

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        """Return what ended, by name."""
        return {span.name: span for span in self._exporter.get_finished_spans()}

    def request(self, asked: str = "", *, is_trusted: bool = False) -> None:
        """Answer a request."""
        span = self.traces.request("GET", "/items/{item_id}", 0.0, asked, is_trusted=is_trusted)
        if span is not None:
            span.end(200, 0.5)


@pytest.fixture(autouse=True)
def _nothing_bound() -> Iterator[None]:
    """A request leaves its fields to the next one, which clears them."""
    clear_contextvars()
    yield
    clear_contextvars()


@pytest.fixture
def kept() -> Kept:
    return Kept(100)


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


@pytest.mark.parametrize(
    ("percent", "asked", "is_trusted", "is_traced"),
    [
        (100, "", False, True),
        (0, "", False, False),
        (0, "", True, False),
        (0, ASKED, True, True),
        (100, NOT_ASKED, True, False),
        (0, ASKED, False, False),
        (100, NOT_ASKED, False, True),
    ],
)
def test_who_decides_what_is_traced(
    percent: int, asked: str, is_trusted: bool, is_traced: bool
) -> None:
    kept = Kept(percent)
    kept.request(asked, is_trusted=is_trusted)
    assert bool(kept.spans) is is_traced
    assert ("traceparent" in bound_now()) is is_traced


def test_a_trusted_client_is_joined_and_a_stranger_only_noted(kept: Kept) -> None:
    kept.request(ASKED, is_trusted=True)
    (ours,) = kept.spans.values()
    assert trace_of(ours) == TRACE
    assert ours.parent is not None
    assert f"{ours.parent.span_id:016x}" == SPAN
    others = Kept(100)
    others.request(ASKED)
    (alone,) = others.spans.values()
    assert alone.parent is None
    assert trace_of(alone) != TRACE
    assert [f"{link.context.trace_id:032x}" for link in alone.links] == [TRACE]


@pytest.mark.parametrize(
    "asked",
    [
        "00",
        "x" * 100_000,
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n00-{TRACE}-{SPAN}-01",
        f"\uff10\uff10-{TRACE}-{SPAN}-01",
    ],
)
def test_a_header_that_means_nothing_asks_for_nothing(asked: str) -> None:
    unasked, kept = Kept(0), Kept(100)
    unasked.request(asked, is_trusted=True)
    kept.request(asked, is_trusted=True)
    assert not unasked.spans
    assert [(span.parent, len(span.links)) for span in kept.spans.values()] == [(None, 0)]


@pytest.mark.parametrize(("status", "code"), [(404, StatusCode.UNSET), (500, StatusCode.ERROR)])
def test_a_request_ends_with_its_status_and_what_it_was_answered_for(
    kept: Kept, status: int, code: StatusCode
) -> None:
    span = kept.traces.request("GET", "/items/{item_id}", 0.0, "", is_trusted=False)
    assert span is not None
    span.fail(NotFound(title="Needle"))
    span.end(status, 0.5)
    found = kept.spans["GET /items/{item_id}"]
    assert found.attributes == {
        "http.request.method": "GET",
        "http.route": "/items/{item_id}",
        "http.response.status_code": status,
        "error.type": "NotFound",
        "revenge.error_code": "not_found",
    }
    assert found.status.status_code is code
    assert found.start_time is not None
    assert found.end_time == found.start_time + 500_000_000
    assert "Needle" not in found.to_json()


@pytest.mark.parametrize(
    ("percent", "fields", "is_traced"),
    [
        (100, {}, True),
        (0, {}, False),
        (100, {"request_id": "r1"}, False),
        (0, {"request_id": "r1", "traceparent": ASKED}, True),
        (0, {"traceparent": ASKED}, True),
    ],
)
def test_a_job_is_traced_with_what_caused_it(
    percent: int, fields: dict[str, str], is_traced: bool
) -> None:
    kept = Kept(percent)
    with bound(**fields):
        with kept.traces.job(RULE):
            inside = cause().get("traceparent")
        assert cause() == fields
    assert bool(kept.spans) is is_traced
    if is_traced:
        span = kept.spans["job pictures.make"]
        assert span.context is not None
        assert inside is not None
        assert inside.startswith(f"00-{trace_of(span)}-{span.context.span_id:016x}-")
        assert (trace_of(span) == TRACE) is ("traceparent" in fields)


def test_an_error_is_told_by_class_and_code_only(kept: Kept) -> None:
    with pytest.raises(WorkerFailed), kept.traces.job(RULE):
        raise WorkerFailed(reason="media.damaged", detail="/films/Needle.mkv")
    span = kept.spans["job pictures.make"]
    assert span.attributes is not None
    assert span.attributes["error.type"] == "WorkerFailed"
    assert span.attributes["revenge.error_code"] == "worker.failed"
    assert span.status.status_code is StatusCode.ERROR
    assert "Needle" not in span.to_json()


def test_what_switches_opentelemetry_off_switches_nothing_else_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    kept = Kept(100)
    kept.request(ASKED, is_trusted=True)
    with kept.traces.job(RULE):
        kept.traces.note("sql items.one", cause()["traceparent"], 0.1, None)
    assert not kept.spans


class Heard:
    def __init__(self) -> None:
        self.ran_queries: list[str] = []
        self.wait_count = 0

    def ran(self, query: str, duration_s: float, error: BaseException | None) -> None:
        self.ran_queries.append(query)

    def waited(self, duration_s: float) -> None:
        self.wait_count += 1


def test_a_statement_belongs_to_the_work_in_hand_or_to_no_trace(kept: Kept) -> None:
    heard = Heard()
    watch = TracedDb(kept.traces, heard)
    watch.ran("items.alone", 0.1, None)
    watch.waited(0.1)
    with bound(traceparent=ASKED):
        watch.ran("items.one", 0.1, None)
        watch.ran("items.lost", 0.1, ValueError("Needle"))
    assert (heard.ran_queries, heard.wait_count) == (["items.alone", "items.one", "items.lost"], 1)
    spans = kept.spans
    assert set(spans) == {"sql items.one", "sql items.lost"}
    assert {trace_of(span) for span in spans.values()} == {TRACE}
    assert spans["sql items.lost"].attributes == {"error.type": "ValueError"}
    assert "Needle" not in spans["sql items.lost"].to_json()


class Count(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "count"
    reply: ClassVar[type] = int


class Pour(Count, frozen=True, kw_only=True):
    op: ClassVar[str] = "pour"
    is_paced: ClassVar[bool] = True


class Counting:
    """Workers in this process."""

    async def run[Reply](self, work: Work[Reply], *, timeout_s: float) -> Reply:
        if timeout_s < 0:
            raise WorkerFailed(op=work.op)
        return work.reply(1)  # type: ignore[no-any-return]

    async def stream[Reply](self, work: Work[Reply], *, timeout_s: float) -> AsyncGenerator[Reply]:
        yield work.reply(1)
        yield work.reply(2)


async def test_what_workers_did_is_traced_but_not_how_long_somebody_watched(kept: Kept) -> None:
    workers = TracedWorkers(kept.traces, Counting())
    assert await workers.run(Count(), timeout_s=1) == 1
    assert not kept.spans
    with bound(traceparent=ASKED):
        assert [number async for number in workers.stream(Pour(), timeout_s=1)] == [1, 2]
        assert not kept.spans
        async with aclosing(workers.stream(Count(), timeout_s=1)) as replies:
            assert await anext(replies) == 1
        span = kept.spans["worker count"]
        assert (trace_of(span), span.attributes) == (TRACE, {})
        with pytest.raises(WorkerFailed):
            await workers.run(Count(), timeout_s=-1)
    assert kept.spans["worker count"].status.status_code is StatusCode.ERROR


class Gone(SpanExporter):
    """A collector that does not take anything; it may not even answer until `answers` is set."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.batch_sizes: list[int] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.answers.wait()
        self.batch_sizes.append(len(spans))
        return SpanExportResult.FAILURE


@pytest.fixture
def gone() -> Iterator[Gone]:
    made = Gone()
    yield made
    made.answers.set()


def warnings(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    found = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [event for event in found if event["event"] == "traces are lost"]


def many(sender: Sender, count: int) -> Callable[[], None]:
    traces = Traces(sender, 100)

    def end_all() -> None:
        for _ in range(count):
            traces.note("sql items.one", ASKED, 0.1, None)

    return end_all


def test_a_collector_that_is_gone_is_told_of_once(
    gone: Gone, caplog: pytest.LogCaptureFixture
) -> None:
    gone.answers.set()
    sender = Sender(gone, LastWords())
    many(sender, 1500)()
    sender.shutdown()
    assert sum(gone.batch_sizes) == 1500
    assert len(gone.batch_sizes) >= 3
    (event,) = warnings(caplog)
    assert event["level"] == "warning"


def test_a_collector_that_hangs_holds_up_neither_work_nor_end_and_fills_no_memory(
    gone: Gone,
) -> None:
    sender = Sender(gone, LastWords())
    many(sender, 10_000)()
    sender.shutdown()
    assert gone.batch_sizes == []
    assert len(sender._waiting) <= 4096
