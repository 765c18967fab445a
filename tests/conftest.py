"""Databases for tests: one cluster a run, migrated once; every test file gets a copy of its own."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from server.kernel.cache import Cache
from server.kernel.db import Db, open_db
from server.kernel.migrate import migrate
from server.kernel.realm import PUBLIC, REALMS, Secrets, new_secrets, realm_dsn
from server.kernel.roles import Owner
from server.kernel.sql import SqlText
from tests.helpers.desktop import QT_FAULT
from tests.helpers.postgres import (
    clone_database,
    create_database,
    data_directory,
    drop_database,
    start_cluster,
)
from tests.helpers.web import RunningWeb, running_web

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest_plugins = () if QT_FAULT else ("pytestqt.plugin",)
collect_ignore = ["unit/gui", "integration/gui"] if QT_FAULT else []
MIGRATIONS = Path(__file__).parents[1] / "migrations"
_EMPTY_TABLES = """
DO $$
DECLARE
    filled text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR filled IN
        SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname IN ('shared', 'public', 'qar') AND tablename NOT IN ('migrations', 'channels')
    LOOP
        EXECUTE 'DELETE FROM ' || filled;
    END LOOP;
END $$
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know the options of pytest-qt also where it cannot be loaded."""
    if QT_FAULT:
        for name in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "without meaning: Qt cannot be loaded here")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that the windows were not tested."""
    if QT_FAULT:
        terminalreporter.write_line(f"tests of windows skipped, Qt cannot be loaded: {QT_FAULT}")


@pytest.fixture(scope="session")
def cluster_dsn() -> Iterator[str]:
    """The owner's login to a PostgreSQL of this run."""
    with start_cluster() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def secrets() -> Secrets:
    """The passwords of the realms' roles in this run."""
    return new_secrets()


@pytest.fixture(scope="session")
def template(cluster_dsn: str, secrets: Secrets) -> str:
    """The name of a migrated database that nobody opens."""

    async def make() -> None:
        dsn = await create_database(cluster_dsn, "template_revenge")
        await migrate(dsn, MIGRATIONS, REALMS, secrets, lambda _phase: None)

    asyncio.run(make())
    return "template_revenge"


@pytest.fixture(scope="module")
def owner_dsn(cluster_dsn: str, template: str) -> Iterator[str]:
    """The owner's login to the migrated database of one test file."""
    dsn = asyncio.run(clone_database(cluster_dsn, template))
    yield dsn
    asyncio.run(drop_database(dsn))


@pytest.fixture
async def owner(owner_dsn: str) -> AsyncIterator[Owner]:
    """A connection that sees every schema; what a test wrote is gone after it."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        yield connection
    finally:
        await connection.execute(_EMPTY_TABLES)
        await connection.close()


@pytest.fixture
def dsn(owner_dsn: str, secrets: Secrets) -> str:
    """The login of the public realm."""
    return realm_dsn(owner_dsn, PUBLIC, secrets)


@pytest.fixture
async def db(owner: Owner, dsn: str) -> AsyncIterator[Db]:
    """The database of the public realm, empty at the start of every test."""
    del owner  # which empties it
    async with open_db(dsn, min_size=1, max_size=4) as opened:
        yield opened


@pytest.fixture
def statements(db: Db) -> list[SqlText]:
    """The statements that ran on `db`, in order."""
    ran: list[SqlText] = []
    db.on_statement = ran.append
    return ran


@pytest.fixture
def cache(db: Db) -> Iterator[Cache]:
    """The cache of the public realm, which hears what is written on `db`."""
    with closing(Cache()) as made:
        db.on_happened = made.happened
        yield made


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that the system user of PostgreSQL can enter."""
    with data_directory() as folder:
        yield folder


@pytest.fixture
async def web(
    owner: Owner, owner_dsn: str, secrets: Secrets, data_dir: Path
) -> AsyncIterator[RunningWeb]:
    """The whole server behind a real listener, claimed by nobody."""
    async with running_web(owner_dsn, secrets, data_dir) as running:
        yield running
