"""Traces for OpenTelemetry: where the time of a request goes, through its jobs, worker processes and statements.

Imported where a collector is named, and nowhere else. The span in hand stands among the fields of the log as
`traceparent`, and goes with the id of the request into jobs and to the lines of worker processes.
"""

import asyncio
import logging
import random
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    Link,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    format_span_id,
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from structlog.contextvars import bind_contextvars

from server.kernel.db import Watch
from server.kernel.errors import RevengeError
from server.kernel.jobs.model import Rule
from server.kernel.log import bound, cause, get_log
from server.kernel.secret import SecretUrl
from server.kernel.version import VERSION
from server.kernel.workers import Work, WorkerPools, Workers

log = get_log(__name__)

_SEND_EVERY_S: Final = 1.0
_BATCH: Final = 512
_MOST_WAITING: Final = 4096  # some 5 MB
_ANSWER_S: Final = 10.0
_END_S: Final = 0.5
_WARN_EVERY_S: Final = 3600.0
_FAULT: Final = 500  # from this status on it is the server that failed

_w3c: Final = TraceContextTextMapPropagator()


@asynccontextmanager
async def open_traces(endpoint: SecretUrl, sample_percent: int) -> AsyncIterator["Traces"]:
    """Yield the traces of a realm; leaving sends what still waits, for half a second at most."""
    with _last_words() as words:
        sender = Sender(OTLPSpanExporter(_address(endpoint.reveal()), timeout=_ANSWER_S), words)
        try:
            yield Traces(sender, sample_percent)
        finally:
            await asyncio.to_thread(sender.shutdown)


class Traces:
    """The traces of one realm; another realm has others, or none, so neither tells of the other.

    A request or a job is traced whole or not at all, which is decided where it begins: `sample_percent` are drawn.
    """

    def __init__(self, sender: SpanProcessor, sample_percent: int) -> None:
        provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource({"service.name": "revenge", "service.version": VERSION}),
            shutdown_on_exit=False,
        )
        provider.add_span_processor(sender)
        self._tracer = provider.get_tracer("revenge", VERSION)
        self._share = sample_percent / 100

    def request(
        self, method: str, route: str, began_s: float, asked: str, *, is_trusted: bool
    ) -> "RequestSpan | None":
        """Begin to trace a request that came in at `began_s`, with what it causes; None where it is not to be traced.

        `asked` is the `traceparent` of the client. Of one that is trusted it decides, and the span joins its trace;
        of a stranger it is noted only: who chooses the trace also chooses what is kept, and what it is mixed with.
        """
        theirs = _span_context(asked) if asked else INVALID_SPAN_CONTEXT
        is_joined = is_trusted and theirs.is_valid
        if not (theirs.trace_flags.sampled if is_joined else self._is_drawn()):
            return None
        began_ns = time.time_ns() - _ns(time.perf_counter() - began_s)
        span = self._tracer.start_span(
            f"{method} {route}",
            _context(asked) if is_joined else Context(),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "http.route": route},
            links=[Link(theirs)] if theirs.is_valid and not is_joined else [],
            start_time=began_ns,
        )
        bind_contextvars(traceparent=_traceparent(span))
        return RequestSpan(span, began_ns)

    @contextmanager
    def job(self, rule: Rule) -> Iterator[None]:
        """Trace a run of a job: with what caused it, and drawn where nothing did."""
        caused = cause()
        parent = caused.get("traceparent")
        if parent is None and (caused or not self._is_drawn()):
            yield
            return
        span = self._tracer.start_span(
            f"job {rule.name}",
            _context(parent or ""),
            kind=SpanKind.CONSUMER,
            attributes={"revenge.queue": rule.queue.name},
        )
        with bound(traceparent=_traceparent(span)):
            try:
                yield
            except BaseException as error:
                _fail(span, error)
                raise
            finally:
                span.end()

    def statements(self, watch: Watch) -> Watch:
        """Return a watch that traces what it hears, and tells the other one."""
        return TracedDb(self, watch)

    def workers(self, pools: WorkerPools) -> WorkerPools:
        """Return the pools with the traces of what they do."""
        return replace(
            pools,
            background=TracedWorkers(self, pools.background),
            answers=TracedWorkers(self, pools.answers),
            streams=TracedWorkers(self, pools.streams),
        )

    def note(self, name: str, parent: str, duration_s: float, error: BaseException | None) -> None:
        """Put on record what ended just now and led to nothing further."""
        ended_ns = time.time_ns()
        span = self._tracer.start_span(
            name,
            _context(parent),
            kind=SpanKind.CLIENT,
            start_time=ended_ns - _ns(duration_s),
        )
        if error is not None:
            _fail(span, error)
        span.end(ended_ns)

    def _is_drawn(self) -> bool:
        return random.random() < self._share  # noqa: S311 - guards nothing


class RequestSpan:
    """A traced request; like its duration it ends when its answer begins."""

    def __init__(self, span: Span, began_ns: int) -> None:
        self._span = span
        self._began_ns = began_ns

    def fail(self, error: Exception) -> None:
        """Note what it is answered for, which need not be a fault of the server."""
        _note_error(self._span, error)

    def end(self, status: int, duration_s: float) -> None:
        """Put the request on record."""
        self._span.set_attribute("http.response.status_code", status)
        if status >= _FAULT:
            self._span.set_status(StatusCode.ERROR)
        self._span.end(self._began_ns + _ns(duration_s))


