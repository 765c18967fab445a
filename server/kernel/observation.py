"""Connects the parts of a realm with its numbers, and writes slow statements to the log."""

import asyncio
import os
import platform
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

import psutil
from msgspec import Struct

from server.kernel.background import Background
from server.kernel.cache import Cache
from server.kernel.db import Db
from server.kernel.health import Health
from server.kernel.jobs import QUEUES, Desk, Jobs
from server.kernel.jobs.model import Rule
from server.kernel.jobs.runner import Result
from server.kernel.log import get_log
from server.kernel.metrics import NO_LABELS, Metrics, Reading, Values
from server.kernel.version import VERSION
from server.kernel.workers import WorkerPools, WorkerTally

log = get_log(__name__)

_BEAT_S: Final = 1.0


class DbWatch:
    """Observes statements; one that takes `slow_s` is logged by its name, never with its values."""

    def __init__(self, metrics: Metrics, slow_s: Callable[[], float | None]) -> None:
        self._metrics = metrics
        self._slow_s = slow_s

    def ran(self, query: str, duration_s: float, error: BaseException | None) -> None:
        """Note a statement that ended, well or not."""
        del error
        self._metrics.query(query).observe(duration_s)
        slow_s = self._slow_s()
        if slow_s is not None and duration_s >= slow_s:
            log.warning("slow query", query=query, duration_ms=round(duration_s * 1000))

    def waited(self, duration_s: float) -> None:
        """Note a wait for a connection, in vain or not."""
        self._metrics.pool_waits.observe(duration_s)


