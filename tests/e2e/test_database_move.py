"""The setup moves to another PostgreSQL, for real: there, back, refused, failed, and killed at any moment."""

import asyncio
import json
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from app.supervisor.cluster import Cluster
from tests.helpers.postgres import create_database, data_directory, external_cluster
from tests.helpers.process import (
    ServerProcess,
    assert_no_orphan,
    database_dsn,
    run_word,
    running_server,
    until,
)
from tests.helpers.web import ADMIN_NAME, ADMIN_PASSWORD

ROUNDS = int(os.environ.get("REVENGE_DRILL_ROUNDS", "2"))
SETUP = "/api/v1/setup"
MOMENTS = 3 * ROUNDS
MOVE_S = 3.0  # about what a move takes: kills fall into all of it
pytestmark = pytest.mark.timeout(180 + 30 * ROUNDS)


@pytest.fixture(scope="module")
def external() -> Iterator[Cluster]:
    """A PostgreSQL that is not ours."""
    with external_cluster() as cluster:
        yield cluster


@pytest.fixture
def url(external: Cluster) -> str:
    """The address of a new database there."""
    return asyncio.run(create_database(external.dsn, f"t_{uuid4().hex[:12]}"))


@pytest.fixture
def server(data_dir: Path) -> Iterator[ServerProcess]:
    """A server that nobody has claimed."""
    with running_server(data_dir) as running:
        running.await_ready()
        yield running


def ask(server: ServerProcess, url: str | None, code: str | None = None) -> Any:
    """Ask for the move; return the answer."""
    given = {"code": code or server.status()["setup_code"], "url": url}
    return server.client.post(f"{SETUP}/database", json=given)


def move(server: ServerProcess, url: str | None) -> None:
    """Move, and return when the server is ready there."""
    answer = ask(server, url)
    assert answer.status_code == 202, answer.text
    assert answer.json()["database"]["is_restarting"] is True
    server.await_restart()
    server.await_ready()


def now(server: ServerProcess) -> dict[str, Any]:
    """Return what the setup says of the database."""
    database: dict[str, Any] = server.client.get(SETUP).json()["database"]
    return database


def states(server: ServerProcess) -> list[str]:
    return [step["state"] for step in server.client.get(SETUP).json()["steps"]]


def claim(server: ServerProcess, code: str) -> None:
    given = {"code": code, "name": ADMIN_NAME, "password": ADMIN_PASSWORD}
    assert server.client.post(f"{SETUP}/administrator", json=given).status_code == 201


def await_cleared(data_dir: Path) -> None:
    """Wait until our own database is gone."""
    left = [data_dir / "postgres", data_dir / "postgres.removing"]
    until(lambda: not any(map(Path.exists, left)), what="the built-in database is removed")


def on(url: str, server: ServerProcess) -> bool:
    """Return whether the server stands on the database of an address."""
    return database_dsn(server.data_dir) == url


def everything_written(data_dir: Path) -> str:
    """Return all that stands in the logs."""
    return "".join(file.read_text(errors="replace") for file in (data_dir / "logs").iterdir())


def test_the_setup_goes_on_with_the_same_code_on_the_database_that_was_chosen(
    server: ServerProcess, url: str
) -> None:
    code = server.status()["setup_code"]
    server.client.post(f"{SETUP}/decided", json={"code": code, "step": "language"})
    move(server, url)
    assert on(url, server)
    assert server.status()["setup_code"] == code
    assert server.status()["postgres"] is None
    assert states(server) == ["done", "done", "open", "open"]
    assert now(server) == {
        "is_external": True,
        "is_restarting": False,
        "pinned_by": None,
        "problem": None,
    }
    choice = server.data_dir / "database.json"
    assert stat.S_IMODE(choice.stat().st_mode) == 0o600
    assert code not in choice.read_text()
    await_cleared(server.data_dir)
    claim(server, code)
    assert server.client.get(SETUP).json()["database"] is None
    assert ask(server, None, code).status_code == 409
    password = urlsplit(url).password
    assert password
    assert password not in everything_written(server.data_dir)
    assert password not in "".join(server.control.get("/logs").json()["lines"])


