"""The composition root: the only place that creates the parts and hands them to the slices."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from server.kernel.background import Declared, Line, open_background
from server.kernel.cache import Cache, Shared
from server.kernel.clock import SystemClock
from server.kernel.config import Config
from server.kernel.db import open_db
from server.kernel.errors import Unavailable
from server.kernel.events import Consumer, Event
from server.kernel.health import Check, Health, Ready
from server.kernel.http.addresses import AddressRoutes
from server.kernel.http.api import Permission, Route, routes_of
from server.kernel.http.app import ASGIApp, Live, Mount, Web, web_app
from server.kernel.http.description import DescriptionRoutes
from server.kernel.http.events import EventRoutes
from server.kernel.http.guard import Guard
from server.kernel.http.limits import Gatekeeper
from server.kernel.http.metrics import READ as READ_METRICS
from server.kernel.http.metrics import MetricsRoutes
from server.kernel.http.probes import HealthRoutes
from server.kernel.http.static import Site
from server.kernel.jobs import Jobs
from server.kernel.log import get_log
from server.kernel.messages import Messages
from server.kernel.metrics import Metrics, Reading
from server.kernel.migrate import migrate
from server.kernel.module import Built
from server.kernel.observation import DbWatch, Observed, Pulse, note_checks, note_runs, readings
from server.kernel.parts import Parts
from server.kernel.passwords import Passwords
from server.kernel.phases import Phase, Report
from server.kernel.realm import PUBLIC, REALMS, Secrets
from server.kernel.realtime import Realtime
from server.kernel.schedule import Cron
from server.kernel.settings import Section, Settings
from server.kernel.storage import Storage
from server.kernel.tasks import TaskScope
from server.kernel.version import VERSION
from server.kernel.workers import WorkerPools
from server.modules import MODULES
from server.services.activity import module as activity
from server.services.activity.service import ActivityLog
from server.services.auth import module as auth
from server.services.auth.model import Role
from server.services.auth.service import Auth
from server.services.background import module as background_work
from server.services.catalog import module as catalog
from server.services.catalog.offer import offers_of
from server.services.library import module as library
from server.services.library.upkeep import Upkeep
from server.services.playback import module as playback
from server.services.playback.module import BuiltPlayback
from server.services.settings import module as settings
from server.services.settings.service import SettingsService
from server.services.setup import module as setup
from server.services.setup.service import SetupService
from server.services.setup.sources import DatabaseHome

MIGRATIONS_DIR: Final = Path(__file__).parents[1] / "migrations"
API_PREFIX: Final = "/api/v1"
REALTIME_PATH: Final = f"{API_PREFIX}/ws"
HOUSEKEEPING_S: Final = 3600
_NOTHING: Final[Any] = None  # building keeps its parts and asks nothing of them

log = get_log(__name__)


class Endpoints(Struct, frozen=True, kw_only=True):
    """The programs that the server stands on; the DSN is the owner's, who migrates, `home` where it comes from.

    `pinned` says for each key of the configuration that somebody set where that stands.
    `cache_urls` are by realm, for those that share a cache.
    """

    postgres_dsn: str
    secrets: Secrets
    home: DatabaseHome
    pinned: Mapping[str, str] = {}
    cache_urls: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return "Endpoints(***)"


class Slices(Struct, frozen=True, kw_only=True):
    """Everything that was built: what the command line uses, and what all slices declare.

    `jobs` are controllers.
    """

    auth: Auth
    activity: ActivityLog
    settings: SettingsService
    setup: SetupService
    upkeep: Upkeep
    playback: BuiltPlayback
    routes: tuple[Route, ...]
    jobs: tuple[object, ...]
    consumers: tuple[Consumer, ...]
    schedule: tuple[Cron, ...]
    readings: tuple[Reading, ...]


class Probed(Struct, frozen=True):
    """What stands outside the API: how the parts fare, and the numbers."""

    health: Health
    metrics: Metrics


class Application(Struct, frozen=True, kw_only=True):
    """A server that runs; `pending_code` gives the code for its console until it is claimed.

    `health` tells how its parts fare, `drain` begins the end: it closes live connections and gives jobs so many seconds.
    """

    asgi: ASGIApp
    pending_code: Callable[[], str | None]
    health: Callable[[], Ready]
    drain: Callable[[float], Awaitable[None]]


@asynccontextmanager
async def open_server(
    *,
    config: Config,
    endpoints: Endpoints,
    storage: Storage,
    workers: WorkerPools,
    report: Report,
    web_dir: Path,
) -> AsyncIterator[Application]:
    """Migrate, build everything and yield the application; leaving stops it in reverse order.

    Raises: MigrationError, DatabaseUnavailable.
    """
    async with AsyncExitStack() as stack:
        parts, line = await _parts(stack, config, endpoints, storage, workers, report)
        metrics = Metrics()
        parts.db.watch = DbWatch(metrics, _seconds(config.logging.slow_query_ms))
        slices = build_slices(parts, endpoints.home)
        await slices.settings.load()
        declared = Declared(
            jobs=slices.jobs,
            consumers=slices.consumers,
            heard={event: permission.name for event, permission in heard().items()},
            private_events=(*auth.EVENTS, *activity.EVENTS, *settings.EVENTS),
            schedule=slices.schedule,
        )
        background = await stack.enter_async_context(
            open_background(
                parts.db, parts.clock, parts.jobs, line, declared, slices.auth.viewer_now
            )
        )
        background.runner.on_end = note_runs(metrics)
        jobs_check = Check(name="jobs", category="warm", interval_s=60, run=background.runner.check)
        checks = [_database_check(slices.auth), jobs_check]
        shared = parts.cache.shared
        if shared is not None:
            parts.tasks.spawn(shared.run(), name="shared cache")
            checks.append(Check(name="cache", category="warm", interval_s=10, run=shared.check))
        health = Health(checks, on_checked=note_checks(metrics))
        await health.run("postgresql")
        parts.tasks.spawn(health.watch(), name="health")
        chores = (
            slices.activity.make_months,
            slices.auth.forget_ended,
            parts.jobs.forget_old,
            background.dispatcher.forget_old,
        )
        parts.tasks.spawn(_housekeeping(chores), name="housekeeping")
        await slices.upkeep.begin(parts.tasks)
        slices.playback.begin(parts.tasks)
        await slices.setup.make_code()
        pulse = Pulse()
        parts.tasks.spawn(pulse.beat(), name="pulse")
        observed = Observed(
            db=parts.db,
            jobs=parts.jobs,
            background=background,
            health=health,
            workers=workers,
            pulse=pulse,
        )
        metrics.add((*readings(observed), *slices.readings))
        web = _web(parts, slices, Probed(health, metrics), background.realtime, web_dir)
        yield Application(
            asgi=web,
            pending_code=slices.setup.pending_code,
            health=health.ready,
            drain=background.drain,
        )


@asynccontextmanager
async def open_console(
    *, config: Config, endpoints: Endpoints, storage: Storage, workers: WorkerPools
) -> AsyncIterator[Slices]:
    """Yield the slices without a web server, for the words of the command line.

    Raises: MigrationError, DatabaseUnavailable.
    """
    async with AsyncExitStack() as stack:
        parts, _ = await _parts(stack, config, endpoints, storage, workers, _unwatched)
        slices = build_slices(parts, endpoints.home)
        parts.jobs.declare(slices.jobs)
        yield slices


def build_slices(parts: Parts, home: DatabaseHome) -> Slices:
    """Return the slices of the public realm; building asks the database nothing."""
    built_catalog = catalog.build(parts)
    contents = [module.build(parts, built_catalog.catalog) for module in MODULES]
    scanners = [content.scanner for content in contents if content.scanner is not None]
    built_search = catalog.build_search(parts, offers_of(contents))
    built_library = library.build(parts, built_catalog.catalog, scanners)
    built_activity = activity.build(parts)
    built_settings = settings.build(parts)
    built_auth = auth.build(parts, grants())
    built_setup = setup.build(parts, built_auth, built_library.libraries, home)
    built_playback = playback.build(parts, built_catalog.catalog, built_auth.auth)
    services = (
        built_setup,
        built_activity,
        built_auth,
        built_catalog,
        built_library,
        built_playback,
        built_settings,
    )
    built = (*services, built_search, *contents)
    declaring = [slice_ for slice_ in built if isinstance(slice_, Built)]
    schedule = tuple(cron for slice_ in declaring for cron in slice_.schedule)
    built_background = background_work.build(parts, schedule)
    owners = [owner for slice_ in (*built, built_background) for owner in slice_.routes]
    owners.append(AddressRoutes(parts.config.server))
    routes = [found for owner in owners for found in routes_of(owner)]
    return Slices(
        auth=built_auth.auth,
        activity=built_activity.log,
        settings=built_settings.settings,
        setup=built_setup.setup,
        upkeep=built_library.upkeep,
        playback=built_playback,
        routes=tuple(routes),
        jobs=tuple(jobs for slice_ in declaring for jobs in slice_.jobs),
        consumers=tuple(consumer for slice_ in declaring for consumer in slice_.consumers),
        schedule=schedule,
        readings=tuple(reading for slice_ in declaring for reading in slice_.readings),
    )


def described() -> tuple[dict[str, Any], tuple[Route, ...]]:
    """Return the OpenAPI document and the API's routes; needs no database and no worker."""
    description = DescriptionRoutes()
    slices = build_slices(_no_parts(), _NOTHING)
    api = (*slices.routes, *routes_of(EventRoutes(_NOTHING)), *routes_of(description))
    probes = _probes(Probed(Health([]), Metrics()), Messages.load())
    return _describe(description, api, probes), api


