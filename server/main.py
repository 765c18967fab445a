"""The composition root: the only place that creates the parts and hands them to the slices."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from server.kernel.background import Declared, Line, open_background
from server.kernel.cache import Cache, Shared
from server.kernel.clock import SystemClock
from server.kernel.config import Config, Loaded, Tracing
from server.kernel.db import Db, open_db
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
from server.kernel.jobs import Jobs, Runner
from server.kernel.log import get_log
from server.kernel.messages import Messages
from server.kernel.metrics import Metrics, Reading
from server.kernel.migrate import migrate
from server.kernel.module import Built
from server.kernel.observation import DbWatch, Observed, Pulse, note_checks, note_runs, readings
from server.kernel.parts import Parts
from server.kernel.passwords import Passwords
from server.kernel.phases import Phase, Report
from server.kernel.precedence import UPKEEP, Precedence
from server.kernel.realm import PUBLIC, REALMS, Secrets
from server.kernel.realtime import Realtime
from server.kernel.schedule import Cron
from server.kernel.search import SearchAddress, SearchServer
from server.kernel.settings import Live as LiveValues
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
from server.services.system import module as system
from server.services.system.service import Around
from server.services.system.sources import Programs

if TYPE_CHECKING:
    from server.kernel.tracing import Traces

MIGRATIONS_DIR: Final = Path(__file__).parents[1] / "migrations"
API_PREFIX: Final = "/api/v1"
REALTIME_PATH: Final = f"{API_PREFIX}/ws"
HOUSEKEEPING_S: Final = 3600
HOUSEKEEPING_PATIENCE_S: Final = 12 * 3600.0
_NOTHING: Final[Any] = None  # building keeps its parts and asks nothing of them

log = get_log(__name__)


class Endpoints(Struct, frozen=True, kw_only=True):
    """The programs that the server stands on; the DSN is the owner's, who migrates, `home` where it comes from.

    `pinned` says for each key of the configuration that somebody set where that stands.
    `cache_urls` are by realm, for those that share a cache; without `search` the database searches. `checks` are of what
    the server cannot look at itself; `programs` tells of those that run as children of ours.
    """

    postgres_dsn: str
    secrets: Secrets
    home: DatabaseHome
    pinned: Mapping[str, str] = {}
    cache_urls: Mapping[str, str] = {}
    checks: tuple[Check, ...] = ()
    search: SearchAddress | None = None
    programs: Programs = dict

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

    `health` tells how its parts fare, `configure` takes over the keys that need no restart, `drain` begins the end: it
    closes live connections and gives jobs so many seconds.
    """

    asgi: ASGIApp
    pending_code: Callable[[], str | None]
    health: Callable[[], Ready]
    configure: Callable[[Loaded], None]
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
        search = await _search_server(stack, endpoints)  # ends after all that asks it
        traces, workers = await _traced(stack, config.tracing, workers)
        parts, line = await _parts(stack, config, endpoints, storage, workers, report)
        metrics = Metrics()
        parts.db.watch = DbWatch(metrics, lambda: _seconds(parts.config.now.logging.slow_query_ms))
        slices = build_slices(parts, endpoints.home, _around(endpoints, workers, search))
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
        _trace(traces, parts.db, background.runner)
        checks = [
            _database_check(slices.auth),
            Check(name="jobs", category="warm", interval_s=60, run=background.runner.check),
            _storage_check(storage),
            *_optional_checks(parts, search),
            *endpoints.checks,
        ]
        health = Health(checks, on_checked=note_checks(metrics))
        await health.run("postgresql")
        parts.tasks.spawn(health.watch(), name="health")
        chores = (
            slices.activity.make_months,
            slices.auth.forget_ended,
            parts.jobs.forget_old,
            background.dispatcher.forget_old,
        )
        parts.tasks.spawn(_housekeeping(chores, workers.precedence), name="housekeeping")
        await slices.upkeep.begin(parts.tasks)
        slices.playback.begin(parts.tasks)
        await slices.setup.make_code()
        pulse = Pulse()
        parts.tasks.spawn(pulse.beat(), name="pulse")
        observed = Observed(
            db=parts.db,
            cache=parts.cache,
            jobs=parts.jobs,
            background=background,
            health=health,
            workers=workers,
            pulse=pulse,
        )
        metrics.add((*readings(observed), *slices.readings))
        yield Application(
            asgi=_web(parts, slices, Probed(health, metrics), background.realtime, web_dir, traces),
            pending_code=slices.setup.pending_code,
            health=health.ready,
            configure=_configurer(parts),
            drain=background.drain,
        )


