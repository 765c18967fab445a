"""What is measured of a request: its route, how soon its answer began, how much was sent."""

import time
from typing import TYPE_CHECKING, Final

from server.kernel.log import get_log
from server.kernel.metrics import Metrics

if TYPE_CHECKING:
    from server.kernel.tracing import RequestSpan

log = get_log(__name__)

MEASURED: Final = "revenge.measured"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLIENT_GONE: Final = 499  # nginx's word for a client that left before its answer began


class Measured:
    """One request on its way.

    `route` is a template, never a path: paths hold ids, and whoever asks makes them up. `metrics` are those of the
    realm that the route belongs to, `span` what is traced of it.
    """

    __slots__ = (
        "_duration_s",
        "_status",
        "began_s",
        "method",
        "metrics",
        "route",
        "span",
    )

    def __init__(self, method: str, metrics: Metrics | None) -> None:
        self.metrics = metrics
        self.route = "unknown"
        self.span: RequestSpan | None = None
        self.method = method if method in _METHODS else "other"
        self._status = _CLIENT_GONE
        self._duration_s: float | None = None
        self.began_s = time.perf_counter()

    def begin_answer(self, status: int) -> None:
        """Note that the answer begins."""
        self._status = status
        self._duration_s = time.perf_counter() - self.began_s

    def send(self, byte_count: int) -> None:
        """Count what is sent of the body, while it is sent: a stream may take hours."""
        if self.metrics is not None and byte_count:
            self.metrics.sent_bytes(self.route).inc(byte_count)

    def end(self, slow_s: float | None) -> None:
        """Put the request on record, in the log too if its answer took this long to begin."""
        duration_s = self._duration_s
        if duration_s is None:
            duration_s = time.perf_counter() - self.began_s
        if self.span is not None:
            self.span.end(self._status, duration_s)
        if self.metrics is not None:
            self.metrics.request(self.method, self.route, self._status).observe(duration_s)
        if slow_s is not None and duration_s >= slow_s:
            log.warning(
                "slow request",
                method=self.method,
                route=self.route,
                status=self._status,
                duration_ms=round(duration_s * 1000),
            )
