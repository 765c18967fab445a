"""Which PostgreSQL this run stands on: our own child, or an external one that was asked for."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from app.choice import Home
from app.failure import StartFailed
from app.paths import Paths
from app.secrets_file import Kept, load_secrets
from app.supervisor.cluster import prepare_cluster
from app.supervisor.external import check_external
from app.supervisor.postgres import postgres_spec
from app.supervisor.program import Program, ProgramState
from server.kernel.log import get_log

log = get_log(__name__)

_PATIENCE_S = 20.0  # a container with the database often comes up beside us


def keep_secrets(paths: Paths) -> Kept:
    """Return the installation's secrets, made at the very first start. Raises: StartFailed."""
    return load_secrets(paths.secrets_file, may_make=not (paths.data_dir / "postgres").exists())


@asynccontextmanager
async def open_database(
    paths: Paths, home: Home, kept: Kept, changed: Callable[[ProgramState], None]
) -> AsyncIterator[str]:
    """Yield the owner's DSN of a PostgreSQL that answers, until the block ends. Raises: StartFailed."""
    url = home.config.database.url
    if url is None:
        async with _own(paths, kept, changed) as dsn:
            yield dsn
        return
    # one on trial answered a moment ago: whoever migrates says what is wrong with it now
    if not home.is_on_trial:
        await check_external(url.reveal(), patience_s=_PATIENCE_S, place=home.place)
    yield url.reveal()


async def clear_away(paths: Paths, kept: Kept) -> None:
    """Remove our own PostgreSQL, whose place another one took, unless somebody has an account there."""
    folder, doomed = paths.data_dir / "postgres", paths.data_dir / "postgres.removing"
    try:
        # a kill may have left it
        await asyncio.to_thread(shutil.rmtree, doomed, ignore_errors=True)
        if not folder.exists() or folder.is_symlink():
            return
        if await _has_accounts(paths, kept):
            log.warning("the built-in database stays: somebody has an account there")
            return
        folder.rename(doomed)  # at once, so that no kill leaves half of a database in its place
        await asyncio.to_thread(shutil.rmtree, doomed)
        log.info("the built-in database was removed: it was never used")
    except (OSError, StartFailed, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("the built-in database stays", reason=type(error).__name__)


@asynccontextmanager
async def _own(
    paths: Paths, kept: Kept, changed: Callable[[ProgramState], None]
) -> AsyncIterator[str]:
    """Run our own, made if absent. Raises: StartFailed."""
    cluster = await asyncio.to_thread(
        prepare_cluster,
        paths.data_dir,
        password=kept.owner_password,
        binaries_dir=paths.postgres_bin,
    )
    async with Program(postgres_spec(cluster, paths.postgres_log_file), changed).running():
        yield cluster.dsn


async def _has_accounts(paths: Paths, kept: Kept) -> bool:
    """Look into it. Raises: StartFailed, OSError, asyncpg's errors."""
    async with _own(paths, kept, lambda _: None) as dsn:
        owner = await asyncpg.connect(dsn)
        try:
            if await owner.fetchval("SELECT to_regclass('shared.users') IS NULL"):
                return False
            return bool(await owner.fetchval("SELECT EXISTS (SELECT FROM shared.users)"))
        finally:
            await owner.close()
