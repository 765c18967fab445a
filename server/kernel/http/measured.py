"""What is measured of a request: its route, how soon its answer began, how much was sent."""

import time
from typing import Final

from server.kernel.log import get_log
from server.kernel.metrics import Metrics

log = get_log(__name__)

MEASURED: Final = "revenge.measured"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLIENT_GONE: Final = 499  # nginx's word for a client that left before its answer began


class Measured:
    """One request on its way.

    `route` is a template, never a path: paths hold ids, and whoever asks makes them up. `metrics` are those of the
    realm that the route belongs to.
    """

    __slots__ = ("_began_s", "_duration_s", "_method", "_status", "metrics", "route")

    def __init__(self, method: str, metrics: Metrics | None) -> None:
        self.metrics = metrics
        self.route = "unknown"
        self._method = method if method in _METHODS else "other"
        self._status = _CLIENT_GONE
        self._duration_s: float | None = None
        self._began_s = time.perf_counter()

    def begin_answer(self, status: int) -> None:
        """Note that the answer begins."""
        self._status = status
        self._duration_s = time.perf_counter() - self._began_s

    def send(self, byte_count: int) -> None:
        """Count what is sent of the body, while it is sent: a stream may take hours."""
        if self.metrics is not None and byte_count:
            self.metrics.sent_bytes(self.route).inc(byte_count)

    def end(self, slow_s: float | None) -> None:
        """Put the request on record, in the log too if its answer took this long to begin."""
        duration_s = self._duration_s
        if duration_s is None:
            duration_s = time.perf_counter() - self._began_s
        if self.metrics is not None:
            self.metrics.request(self._method, self.route, self._status).observe(duration_s)
        if slow_s is not None and duration_s >= slow_s:
            log.warning(
                "slow request",
                method=self._method,
                route=self.route,
                status=self._status,
                duration_ms=round(duration_s * 1000),
            )