def test_what_was_chosen_is_shown_without_the_password_and_outlives_a_start(
    data_dir: Path, url: str
) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        code = server.status()["setup_code"]
        move(server, url)
        claim(server, code)
    shown = run_word(data_dir, "config", "show").stdout
    line = next(line for line in shown.splitlines() if line.startswith("database.url"))
    assert line.endswith(str(data_dir / "database.json"))
    assert "***" in line
    assert str(urlsplit(url).password) not in shown
    with running_server(data_dir) as server:
        server.await_ready()
        assert on(url, server)


def test_a_move_can_be_taken_back(server: ServerProcess, url: str) -> None:
    code = server.status()["setup_code"]
    move(server, url)
    await_cleared(server.data_dir)
    move(server, None)
    assert not (server.data_dir / "database.json").exists()
    assert server.status()["postgres"]["state"] == "running"
    assert now(server)["is_external"] is False
    claim(server, code)


def test_a_database_of_another_server_is_gone_on_with(server: ServerProcess, url: str) -> None:
    code = server.status()["setup_code"]
    move(server, url)
    claim(server, code)
    with data_directory() as other, running_server(other) as second:
        second.await_ready()
        move(second, url)
        assert second.status()["setup_code"] is None
        given = {"name": ADMIN_NAME, "password": ADMIN_PASSWORD}
        assert second.client.post("/api/v1/auth/login", json=given).status_code == 200
        await_cleared(other)


def test_a_server_that_cannot_start_there_goes_back_and_says_why(
    server: ServerProcess, url: str
) -> None:
    """The owner may log in, so a test is content; what the server itself logs in as may not."""
    code = server.status()["setup_code"]
    asyncio.run(refuse_roles(url))
    move(server, url)
    assert now(server)["is_external"] is False
    assert "not to everything that the server needs" in now(server)["problem"]
    assert not (server.data_dir / "database.json").exists()
    german = server.client.get(SETUP, headers={"accept-language": "de"}).json()
    assert german["database"]["problem"].startswith("Der Server ist zur Datenbank davor")
    claim(server, code)
    assert (server.data_dir / "postgres").exists()
    assert str(urlsplit(url).password) not in everything_written(server.data_dir)


async def refuse_roles(url: str) -> None:
    """Let nobody but the owner into the database: its roles are members of everybody."""
    owner = await asyncpg.connect(url)
    name = urlsplit(url).path.lstrip("/")
    await owner.execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
    await owner.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda url: url.replace("//revenge:", "//revenge:x"), "refused the login"),
        (lambda url: url.replace("/t_", "/no_such_"), "refused the login"),
        (lambda _: "postgres://u:hunter2@127.0.0.1:1/x", "does not answer"),
    ],
)
def test_one_that_refuses_meanwhile_gives_way_to_the_built_in_one(
    data_dir: Path, url: str, change: Callable[[str], str], said: str
) -> None:
    choice = {"url": change(url), "code": "ABCD-EFGH"}
    (data_dir / "database.json").write_text(json.dumps(choice))
    with running_server(data_dir) as server:
        server.await_ready()
        assert now(server)["problem"].startswith("The server went back to the database before.")
        assert said in now(server)["problem"]
        claim(server, "ABCD-EFGH")
    with running_server(data_dir) as server:
        server.await_ready()
        assert server.status()["setup_code"] is None
    assert "hunter2" not in everything_written(data_dir)


def test_one_that_fails_later_falls_back_to_the_one_before(
    server: ServerProcess, external: Cluster, url: str
) -> None:
    second = asyncio.run(create_database(external.dsn, f"t_{uuid4().hex[:12]}"))
    asyncio.run(refuse_roles(second))
    move(server, url)
    move(server, second)
    assert on(url, server)
    assert now(server)["is_external"] is True
    assert now(server)["problem"]


