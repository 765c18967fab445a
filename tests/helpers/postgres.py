"""A real, throw-away PostgreSQL for tests, and quick copies of a migrated database."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.supervisor.child import before_exec, foreign_environment
from app.supervisor.cluster import Cluster, prepare_cluster

_FAST = [
    "-c",
    "fsync=off",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "max_connections=100",
]


@contextlib.contextmanager
def data_directory() -> Iterator[Path]:
    """A new data directory that the system user of PostgreSQL can enter, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="rv-", dir="/tmp"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_cluster(
    data_dir: Path, *, is_durable: bool = False, port: int | None = None
) -> Iterator[Cluster]:
    """Run PostgreSQL on a data directory until the block ends; durable it is as slow as the real one.

    With a port it listens there, as a stranger's would, and not on a socket.
    """
    cluster = prepare_cluster(data_dir, password=secrets.token_urlsafe(16))
    cluster = replace(cluster, port=port or cluster.port)
    with (data_dir / "postgres.log").open("wb") as log:
        process = subprocess.Popen(
            [*cluster.command, *([] if is_durable else _FAST)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=cluster.run_dir,
            env=foreign_environment(),
            preexec_fn=before_exec(death_signal=signal.SIGQUIT, account=cluster.account),  # noqa: PLW1509 (no threads yet)
        )
    try:
        _await_ready(cluster, process, data_dir / "postgres.log")
        yield cluster
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(30)


@contextlib.contextmanager
def start_cluster(*, is_durable: bool = False) -> Iterator[str]:
    """Yield the owner's DSN of a new, running PostgreSQL.

    In a fixture: `with start_cluster() as dsn: yield dsn`, scope="session".
    """
    with data_directory() as folder, running_cluster(folder, is_durable=is_durable) as cluster:
        yield cluster.dsn


@contextlib.contextmanager
def external_cluster() -> Iterator[Cluster]:
    """Run a PostgreSQL that listens on a port, as one that somebody else looks after."""
    with data_directory() as folder, running_cluster(folder, port=free_port()) as cluster:
        yield cluster


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def with_database(dsn: str, name: str) -> str:
    """Return the same login for another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def clone_database(owner_dsn: str, template: str, name: str | None = None) -> str:
    """Copy a database nobody is connected to; return the owner's DSN of the copy (about 0.1 s)."""
    made = name or f"t_{secrets.token_hex(6)}"
    await _administer(
        owner_dsn, f'CREATE DATABASE "{made}" TEMPLATE "{template}" STRATEGY file_copy'
    )
    return with_database(owner_dsn, made)


async def create_database(owner_dsn: str, name: str) -> str:
    """Make an empty database; return the owner's DSN of it."""
    await _administer(owner_dsn, f'CREATE DATABASE "{name}"')
    return with_database(owner_dsn, name)


async def drop_database(dsn: str) -> None:
    """Remove the database that the DSN names, whoever is connected to it."""
    name = urlsplit(dsn).path.lstrip("/")
    await _administer(dsn, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _administer(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(with_database(dsn, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _await_ready(cluster: Cluster, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while not cluster.is_ready(process.pid):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)
