"""Kills, for real: the server, PostgreSQL, the parent. The next start is clean and nothing is lost."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from tests.helpers.postgres import data_directory
from tests.helpers.process import (
    ROOT,
    ServerProcess,
    assert_no_orphan,
    command,
    database_dsn,
    environment,
    running_server,
    until,
)

ROUNDS = int(os.environ.get("REVENGE_DRILL_ROUNDS", "2"))
PARENT = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
sys.stdin.read()
"""
pytestmark = pytest.mark.timeout(120 + 15 * ROUNDS)


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with data_directory() as folder:
        yield folder


def remember(data_dir: Path) -> int:
    """Write one row through a committed transaction; return how many there are."""

    async def write() -> int:
        connection = await asyncpg.connect(database_dsn(data_dir))
        try:
            await connection.execute("CREATE TABLE IF NOT EXISTS public.drill (at timestamptz)")
            await connection.execute("INSERT INTO public.drill VALUES (now())")
            return int(await connection.fetchval("SELECT count(*) FROM public.drill"))
        finally:
            await connection.close()

    return asyncio.run(write())


def test_a_killed_server_leaves_nothing_and_loses_nothing(data_dir: Path) -> None:
    before = -1
    for _ in range(ROUNDS):
        with running_server(data_dir) as server:
            server.await_ready()
            rows = remember(data_dir)
            assert before in {-1, rows - 1}
            before = rows
            os.kill(server.pid, signal.SIGKILL)
            server.process.wait(10)
            assert_no_orphan(data_dir)


def test_a_killed_server_and_postgres_at_once_start_cleanly_again(data_dir: Path) -> None:
    before = -1
    for _ in range(ROUNDS):
        with running_server(data_dir) as server:
            server.await_ready()
            rows = remember(data_dir)
            assert before in {-1, rows - 1}
            before = rows
            postgres_pid = server.status()["postgres"]["pid"]
            os.kill(server.pid, signal.SIGSTOP)
            os.kill(postgres_pid, signal.SIGKILL)
            os.kill(server.pid, signal.SIGKILL)
            server.process.wait(10)
    with running_server(data_dir) as server:
        server.await_ready()
        assert remember(data_dir) == before + 1
    assert_no_orphan(data_dir)


def test_a_server_killed_after_a_process_of_postgres_leaves_nothing(data_dir: Path) -> None:
    for _ in range(ROUNDS):
        with running_server(data_dir) as server:
            server.await_ready()
            crash(server)
            os.kill(server.pid, signal.SIGKILL)
            server.process.wait(10)
            assert_no_orphan(data_dir)


@pytest.mark.parametrize("victim", ["postgres", "a process of it"])
def test_a_killed_postgres_is_started_again_and_the_server_goes_on(
    data_dir: Path, victim: str
) -> None:
    for _ in range(ROUNDS):
        with running_server(data_dir) as server:
            server.await_ready()
            rows = remember(data_dir)
            before = server.status()["postgres"]
            if victim == "postgres":
                os.kill(before["pid"], signal.SIGKILL)
            else:
                crash(server)
            until(lambda: is_running_again(server), what="PostgreSQL runs again")
            assert server.status()["postgres"]["pid"] != before["pid"]
            until(lambda: server.client.get("/api/v1/setup").is_success, what="it answers")
            assert remember(data_dir) == rows + 1
            assert server.process.poll() is None
        assert_no_orphan(data_dir)


def test_while_postgres_is_away_the_answer_is_a_clear_503(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        os.kill(server.status()["postgres"]["pid"], signal.SIGKILL)
        codes = set()

        def is_back() -> bool:
            codes.add(server.client.get("/api/v1/setup").status_code)
            return is_running_again(server)

        until(is_back, what="PostgreSQL runs again")
    assert codes <= {200, 503}


def test_a_killed_parent_takes_the_server_with_it(data_dir: Path) -> None:
    for _ in range(ROUNDS):
        parent = subprocess.Popen(
            [
                sys.executable,
                "-c",
                PARENT,
                *command("serve", "--lifeline", "--host", "127.0.0.1", "--port", "0"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment(data_dir),
        )
        assert parent.stdout is not None
        assert parent.stdin is not None
        server_pid = json.loads(parent.stdout.readline())["pid"]
        remember(data_dir)
        parent.kill()
        parent.wait(10)
        await_end(server_pid)
        assert_no_orphan(data_dir)
        assert not (data_dir / "runtime.json").exists()
        parent.stdin.close()
        parent.stdout.close()


def crash(server: ServerProcess) -> None:
    """Kill a process of PostgreSQL and wait until it says that it noticed."""
    log = server.data_dir / "logs" / "postgres.log"
    size_bytes = log.stat().st_size
    psutil.Process(server.status()["postgres"]["pid"]).children()[0].kill()
    until(lambda: log.stat().st_size > size_bytes, what="PostgreSQL says that it crashed")


def is_running_again(server: ServerProcess) -> bool:
    now = server.status()["postgres"]
    return bool(now["restart_count"] == 1 and now["state"] == "running")


def await_end(pid: int) -> None:
    def is_gone() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    until(is_gone, what="the server is gone", within_s=5)