class TracedDb:
    """Hears of statements for another watch, and traces those that belong to a traced work, by their name."""

    def __init__(self, traces: Traces, watch: Watch) -> None:
        self._traces = traces
        self._watch = watch

    def ran(self, query: str, duration_s: float, error: BaseException | None) -> None:
        """Note a statement that ended, well or with an error."""
        self._watch.ran(query, duration_s, error)
        parent = cause().get("traceparent")
        if parent is not None:
            self._traces.note(f"sql {query}", parent, duration_s, error)

    def waited(self, duration_s: float) -> None:
        """Note a wait for a connection, in vain or not."""
        self._watch.waited(duration_s)


class TracedWorkers:
    """Worker processes, seen from here: the wait for a free one belongs to the span, and they load nothing for it.

    Work that lasts, or goes at the pace of a player, is not traced: how long somebody watched is theirs.
    """

    def __init__(self, traces: Traces, workers: Workers) -> None:
        self._traces = traces
        self._workers = workers

    async def run[Reply](self, work: Work[Reply], *, timeout_s: float) -> Reply:
        """Return the one reply. Raises: WorkerFailed, WorkerLost. Cancelling ends the worker's process."""
        with self._noted(work):
            return await self._workers.run(work, timeout_s=timeout_s)

    async def stream[Reply](self, work: Work[Reply], *, timeout_s: float) -> AsyncGenerator[Reply]:
        """Yield replies as they come; `timeout_s` bounds each wait. Raises: WorkerFailed, WorkerLost."""
        with self._noted(work):
            async with aclosing(self._workers.stream(work, timeout_s=timeout_s)) as replies:
                async for reply in replies:
                    yield reply

    @contextmanager
    def _noted(self, work: Work[Any]) -> Iterator[None]:
        parent = cause().get("traceparent")
        if parent is None or work.is_lasting or work.is_paced:
            yield
            return
        began_s = time.perf_counter()
        try:
            yield
        except BaseException as error:
            self._note(work, parent, began_s, error)
            raise
        self._note(work, parent, began_s, None)

    def _note(
        self, work: Work[Any], parent: str, began_s: float, error: BaseException | None
    ) -> None:
        is_left = isinstance(error, GeneratorExit)  # whoever asked wants no more replies
        duration_s = time.perf_counter() - began_s
        self._traces.note(f"worker {work.op}", parent, duration_s, None if is_left else error)


class Sender(SpanProcessor):
    """Sends spans from a thread of its own, so that a collector which is slow or gone holds up nobody.

    Of too many that wait the oldest are lost. OpenTelemetry's own sender starts a thread in every forked child, and
    may take half a minute to end.
    """

    def __init__(self, exporter: SpanExporter, words: "LastWords") -> None:
        self._exporter = exporter
        self._words = words
        self._waiting: deque[ReadableSpan] = deque(maxlen=_MOST_WAITING)
        self._lost_count = 0
        self._warned_s = float("-inf")
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self._thread.start()

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span that ended."""
        if len(self._waiting) == _MOST_WAITING:
            self._lost_count += 1
        self._waiting.append(span)

    def shutdown(self) -> None:
        """Send what waits, and give up on it after half a second."""
        self._is_over.set()
        self._thread.join(_END_S)
        self._exporter.shutdown()

    def _run(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._is_over.wait(_SEND_EVERY_S)
            while self._waiting:
                count = min(_BATCH, len(self._waiting))
                self._send([self._waiting.popleft() for _ in range(count)])

    def _send(self, batch: list[ReadableSpan]) -> None:
        self._words.text = ""
        if self._exporter.export(batch) is not SpanExportResult.SUCCESS:
            self._lost_count += len(batch)
        if self._lost_count and time.monotonic() - self._warned_s > _WARN_EVERY_S:
            log.warning("traces are lost", span_count=self._lost_count, reason=self._words.text)
            self._lost_count = 0
            self._warned_s = time.monotonic()


class LastWords(logging.Handler):
    """Keeps the first of what OpenTelemetry says about one try, which it would say again at every other one."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.text = self.text or record.getMessage()


@contextmanager
def _last_words() -> Iterator[LastWords]:
    words, library = LastWords(), logging.getLogger("opentelemetry")
    library.addHandler(words)
    library.propagate = False
    try:
        yield words
    finally:
        library.propagate = True
        library.removeHandler(words)


def _address(endpoint: str) -> str:
    """Return the address for traces of a collector."""
    parts = urlsplit(endpoint)
    return parts._replace(path="/v1/traces").geturl() if parts.path in {"", "/"} else endpoint


def _context(traceparent: str) -> Context:
    """Return the span that a header names, as what another begins in; none where it names none (W3C Trace Context)."""
    return _w3c.extract({"traceparent": traceparent})


def _span_context(traceparent: str) -> SpanContext:
    return get_current_span(_context(traceparent)).get_span_context()


def _traceparent(span: Span) -> str:
    found = span.get_span_context()
    ids = f"{format_trace_id(found.trace_id)}-{format_span_id(found.span_id)}"
    return f"00-{ids}-{found.trace_flags:02x}"


def _fail(span: Span, error: BaseException) -> None:
    _note_error(span, error)
    span.set_status(StatusCode.ERROR)


def _note_error(span: Span, error: BaseException) -> None:
    """Note an error by its class and code: its text may hold names and files."""
    span.set_attribute("error.type", type(error).__name__)
    if isinstance(error, RevengeError):
        span.set_attribute("revenge.error_code", error.code)


def _ns(duration_s: float) -> int:
    return round(duration_s * 1e9)