def test_one_that_is_gone_once_it_was_used_is_no_reason_to_begin_anew(
    data_dir: Path, external: Cluster, url: str
) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        move(server, url)
        await_cleared(data_dir)
    name = urlsplit(url).path.lstrip("/")
    asyncio.run(drop(external.dsn, name))
    said = run_word(data_dir, "serve", "--check")
    assert said.returncode == 1
    assert "no database of that name" in said.stderr
    assert str(data_dir / "database.json") in said.stderr
    assert not (data_dir / "postgres").exists()


async def drop(owner_dsn: str, name: str) -> None:
    owner = await asyncpg.connect(owner_dsn)
    await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await owner.close()


def test_what_is_pinned_is_not_moved(data_dir: Path, external: Cluster, url: str) -> None:
    pinned = asyncio.run(create_database(external.dsn, f"t_{uuid4().hex[:12]}"))
    with running_server(data_dir, REVENGE_DATABASE_URL=pinned) as server:
        server.await_ready()
        assert now(server)["pinned_by"] == "env"
        assert ask(server, url).json()["code"] == "setup.database_pinned"
    (data_dir / "config.yaml").write_text(f"database:\n  url: {pinned}\n")
    with running_server(data_dir) as server:
        server.await_ready()
        assert now(server)["pinned_by"] == "file"
        assert ask(server, None).json()["code"] == "setup.database_pinned"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 5}', '{"url": "x"}', "\0" * 5000])
def test_a_file_that_is_no_choice_is_said_with_the_way_out(data_dir: Path, text: str) -> None:
    (data_dir / "database.json").write_text(text)
    said = run_word(data_dir, "serve", "--check")
    assert said.returncode == 1
    assert str(data_dir / "database.json") in said.stderr


def test_an_account_keeps_the_database_that_it_is_in(data_dir: Path, url: str) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        claim(server, server.status()["setup_code"])
    (data_dir / "database.json").write_text(json.dumps({"url": url, "is_proven": True}))
    with running_server(data_dir) as server:
        server.await_ready()
        said = "stays: somebody has an account there"
        until(lambda: said in everything_written(data_dir), what="it was looked into")
    (data_dir / "database.json").unlink()
    with running_server(data_dir) as server:
        server.await_ready()
        assert server.status()["setup_code"] is None


@pytest.mark.parametrize("is_proven", [False, True])
@pytest.mark.parametrize("left", ["whole", "half", "both", "damaged"])
def test_a_start_goes_on_wherever_the_move_was_broken_off(
    data_dir: Path, url: str, left: str, is_proven: bool
) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
    own, old = data_dir / "postgres", data_dir / "postgres.removing"
    match left:
        case "half":
            own.rename(old)
        case "both":
            old.mkdir()
            (old / "PG_VERSION").write_text("18\n")
        case "damaged":
            (own / "global" / "pg_control").unlink()
    choice = {"url": url, "code": "AAAA-BBBB", "is_proven": is_proven}
    (data_dir / "database.json").write_text(json.dumps(choice))
    with running_server(data_dir) as server:
        server.await_ready()
        assert on(url, server)
        if left == "damaged":
            until(lambda: "database stays" in everything_written(data_dir), what="it was tried")
            assert own.exists()
        else:
            await_cleared(data_dir)
    assert_no_orphan(data_dir)


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_server_killed_at_any_moment_of_the_move_starts_again(
    data_dir: Path, url: str, moment: int
) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        assert ask(server, url).status_code == 202
        time.sleep(MOVE_S * moment / MOMENTS)
        os.kill(server.pid, signal.SIGKILL)
        server.process.wait(10)
    assert_no_orphan(data_dir)
    with running_server(data_dir) as server:
        server.await_ready()
        assert on(url, server)
        claim(server, server.status()["setup_code"])
        await_cleared(data_dir)
    assert_no_orphan(data_dir)