def _configurer(parts: Parts) -> Callable[[Loaded], None]:
    def configure(loaded: Loaded) -> None:
        parts.config.now = loaded.config
        parts.settings.configure(loaded.config, loaded.places)

    return configure


@asynccontextmanager
async def open_console(
    *, config: Config, endpoints: Endpoints, storage: Storage, workers: WorkerPools
) -> AsyncIterator[Slices]:
    """Yield the slices without a web server, for the words of the command line.

    Raises: MigrationError, DatabaseUnavailable.
    """
    async with AsyncExitStack() as stack:
        parts, _ = await _parts(stack, config, endpoints, storage, workers, _unwatched)
        slices = build_slices(parts, endpoints.home, _around(endpoints, workers, None))
        parts.jobs.declare(slices.jobs)
        yield slices


def build_slices(parts: Parts, home: DatabaseHome, around: Around) -> Slices:
    """Return the slices of the public realm; building asks the database nothing."""
    built_catalog = catalog.build(parts)
    contents = [module.build(parts, built_catalog.catalog) for module in MODULES]
    scanners = [content.scanner for content in contents if content.scanner is not None]
    built_search = catalog.build_search(parts, offers_of(contents))
    built_library = library.build(parts, built_catalog.catalog, scanners)
    built_settings = settings.build(parts)  # first: its own section is the first on the page
    built_activity = activity.build(parts)
    built_auth = auth.build(parts, grants())
    built_setup = setup.build(parts, built_auth, built_library.libraries, home)
    built_playback = playback.build(parts, built_catalog.catalog, built_auth.auth)
    built_system = system.build(parts, around)
    services = (
        built_setup,
        built_activity,
        built_auth,
        built_catalog,
        built_library,
        built_playback,
        built_settings,
        built_system,
    )
    built = (*services, built_search, *contents)
    declaring = [slice_ for slice_ in built if isinstance(slice_, Built)]
    schedule = tuple(cron for slice_ in declaring for cron in slice_.schedule)
    built_background = background_work.build(parts, schedule)
    owners = [owner for slice_ in (*built, built_background) for owner in slice_.routes]
    owners.append(AddressRoutes(parts.config.now.server))
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
    slices = build_slices(_no_parts(), _NOTHING, _NOTHING)
    api = (*slices.routes, *routes_of(EventRoutes(_NOTHING)), *routes_of(description))
    probes = _probes(Probed(Health([]), Metrics()), Messages.load())
    return _describe(description, api, probes), api


def settings_sections() -> dict[str, Section[Any]]:
    """Return the settings that slices declare, by section."""
    parts = _no_parts()
    build_slices(parts, _NOTHING, _NOTHING)
    return parts.settings.sections


