"""Which search server this run uses: an external one, our own child where it is installed, or none."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app.failure import StartFailed
from app.paths import Paths
from app.supervisor.account import postgres_account, reachable_program
from app.supervisor.program import Program, ProgramState, Spec
from app.supervisor.search import prepare_search, search_spec
from bundled.search import find_typesense
from server.kernel.config import Config
from server.kernel.log import get_log
from server.kernel.search import SearchAddress

log = get_log(__name__)


@asynccontextmanager
async def open_search(
    paths: Paths, config: Config, key: str, changed: Callable[[ProgramState], None]
) -> AsyncIterator[SearchAddress | None]:
    """Yield how to reach the search server, None where there is none. Nothing about it fails a start."""
    wanted = config.search
    if wanted.url is not None:
        yield SearchAddress(url=wanted.url, key=wanted.api_key)
        return
    made = await asyncio.to_thread(_prepared, paths, key) if wanted.own else None
    if made is None:
        yield None
        return
    spec, address = made
    async with Program(spec, changed).trying():
        yield address


def _prepared(paths: Paths, key: str) -> tuple[Spec, SearchAddress] | None:
    """Return how to run it, None where it is not installed or cannot be. Blocking."""
    program = find_typesense(paths.installed_dir, paths.typesense_bin)
    if program is None:
        return None
    try:
        account = postgres_account()
        place = prepare_search(paths.data_dir, account, key)
        program = reachable_program(program, paths.data_dir, account)
    except (OSError, StartFailed) as error:
        log.warning("the search server cannot be run", reason=str(error))
        return None
    spec = search_spec(program, place, account=account, log_file=paths.search_log_file)
    return spec, place.address
