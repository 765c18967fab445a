"""Everything behind the listeners: the database, the workers, the application, ended in reverse order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from app.cache import open_cache
from app.choice import Home
from app.database import keep_secrets, open_database
from app.failure import StartFailed
from app.paths import Paths
from app.search import open_search
from app.secrets_file import Kept
from app.state import State
from app.supervisor.worker import open_workers
from server.kernel.errors import RevengeError
from server.kernel.health import Check
from server.kernel.messages import Messages
from server.kernel.phases import Phase
from server.kernel.storage import Storage

if TYPE_CHECKING:
    from server.main import Application


class House(Struct, frozen=True, kw_only=True):
    """What stands; `database_dsn` is the owner's login and secret."""

    application: "Application"
    database_dsn: str
    kept: Kept


@asynccontextmanager
async def open_house(
    paths: Paths, home: Home, state: State, checks: tuple[Check, ...]
) -> AsyncIterator[House]:
    """Start it all, yield it ready, and put it away. Raises: StartFailed.

    Where a database on trial fails, for whatever reason, the one before takes its place.
    """
    async with AsyncExitStack() as stack:
        try:
            house = await stack.enter_async_context(_opened(paths, home, state, checks))
        except Exception as error:
            if not home.is_on_trial:
                raise
            await asyncio.to_thread(home.give_up, error)
            state.report(Phase(name="postgres"))
            house = await stack.enter_async_context(_opened(paths, home, state, checks))
        yield house


@asynccontextmanager
async def _opened(
    paths: Paths, home: Home, state: State, checks: tuple[Check, ...]
) -> AsyncIterator[House]:
    kept = keep_secrets(paths)
    async with AsyncExitStack() as stack:
        # a second of imports: after the listeners, in a thread, while PostgreSQL starts
        loading = asyncio.get_running_loop().run_in_executor(None, _import_server)
        dsn = await stack.enter_async_context(
            open_database(paths, home, kept, state.report_postgres)
        )
        cache_urls = await stack.enter_async_context(
            open_cache(paths, home.config, kept.realms, state.report_cache)
        )
        search = await stack.enter_async_context(
            open_search(paths, home.config, kept.search_key, state.report_search)
        )
        await loading
        workers = await stack.enter_async_context(open_workers())
        from server.main import Endpoints, open_server  # noqa: PLC0415 (loaded meanwhile, see above)

        try:
            application = await stack.enter_async_context(
                open_server(
                    config=home.config,
                    endpoints=Endpoints(
                        postgres_dsn=dsn,
                        secrets=kept.realms,
                        home=home,
                        pinned=home.pinned,
                        cache_urls=cache_urls,
                        checks=checks,
                        search=search,
                        programs=state.programs,
                    ),
                    storage=Storage(paths.storage_dir),
                    workers=workers,
                    report=state.report,
                    web_dir=paths.web_dir,
                )
            )
        except RevengeError as error:
            raise StartFailed(in_words(error), code=error.code, **error.context) from error
        await asyncio.to_thread(home.prove)  # before anybody can make an account there
        yield House(application=application, database_dsn=dsn, kept=kept)


def in_words(error: RevengeError) -> str:
    """Return the sentence of an error."""
    return Messages.load().text("en", error.code, error.context).detail


def _import_server() -> None:
    import server.main  # noqa: F401, PLC0415 (loading it is the point)
