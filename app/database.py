"""Which PostgreSQL this run stands on: our own child, or an external one that was asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app.paths import Paths
from app.secrets_file import Kept, load_secrets
from app.supervisor.cluster import prepare_cluster
from app.supervisor.external import check_external
from app.supervisor.postgres import Postgres, ProgramState
from server.kernel.config import Config

_PATIENCE_S = 20.0  # a container with the database often comes up beside us


def keep_secrets(paths: Paths) -> Kept:
    """Return the installation's secrets, made at the very first start. Raises: StartFailed."""
    return load_secrets(paths.secrets_file, may_make=not (paths.data_dir / "postgres").exists())


@asynccontextmanager
async def open_database(
    paths: Paths, config: Config, kept: Kept, changed: Callable[[ProgramState], None]
) -> AsyncIterator[str]:
    """Yield the owner's DSN of a PostgreSQL that answers, until the block ends. Raises: StartFailed."""
    if config.database.url is not None:
        dsn = config.database.url.reveal()
        await check_external(dsn, patience_s=_PATIENCE_S)
        yield dsn
        return
    cluster = await asyncio.to_thread(
        prepare_cluster,
        paths.data_dir,
        password=kept.owner_password,
        binaries_dir=paths.postgres_bin,
    )
    async with Postgres(cluster, paths.postgres_log_file, changed).running():
        yield cluster.dsn