def settings_sections() -> dict[str, Section[Any]]:
    """Return the settings that slices declare, by section."""
    parts = _no_parts()
    build_slices(parts, _NOTHING)
    return parts.settings.sections


def _no_parts() -> Parts:
    """Return parts to build slices of that nobody runs."""
    return Parts(
        cache=Cache(),
        config=Config(),
        clock=SystemClock(),
        db=_NOTHING,
        jobs=_NOTHING,
        messages=Messages.load(),
        passwords=Passwords(),
        settings=Settings(Config(), {}),
        storage=Storage(Path()),
        tasks=TaskScope(),
        workers=_NOTHING,
        stream_workers=_NOTHING,
    )


def grants() -> dict[Role, frozenset[str]]:
    """Return what each role may do, out of the permissions that slices declare."""
    services = (
        *activity.PERMISSIONS,
        *background_work.PERMISSIONS,
        *catalog.PERMISSIONS,
        *library.PERMISSIONS,
        *playback.PERMISSIONS,
        *settings.PERMISSIONS,
    )
    declared = (READ_METRICS, *services, *(one for module in MODULES for one in module.permissions))
    return {
        "administrator": frozenset(permission.name for permission in declared),
        "member": frozenset(one.name for one in declared if one.is_for_members),
    }


def heard() -> dict[type[Event], Permission]:
    """Return which permission is needed to hear an event live, out of what slices declare."""
    return {
        event: permission
        for events in (catalog.EVENTS, library.EVENTS, *(module.events for module in MODULES))
        for event, permission in events.items()
    }


