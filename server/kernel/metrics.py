"""Numbers of one realm for Prometheus: durations are observed, what parts know anyway is read when somebody asks."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from msgspec import Struct
from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from server.kernel.errors import Unavailable
from server.kernel.log import get_log

log = get_log(__name__)

MEDIA_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4

# Each limit is a series for every route, statement and kind of job.
_REQUEST_S: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_STATEMENT_S: Final = (0.005, 0.05, 0.5)
_WAIT_S: Final = (0.001, 0.01, 0.1, 1, 5)
_JOB_S: Final = (0.01, 0.1, 1, 10, 60, 600, 3600)

Values = Mapping[tuple[str, ...], float]
NO_LABELS: Final = ()

disable_created_metrics()  # type: ignore[no-untyped-call]  # else each has a second series, which nobody asks for


class Reading(Struct, frozen=True, kw_only=True):
    """A number that a part knows; `read` gives one for each tuple of values of the labels.

    Labels have few values, which the code declares: no ids, no names that people gave. A count only grows,
    and its name ends in `_total`. Where `read` raises Unavailable or takes long, the number is left out.
    """

    name: str
    description: str
    read: Callable[[], Values | Awaitable[Values]]
    labels: tuple[str, ...] = ()

    async def family(self) -> Metric:
        """Read the number now. Raises: Unavailable."""
        family = self._empty()
        read = self.read()
        values = await read if inspect.isawaitable(read) else read
        for labels, value in values.items():
            family.add_metric(labels, value)
        return family

    def _empty(self) -> GaugeMetricFamily | CounterMetricFamily:
        is_count = self.name.endswith("_total")
        family = CounterMetricFamily if is_count else GaugeMetricFamily
        return family(self.name, self.description, labels=self.labels)


class Metrics:
    """A registry of its own: another realm's numbers stand in another one, so neither tells of the other."""

    def __init__(self, *, patience_s: float = 2.0) -> None:
        self._patience_s = patience_s
        self._registry = registry = CollectorRegistry()
        self._readings: list[Reading] = []
        requests = Histogram(
            "revenge_http_request_duration_seconds",
            "Time until an answer began, by the template of its route.",
            ("method", "route", "status"),
            buckets=_REQUEST_S,
            registry=registry,
        )
        sent_bytes = Counter(
            "revenge_http_response_bytes",
            "Bytes of answers, streams among them, by the template of their route.",
            ("route",),
            registry=registry,
        )
        queries = Histogram(
            "revenge_db_query_duration_seconds",
            "Time that statements took, by their name.",
            ("query",),
            buckets=_STATEMENT_S,
            registry=registry,
        )
        self.pool_waits = Histogram(
            "revenge_db_pool_wait_seconds",
            "Time that work waited for a connection to the database.",
            buckets=_WAIT_S,
            registry=registry,
        )
        jobs = Histogram(
            "revenge_job_duration_seconds",
            "Time that runs of jobs took, by how they ended.",
            ("queue", "kind", "result"),
            buckets=_JOB_S,
            registry=registry,
        )
        checks = Histogram(
            "health_check_duration_seconds",
            "Time that health checks took.",
            ("check",),
            buckets=_WAIT_S,
            registry=registry,
        )
        # by values of the labels; looking them up in the library takes longer than to observe
        self.request = cache(requests.labels)
        self.sent_bytes = cache(sent_bytes.labels)
        self.query = cache(queries.labels)
        self.job = cache(jobs.labels)
        self.check = cache(checks.labels)

    def add(self, readings: Iterable[Reading]) -> None:
        """Take numbers that are read when somebody asks; their names are unique."""
        self._readings.extend(readings)

    async def text(self) -> bytes:
        """Return all numbers in Prometheus' text format; rendering them does not hold up the loop."""
        found = [await self._read(one) for one in self._readings]
        families = [family for family in found if family is not None]
        return await asyncio.to_thread(generate_latest, _Snapshot(self._registry, families))

    async def _read(self, reading: Reading) -> Metric | None:
        try:
            async with asyncio.timeout(self._patience_s):
                return await reading.family()
        except (TimeoutError, Unavailable) as error:
            log.debug("a number cannot be read", part=reading.name, reason=repr(error))
            return None


class _Snapshot(Collector):
    """What is observed and what was read, as one."""

    def __init__(self, registry: CollectorRegistry, families: list[Metric]) -> None:
        self._registry = registry
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._registry.collect()
        yield from self._families
