"""Which shared cache this run uses: an external one, our own child, or none."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from app.failure import StartFailed
from app.paths import Paths
from app.supervisor.account import postgres_account, reachable_program
from app.supervisor.cache import cache_spec, prepare_cache
from app.supervisor.program import Program, ProgramState, Spec
from bundled.cache import CacheServer, find_cache_server
from server.kernel.config import Config
from server.kernel.log import get_log
from server.kernel.realm import REALMS, Secrets

log = get_log(__name__)


@asynccontextmanager
async def open_cache(
    paths: Paths, config: Config, known: Secrets, changed: Callable[[ProgramState], None]
) -> AsyncIterator[Mapping[str, str]]:
    """Yield the address of the shared cache by realm, nothing where there is none. Nothing about it fails a start."""
    url = config.cache.url
    if url is not None:
        yield {realm.name: url.reveal() for realm in REALMS}
        return
    made = await asyncio.to_thread(_prepared, paths, known) if config.cache.own else None
    if made is None:
        yield {}
        return
    spec, urls = made
    async with Program(spec, changed).trying():
        yield urls


def _prepared(paths: Paths, known: Secrets) -> tuple[Spec, dict[str, str]] | None:
    """Return how to run it, None where that cannot be. Blocking."""
    found = find_cache_server(paths.installed_dir)
    if found is None:
        log.info("there is no cache server for this system: memory alone is used")
        return None
    try:
        account = postgres_account()
        place = prepare_cache(
            paths.data_dir / "run-cache", account, [known.role(realm) for realm in REALMS]
        )
        program = reachable_program(found.program, paths.data_dir, account)
    except (OSError, StartFailed) as error:
        log.warning("the cache server cannot be run", reason=str(error))
        return None
    spec = cache_spec(
        CacheServer(found.name, program), place, account=account, log_file=paths.cache_log_file
    )
    return spec, {realm.name: place.url(known.role(realm)) for realm in REALMS}
