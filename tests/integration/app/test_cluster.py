import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from app.failure import StartFailed
from app.supervisor.account import postgres_account, reachable_binaries
from app.supervisor.cluster import Cluster, prepare_cluster, require_plain_path
from app.supervisor.leftover import stop_leftover
from bundled.postgres import PostgresBinaries, find_postgres
from tests.helpers.postgres import data_directory, running_cluster
from tests.helpers.process import processes_of, until


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Path, Cluster]]:
    """A data directory with a cluster in it that does not run."""
    with data_directory() as folder:
        yield folder, prepare_cluster(folder, password="p@ss/wörd")


async def value(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_the_cluster_is_made_as_the_recipe_says() -> None:
    with data_directory() as folder, running_cluster(folder) as cluster:
        assert await value(cluster.dsn, "SHOW data_checksums") == "on"
        assert await value(cluster.dsn, "SHOW listen_addresses") == ""
        assert await value(cluster.dsn, "SHOW server_encoding") == "UTF8"
        locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
        assert await value(cluster.dsn, locale) == "bC.UTF-8"
        assert await value(cluster.dsn, "SELECT 'Ä' ILIKE 'ä'") is True
        wrong = cluster.login("revenge", "wrong")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong)
        assert (cluster.run_dir.stat().st_mode & 0o777) == 0o700
        if os.geteuid() == 0:
            assert cluster.folder.owner() == "revenge"


async def test_a_long_path_falls_back_to_a_loopback_port() -> None:
    with data_directory() as folder:
        deep = folder / ("a" * 60) / ("b" * 60)
        deep.mkdir(parents=True, mode=0o711)
        for part in (deep, deep.parent):
            part.chmod(0o711)
        with running_cluster(deep) as cluster:
            assert cluster.port is not None
            assert await value(cluster.dsn, "SHOW unix_socket_directories") == ""


@pytest.mark.parametrize("name", ["my films & ümläuts", "a,b c", "it's 100%"])
async def test_a_path_with_odd_signs_works(name: str) -> None:
    with data_directory() as folder:
        odd = folder / name
        odd.mkdir()
        odd.chmod(0o711)
        with running_cluster(odd) as cluster:
            assert await value(cluster.dsn, "SELECT 1") == 1


@pytest.mark.parametrize("sign", ['"', "$", "`", "\\"])
def test_signs_that_initdb_would_garble_are_named(sign: str) -> None:
    with pytest.raises(StartFailed, match="without them"):
        require_plain_path(Path(f"/srv/a{sign}b/bin/postgres"))


def test_a_killed_initdb_leaves_nothing_half_made() -> None:
    code = (
        "import sys; from pathlib import Path; from app.supervisor.cluster import prepare_cluster; "
    )
    code += "prepare_cluster(Path(sys.argv[1]), password='x')"
    with data_directory() as folder:
        process = subprocess.Popen([sys.executable, "-c", code, str(folder)])
        until((folder / "postgres.new" / "base").exists, what="initdb is at work")
        process.kill()
        process.wait(10)
        assert not (folder / "postgres").exists()
        until(lambda: not processes_of(folder), what="initdb is gone")
        prepare_cluster(folder, password="x")
        assert (folder / "postgres" / "PG_VERSION").exists()
        assert not (folder / "postgres.new").exists()
        assert not list((folder / "run").iterdir())


def test_another_major_version_is_refused(made: tuple[Path, Cluster]) -> None:
    folder, cluster = made
    version = cluster.folder / "PG_VERSION"
    honest = version.read_bytes()
    version.write_text("14\n")
    with pytest.raises(StartFailed, match="made by PostgreSQL 14"):
        prepare_cluster(folder, password="x")
    version.write_bytes(honest)


def test_a_folder_that_is_no_cluster_is_refused() -> None:
    with data_directory() as folder:
        (folder / "postgres").mkdir()
        with pytest.raises(StartFailed, match="not a PostgreSQL data directory"):
            prepare_cluster(folder, password="x")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root uses another system user")
def test_a_data_directory_out_of_reach_is_said_and_not_opened() -> None:
    with data_directory() as folder:
        closed = folder / "closed"
        inner = closed / "data"
        inner.mkdir(parents=True)
        closed.chmod(0o700)
        with pytest.raises(StartFailed, match=f"may not enter {closed},"):
            prepare_cluster(inner, password="x")
        assert (closed.stat().st_mode & 0o777) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root uses another system user")
def test_programs_out_of_reach_are_copied() -> None:
    found = find_postgres()
    with data_directory() as folder:
        hidden = folder / "hidden"
        hidden.mkdir()
        for part in found.parts:
            (hidden / part).parent.mkdir(parents=True, exist_ok=True)
            (hidden / part).symlink_to(found.root / part)
        hidden.chmod(0o700)
        closed = PostgresBinaries(
            bin_dir=hidden / found.bin_dir.relative_to(found.root),
            version=found.version,
            root=hidden,
            parts=found.parts,
        )
        copied = reachable_binaries(closed, folder, postgres_account())
        assert copied.bin_dir.is_relative_to(folder / "programs" / f"postgresql-{found.version}")
        psql = copied.program("psql")
        subprocess.run([psql, "--version"], user="revenge", cwd="/", check=True)
        assert reachable_binaries(closed, folder, postgres_account()) == copied


def test_a_left_over_postgres_is_stopped() -> None:
    with data_directory() as folder, running_cluster(folder) as cluster:
        assert stop_leftover(cluster.folder, cluster.run_dir) > 1
        assert not (cluster.folder / "postmaster.pid").exists()
        until(lambda: not processes_of(folder), what="PostgreSQL is gone")


def test_a_pid_file_that_names_a_stranger_is_removed(made: tuple[Path, Cluster]) -> None:
    _, cluster = made
    pid_file = cluster.folder / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{cluster.folder}\n")
    (cluster.run_dir / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    assert stop_leftover(cluster.folder, cluster.run_dir) == 0
    assert not pid_file.exists()
    assert not list(cluster.run_dir.iterdir())
    assert psutil.pid_exists(os.getpid())


def test_backends_without_their_postmaster_are_ended() -> None:
    with data_directory() as folder, running_cluster(folder) as cluster:
        leader = int((cluster.folder / "postmaster.pid").read_text().split()[0])
        os.kill(leader, signal.SIGKILL)
        stop_leftover(cluster.folder, cluster.run_dir)
        assert not [p for p in processes_of(folder) if p.pid != leader]