class Pulse:
    """How late the event loop wakes what is due: when it is late, every answer is."""

    def __init__(self) -> None:
        self.lag_s = 0.0

    async def beat(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            due_s = time.monotonic() + _BEAT_S
            await asyncio.sleep(_BEAT_S)
            self.lag_s = max(0.0, time.monotonic() - due_s)


class Observed(Struct, frozen=True, kw_only=True):
    """The parts of a realm that know numbers."""

    db: Db
    cache: Cache
    jobs: Jobs
    background: Background
    health: Health
    workers: WorkerPools
    pulse: Pulse


def note_runs(metrics: Metrics) -> Callable[[Rule, Result, float], None]:
    """Return what the runner tells how each run of a job ended."""

    def note(rule: Rule, result: Result, duration_s: float) -> None:
        metrics.job(rule.queue.name, rule.name, result).observe(duration_s)

    return note


def note_checks(metrics: Metrics) -> Callable[[str, float], None]:
    """Return what health tells how long each check took."""
    return lambda name, duration_s: metrics.check(name).observe(duration_s)


def readings(parts: Observed) -> tuple[Reading, ...]:
    """Return what the kernel's parts know."""
    return (
        *_database(parts.db),
        *_cache(parts.cache),
        *_jobs(parts.db, parts.jobs),
        *_events(parts.background),
        *_live(parts.background),
        *_workers(parts.workers),
        *_process(parts.pulse),
        Reading(
            name="health_check_status",
            description="Whether a part is well: 1, else 0; a part that was not asked yet is not well.",
            labels=("check",),
            read=lambda: {
                (check.name,): float(check.state == "healthy")
                for check in parts.health.ready().checks
            },
        ),
        Reading(
            name="revenge_build_info",
            description="What runs: always 1.",
            labels=("version", "python", "system"),
            read=lambda: {(VERSION, platform.python_version(), platform.system()): 1},
        ),
    )


def _database(db: Db) -> tuple[Reading, ...]:
    def connections() -> Values:
        idle = db.idle_connection_count
        return {("idle",): idle, ("used",): db.connection_count - idle}

    return (
        Reading(
            name="db_pool_connections",
            description="Connections to the database that are open, in use or idle.",
            labels=("state",),
            read=connections,
        ),
        Reading(
            name="revenge_db_pool_most_connections",
            description="Connections to the database that there may be.",
            read=lambda: {NO_LABELS: db.most_connections},
        ),
    )


def _cache(cache: Cache) -> tuple[Reading, ...]:
    def reads() -> Values:
        return {
            (room.rule.name, source): count
            for room in cache.rooms
            for source, count in (
                ("memory", room.hit_count),
                ("shared", room.shared_hit_count),
                ("loaded", room.load_count),
            )
        }

    def ratios() -> Values:
        rooms = cache.rooms
        missed_count = sum(room.shared_hit_count + room.load_count for room in rooms)
        found: dict[tuple[str, ...], float] = {
            ("memory",): _ratio(sum(room.hit_count for room in rooms), missed_count)
        }
        if cache.shared is not None:
            rooms = tuple(room for room in rooms if room.rule.is_shared)
            hit_count = sum(room.shared_hit_count for room in rooms)
            found["shared",] = _ratio(hit_count, sum(room.load_count for room in rooms))
        return found

    return (
        Reading(
            name="cache_hit_ratio",
            description="Of what a level of the cache was asked for, the part that it had, since the start.",
            labels=("level",),
            read=ratios,
        ),
        Reading(
            name="revenge_cache_reads_total",
            description="What was asked of the cache, by where it came from in the end.",
            labels=("rule", "source"),
            read=reads,
        ),
        Reading(
            name="revenge_cache_entries",
            description="What the cache keeps in memory.",
            read=lambda: {NO_LABELS: cache.entry_count},
        ),
    )


def _ratio(hit_count: int, miss_count: int) -> float:
    """Return the part of hits; 0 where nothing was asked for."""
    return hit_count / (hit_count + miss_count) if hit_count else 0.0


def _jobs(db: Db, jobs: Jobs) -> tuple[Reading, ...]:
    desk = Desk(db, jobs)

    async def depth() -> Values:
        found: Counter[tuple[str, ...]] = Counter()
        for one in await desk.counts():
            found[one.queue, one.status] += one.job_count
        return found

    return (
        Reading(
            name="job_queue_depth",
            description="Jobs of a queue that wait, run, or failed for good.",
            labels=("queue", "status"),
            read=depth,
        ),
        Reading(
            name="revenge_job_queue_paused",
            description="Queues that rest: 1 each.",
            labels=("queue",),
            read=lambda: {(name,): 1 for name in jobs.paused},
        ),
        Reading(
            name="background_job_throttle_ratio",
            description="How much of its room a queue has: 1, less while somebody streams, 0 while it rests.",
            labels=("queue",),
            read=lambda: {(queue.name,): jobs.room(queue) / queue.limit for queue in QUEUES},
        ),
    )


def _events(background: Background) -> tuple[Reading, ...]:
    dispatcher = background.dispatcher
    return (
        Reading(
            name="revenge_events_told_total",
            description="Events that were brought in order and told live.",
            read=lambda: {NO_LABELS: dispatcher.told_count},
        ),
        Reading(
            name="revenge_events_delay_seconds",
            description="Time from the latest event until it was told.",
            read=lambda: {NO_LABELS: dispatcher.delay_s},
        ),
        Reading(
            name="revenge_events_handled_total",
            description="Events that a consumer took.",
            labels=("consumer",),
            read=lambda: {(name,): count for name, count in dispatcher.handled_counts.items()},
        ),
        Reading(
            name="revenge_events_left_out_total",
            description="Events that a consumer failed at for good.",
            labels=("consumer",),
            read=lambda: {(name,): count for name, count in dispatcher.left_out_counts.items()},
        ),
    )


def _live(background: Background) -> tuple[Reading, ...]:
    realtime = background.realtime
    return (
        Reading(
            name="revenge_realtime_clients",
            description="Live connections that are open.",
            read=lambda: {NO_LABELS: realtime.client_count},
        ),
        Reading(
            name="revenge_realtime_ended_total",
            description="Live connections that ended, by why.",
            labels=("why",),
            read=lambda: {(why.name.lower(),): count for why, count in realtime.end_counts.items()},
        ),
    )


def _workers(workers: WorkerPools) -> tuple[Reading, ...]:
    def each(number: Callable[[WorkerTally], float]) -> Callable[[], Values]:
        return lambda: {(pool,): number(tally) for pool, tally in workers.tallies().items()}

    return (
        Reading(
            name="revenge_workers",
            description="Worker processes that live.",
            labels=("pool",),
            read=each(lambda tally: len(tally.pids)),
        ),
        Reading(
            name="revenge_workers_started_total",
            description="Worker processes that were started.",
            labels=("pool",),
            read=each(lambda tally: tally.started_count),
        ),
        Reading(
            name="revenge_workers_died_total",
            description="Worker processes that died on their own, mostly on damaged files.",
            labels=("pool",),
            read=each(lambda tally: tally.died_count),
        ),
        Reading(
            name="revenge_workers_memory_bytes",
            description="Memory of the worker processes that live.",
            labels=("pool",),
            read=each(lambda tally: tally.memory_bytes),
        ),
    )


def _process(pulse: Pulse) -> tuple[Reading, ...]:
    process = psutil.Process(os.getpid())

    def cpu_s() -> Values:
        times = process.cpu_times()
        return {NO_LABELS: times.user + times.system}

    return (
        Reading(
            name="process_resident_memory_bytes",
            description="Memory of the server process.",
            read=lambda: {NO_LABELS: process.memory_info().rss},
        ),
        Reading(
            name="process_cpu_seconds_total",
            description="Processor time of the server process.",
            read=cpu_s,
        ),
        Reading(
            name="process_start_time_seconds",
            description="When the server process started, in seconds since 1970.",
            read=lambda: {NO_LABELS: process.create_time()},
        ),
        Reading(
            name="revenge_event_loop_lag_seconds",
            description="How late the event loop woke what was due, when last looked at.",
            read=lambda: {NO_LABELS: pulse.lag_s},
        ),
    )