def _no_parts() -> Parts:
    """Return parts to build slices of that nobody runs."""
    return Parts(
        cache=Cache(),
        config=LiveValues(Config()),
        clock=SystemClock(),
        db=_NOTHING,
        jobs=_NOTHING,
        messages=Messages.load(),
        passwords=Passwords(),
        settings=Settings(Config(), {}),
        storage=Storage(Path()),
        tasks=TaskScope(),
        workers=WorkerPools(
            background=_NOTHING,
            answers=_NOTHING,
            streams=_NOTHING,
            precedence=Precedence(),
            tallies=dict,
        ),
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
        *system.PERMISSIONS,
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
    parts: Parts,
    slices: Slices,
    probed: Probed,
    realtime: Realtime,
    web_dir: Path,
    traces: "Traces | None",
) -> ASGIApp:
    description, config = DescriptionRoutes(), parts.config
    api = (*slices.routes, *routes_of(EventRoutes(realtime)), *routes_of(description))
    probes = _probes(probed, parts.messages)
    _describe(description, api, probes)
    return web_app(
        Web(
            mounts=(
                Mount(prefix="", routes=probes, metrics=probed.metrics),
                Mount(prefix=API_PREFIX, routes=api, metrics=probed.metrics, traces=traces),
            ),
            guard=Guard(slices.auth),
            messages=parts.messages,
            pages=Site(web_dir),
            allowed_hosts=lambda: config.now.server.allowed_hosts,
            gatekeeper=Gatekeeper(lambda: config.now.limits),
            live=Live(path=REALTIME_PATH, realtime=realtime),
            metrics=probed.metrics,
            slow_request_s=lambda: _seconds(config.now.logging.slow_request_ms),
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
        config=LiveValues(config),
        clock=clock,
        db=db,
        jobs=Jobs(db, clock, line.channel, workers.precedence),
        messages=Messages.load(),
        passwords=Passwords(),
        settings=Settings(config, endpoints.pinned),
        storage=storage,
        tasks=await stack.enter_async_context(TaskScope()),
        workers=workers,
    )
    return parts, line


async def _traced(
    stack: AsyncExitStack, tracing: Tracing, workers: WorkerPools
) -> "tuple[Traces | None, WorkerPools]":
    """Return the traces of the public realm, and its workers with them. Only it is traced: there is one collector."""
    if tracing.endpoint is None:
        return None, workers
    from server.kernel.tracing import open_traces  # noqa: PLC0415 (most servers never need it)

    opening = open_traces(tracing.endpoint, tracing.sample_percent)
    traces = await stack.enter_async_context(opening)
    return traces, traces.workers(workers)


def _trace(traces: "Traces | None", db: Db, runner: Runner) -> None:
    if traces is not None:
        db.watch = traces.statements(db.watch)
        runner.around = traces.job


def _around(endpoints: Endpoints, workers: WorkerPools, search: SearchServer | None) -> Around:
    return Around(programs=endpoints.programs, search=search, tallies=workers.tallies)


def _shared(endpoints: Endpoints) -> Shared | None:
    url = endpoints.cache_urls.get(PUBLIC.name)
    return None if url is None else Shared(url, endpoints.secrets.role(PUBLIC))


async def _search_server(stack: AsyncExitStack, endpoints: Endpoints) -> SearchServer | None:
    if endpoints.search is None:
        return None
    return await stack.enter_async_context(aclosing(SearchServer(endpoints.search)))


def _optional_checks(parts: Parts, search: SearchServer | None) -> list[Check]:
    """Return the checks of what the server can do without."""
    checks = []
    shared = parts.cache.shared
    if shared is not None:
        parts.tasks.spawn(shared.run(), name="shared cache")
        checks.append(Check(name="cache", category="warm", interval_s=10, run=shared.check))
    if search is not None:
        checks.append(Check(name="search", category="warm", interval_s=30, run=search.check))
    return checks


def _database_check(auth_: Auth) -> Check:
    async def run() -> None:
        await auth_.administrator_exists()

    return Check(name="postgresql", category="critical", interval_s=30, run=run)


def _storage_check(storage: Storage) -> Check:
    return Check(name="storage", category="warm", interval_s=60, run=storage.check)


async def _housekeeping(
    chores: Collection[Callable[[], Awaitable[None]]], precedence: Precedence
) -> None:
    """Do the chores now and then; they rest while somebody streams, though not for ever."""
    while True:
        if not precedence.room(UPKEEP, 1):
            await precedence.calm(patience_s=HOUSEKEEPING_PATIENCE_S)
        for chore in chores:
            await _do(chore)
        await asyncio.sleep(HOUSEKEEPING_S)


async def _do(chore: Callable[[], Awaitable[None]]) -> None:
    """Do a chore; one that breaks keeps no other from being done."""
    try:
        await chore()
    except Unavailable:
        log.info("housekeeping waits for the database")
    except Exception:  # it must go on, whatever it was
        log.exception("housekeeping failed")


def _seconds(limit_ms: int) -> float | None:
    """Return a limit of the configuration, where 0 is none."""
    return limit_ms / 1000 if limit_ms else None


def _unwatched(_phase: Phase) -> None:
    """Nobody watches the start of a word of the command line."""