def _web(
    parts: Parts, slices: Slices, probed: Probed, realtime: Realtime, web_dir: Path
) -> ASGIApp:
    description = DescriptionRoutes()
    api = (*slices.routes, *routes_of(EventRoutes(realtime)), *routes_of(description))
    probes = _probes(probed, parts.messages)
    _describe(description, api, probes)
    return web_app(
        Web(
            mounts=(
                Mount(prefix="", routes=probes, metrics=probed.metrics),
                Mount(prefix=API_PREFIX, routes=api, metrics=probed.metrics),
            ),
            guard=Guard(slices.auth),
            messages=parts.messages,
            pages=Site(web_dir),
            allowed_hosts=parts.config.server.allowed_hosts,
            gatekeeper=Gatekeeper(parts.config.limits),
            live=Live(path=REALTIME_PATH, realtime=realtime),
            metrics=probed.metrics,
            slow_request_s=_seconds(parts.config.logging.slow_request_ms),
        )
    )


def _probes(probed: Probed, messages: Messages) -> tuple[Route, ...]:
    health = HealthRoutes(probed.health, messages)
    return (*routes_of(health), *routes_of(MetricsRoutes(probed.metrics)))


def _describe(
    description: DescriptionRoutes, api: Iterable[Route], probes: Iterable[Route]
) -> dict[str, Any]:
    served = [*((API_PREFIX, route) for route in api), *(("", route) for route in probes)]
    return description.describe(served, version=VERSION)


async def _parts(
    stack: AsyncExitStack,
    config: Config,
    endpoints: Endpoints,
    storage: Storage,
    workers: WorkerPools,
    report: Report,
) -> tuple[Parts, Line]:
    migrated = await migrate(
        endpoints.postgres_dsn, MIGRATIONS_DIR, REALMS, endpoints.secrets, report
    )
    report(Phase(name="modules"))
    pool = config.database.pool
    db = await stack.enter_async_context(
        open_db(
            migrated.dsns[PUBLIC.name],
            min_size=pool.min_conns,
            max_size=max(pool.min_conns, pool.max_conns or 2 * (os.cpu_count() or 1) + 1),
        )
    )
    line = Line(
        dsn=migrated.dsns[PUBLIC.name],
        channel=migrated.channels[PUBLIC.name],
        key=endpoints.secrets.key(PUBLIC),
    )
    cache = stack.enter_context(closing(Cache(_shared(endpoints))))
    db.on_happened = cache.happened
    clock = SystemClock()
    parts = Parts(
        cache=cache,
        config=config,
        clock=clock,
        db=db,
        jobs=Jobs(db, clock, line.channel),
        messages=Messages.load(),
        passwords=Passwords(),
        settings=Settings(config, endpoints.pinned),
        storage=storage,
        tasks=await stack.enter_async_context(TaskScope()),
        workers=workers.background,
        stream_workers=workers.streams,
    )
    return parts, line


def _shared(endpoints: Endpoints) -> Shared | None:
    url = endpoints.cache_urls.get(PUBLIC.name)
    return None if url is None else Shared(url, endpoints.secrets.role(PUBLIC))


def _database_check(auth_: Auth) -> Check:
    async def run() -> None:
        await auth_.administrator_exists()

    return Check(name="postgresql", category="critical", interval_s=30, run=run)


async def _housekeeping(chores: Iterable[Callable[[], Awaitable[None]]]) -> None:
    while True:
        try:
            for chore in chores:
                await chore()
        except Unavailable:
            log.info("housekeeping waits for the database")
        await asyncio.sleep(HOUSEKEEPING_S)


def _seconds(limit_ms: int) -> float | None:
    """Return a limit of the configuration, where 0 is none."""
    return limit_ms / 1000 if limit_ms else None


def _unwatched(_phase: Phase) -> None:
    """Nobody watches the start of a word of the command line."""
