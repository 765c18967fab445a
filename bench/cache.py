"""The cache: a hit against the read that it saves, what two rules save, what a shared cache costs and saves."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, closing

import asyncpg
import psutil

from bench.lists import ITEMS
from server.kernel.cache import Cache, CacheRule, Shared
from server.kernel.clock import SystemClock
from server.kernel.db import Db, open_db
from server.kernel.messages import Messages
from server.kernel.migrate import migrate
from server.kernel.passwords import Passwords
from server.kernel.realm import PUBLIC, REALMS, new_secrets
from server.kernel.settings import Live
from server.kernel.tasks import TaskScope
from server.kernel.viewer import Viewer
from server.main import MIGRATIONS_DIR
from server.modules.movie.model import MOVIE
from server.services.auth.model import AuthSettings, Device, NewUser
from server.services.auth.module import SESSIONS
from server.services.auth.service import Auth, Lockout, SessionRules
from server.services.catalog.model import CardFilter
from server.services.catalog.module import INDEXES
from server.services.catalog.service import Catalog
from tests.helpers.postgres import start_cluster
from tests.helpers.valkey import running_valkey

HIT_BAR_US, GAIN_BAR = 5.0, 20
ROUNDS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    options = parser.parse_args()
    with ExitStack() as stack:
        valkey = stack.enter_context(running_valkey())
        dsn = stack.enter_context(start_cluster())
        asyncio.run(measure(dsn, valkey.url, options.items))
        pss = psutil.Process(valkey.pid).memory_full_info().pss
        print(f"Valkey: {pss / 1e6:.1f} MB PSS  (bar: <= 10 MB)")


async def measure(owner_dsn: str, url: str, items: int) -> None:
    """Measure on a database with so many films."""
    known = new_secrets()
    migrated = await migrate(owner_dsn, MIGRATIONS_DIR, REALMS, known, lambda _phase: None)
    owner = await asyncpg.connect(owner_dsn)
    await owner.execute(ITEMS, items)
    await owner.execute("ANALYZE")
    await owner.close()
    async with open_db(migrated.dsns[PUBLIC.name]) as db, TaskScope() as tasks:
        with closing(Cache()) as cache:
            await hits(cache)
            viewer = await sessions(db, cache)
            await indexes(db, cache, viewer)
        await shared(tasks, url)


async def hits(cache: Cache) -> None:
    """Measure a hit alone."""
    room = cache.room(CacheRule[str](name="bench", kind=str))

    async def load() -> str:
        return "value"

    async def get() -> None:
        await room.get("key", load)

    await get()
    us = await timed(get, 200_000)
    print(f"a hit: {us:.2f} us  (bar: <= {HIT_BAR_US:.0f} us)")


async def sessions(db: Db, cache: Cache) -> Viewer:
    """Measure who a token belongs to."""
    settings = Live(AuthSettings())
    rules = SessionRules(settings, {"administrator": frozenset(), "member": frozenset()})
    lockout = Lockout(db, SystemClock(), settings)
    auth = Auth(db, SystemClock(), Passwords(), lockout, rules, cache.room(SESSIONS))
    user = NewUser(name="Ada", password="correct horse", role="administrator", language="en")  # noqa: S106 (of a bench)
    device = Device(name="bench", client_address="192.0.2.1", user_agent="bench")
    session = await auth.begin_session(await auth.create_first_administrator(user), device)
    read_us = await timed(lambda: auth.viewer_now(session.token), 2_000)
    kept_us = await timed(lambda: auth.viewer(session.token), 100_000)
    report("the session of a request", read_us, kept_us)
    viewer = await auth.viewer_now(session.token)
    assert viewer is not None  # noqa: S101 (it was made a line ago)
    return viewer


async def indexes(db: Db, cache: Cache, viewer: Viewer) -> None:
    """Measure the letters of a long list."""
    catalog = Catalog(db, SystemClock(), Messages.load(), cache.room(INDEXES))
    want = CardFilter()
    read_us = await timed(lambda: fresh(catalog, cache, viewer, want), 20)
    kept_us = await timed(lambda: catalog.index(viewer, MOVIE, want), 20_000)
    report("the letters of the films", read_us, kept_us)


async def fresh(catalog: Catalog, cache: Cache, viewer: Viewer, want: CardFilter) -> None:
    """Ask after everything was dropped."""
    for room in cache.rooms:
        room.forget()
    await catalog.index(viewer, MOVIE, want)


async def shared(tasks: TaskScope, url: str) -> None:
    """Measure an entry that another server left in the shared cache."""
    remote = Shared(url, "bench")
    with closing(Cache(remote)) as cache:
        room = cache.room(CacheRule[str](name="bench", kind=str, is_shared=True))
        running = tasks.spawn(remote.run(), name="shared cache")
        await remote.check()

        async def load() -> str:
            return "value"

        async def get() -> None:
            room.forget()
            await room.get("key", load)

        print(f"a hit in the shared cache: {await timed(get, 2_000):.0f} us")
        running.cancel()


async def timed(act: Callable[[], Awaitable[object]], count: int) -> float:
    """Return the microseconds of one, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        for _ in range(count):
            await act()
        best = min(best, time.perf_counter() - began_s)
    return best / count * 1e6


def report(what: str, read_us: float, kept_us: float) -> None:
    """Print what a rule saves."""
    print(
        f"{what}: {kept_us:.1f} us kept, {read_us:.0f} us read, {read_us / kept_us:.0f} x  (bar: >= {GAIN_BAR} x)"
    )


if __name__ == "__main__":
    main()
