import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.front import Front
from app.state import State
from tests.helpers.live import Refused, live
from tests.helpers.postgres import data_directory
from tests.helpers.process import (
    ROOT,
    ServerProcess,
    assert_no_orphan,
    command,
    environment,
    run_word,
    running_server,
    until,
)
from tests.helpers.web import served

IS_ROOT = os.geteuid() == 0
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with data_directory() as folder:
        yield folder


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A small file system of its own, where the machine lets us make one."""
    if (
        not IS_ROOT
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False
        ).returncode
    ):
        pytest.skip("only root can mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def refusal(folder: Path, *words: str, **env: str) -> str:
    """Start a server that must not start; return the one sentence that it says."""
    done = run_word(folder, "serve", *(words or ("--host", "127.0.0.1", "--port", "0")), **env)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def refusal_after_handshake(folder: Path) -> str:
    """Start a server that fails late; return its last line on stderr."""
    with running_server(folder) as server:
        assert server.process.wait(20) == 1
        assert server.process.stderr is not None
        return server.process.stderr.read().decode()


def test_a_check_starts_everything_and_loads_nothing_that_is_not_needed(data_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "app", "serve", "--check"],
        cwd=ROOT,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "ok\n"
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
    assert "server.main" in loaded
    assert not loaded & {"PySide6", "av", "pyvips"}
    assert not [
        name for name in loaded if name.startswith(("opentelemetry.exporter", "google", "requests"))
    ]


def test_the_public_port_answers_before_the_database_is_there() -> None:
    with data_directory() as folder, running_server(folder) as server:
        german = {"Accept": "text/html", "Accept-Language": "de-AT,en;q=0.5"}
        page = server.client.get("/movies", headers=german)
        assert page.status_code == 503
        assert page.headers["retry-after"]
        assert "Der Server startet" in page.text
        assert server.client.get("/health/live").status_code == 200
        startup = server.client.get("/health/startup")
        assert startup.status_code == 503
        assert startup.json()["is_ready"] is False
        problem = server.client.get("/api/v1/movies")
        assert problem.headers["content-type"] == "application/problem+json"
        assert problem.json()["code"] == "unavailable"
        server.await_ready()
        assert server.client.get("/api/v1/setup").status_code == 200
        names = [step["name"] for step in server.control.get("/phases").json()["items"]]
        assert names == ["postgres", "migrate", "modules", "ready"]
        assert server.status()["setup_code"]


def test_the_control_listener_wants_token_and_host(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        url = server.handshake["control_url"] + "/control/v1/status"
        assert server.client.get(url).status_code == 401
        assert server.control.get("/status", headers={"Host": "evil.example"}).status_code == 403
        assert server.control.get("/nothing").status_code == 404
        assert server.control.get("/logs", params={"limit": "-1"}).json()["lines"]
        server.await_ready()
        assert server.control.post("/shutdown").status_code == 202
        assert server.process.wait(5) == 0
        assert not (data_dir / "runtime.json").exists()


def test_the_runtime_file_is_private_and_names_the_server(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        for name in ("runtime.json", "secrets.json"):
            assert (data_dir / name).stat().st_mode & 0o777 == 0o600
        said = refusal(data_dir)
        assert str(server.pid) in said
        assert f":{server.handshake['port']}/" in said


def test_nothing_is_printed_after_the_handshake(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(5) == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == b""
        assert server.process.stderr is not None
        assert server.process.stderr.read() == b""


def test_without_a_lifeline_the_console_shows_the_way_and_the_code(data_dir: Path) -> None:
    with started(data_dir) as process:
        code = spoken(process, "enter the code ")
        assert len(code) == 9
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.parametrize(("count", "status"), [(1, 0), (2, 0), (3, 1)])
def test_each_interrupt_ends_it_faster(data_dir: Path, count: int, status: int) -> None:
    with started(data_dir) as process:
        spoken(process, "Revenge runs: ")
        began_s = time.monotonic()
        for _ in range(count):
            process.send_signal(signal.SIGINT)
            time.sleep(0.005)
        late = (
            -signal.SIGINT
        )  # the last one came when all was put away and nobody listened any more
        assert process.wait(10) in {0, status, late}
        assert time.monotonic() - began_s < 10


def test_a_stop_during_the_start_is_clean() -> None:
    with data_directory() as folder, running_server(folder) as server:
        server.control.post("/shutdown")
        assert server.process.wait(20) == 0


@contextlib.contextmanager
def started(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A server without a lifeline, as from a terminal."""
    process = subprocess.Popen(
        command("serve", "--host", "127.0.0.1", "--port", "0"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(folder),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()


def spoken(process: "subprocess.Popen[str]", words: str) -> str:
    """Return what follows these words on stderr."""
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line.partition(words)[2].strip()
    raise AssertionError(f"it never said: {words}")


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        (("setup", "--name", "Ada"), b"short\n", "8 to 1024"),
        (("setup", "--name", "Ada"), b"", "8 to 1024"),
        (("setup", "--name", "Ada"), b"\xff\xfe long password\n", "UTF-8"),
        (("setup", "--name", "A" * 65), b"long password\n", "1 to 64"),
        (("user", "reset", "Ada"), b"short\n", "8 to 1024"),
    ],
)
def test_the_console_takes_what_the_pages_take(
    data_dir: Path, words: tuple[str, ...], text: bytes, said: str
) -> None:
    done = subprocess.run(
        command(*words),
        input=text,
        capture_output=True,
        cwd=ROOT,
        env=environment(data_dir),
        check=False,
    )
    assert done.returncode == 1
    (sentence,) = done.stderr.decode().splitlines()  # PostgreSQL, started for this, did not die
    assert said in sentence


def test_the_console_makes_an_administrator_and_resets_a_password() -> None:
    with data_directory() as folder:
        made = run_word(folder, "setup", "--name", "Ada", text=f"{PASSWORD}\n")
        assert made.returncode == 0, made.stderr
        assert made.stdout.startswith("Language: English (--language chooses)\nDatabase: built in")
        again = run_word(folder, "setup", "--name", "Eve", text=f"{PASSWORD}\n")
        assert again.returncode == 1
        assert "already has an administrator" in again.stderr
        with running_server(folder) as server:
            server.await_ready()
            assert server.status()["setup_code"] is None
            reset = run_word(folder, "user", "reset", "Ada", text="another long password\n")
            assert reset.returncode == 0, reset.stderr
            login = {"name": "Ada", "password": "another long password", "mode": "token"}
            assert server.client.post("/api/v1/auth/login", json=login).status_code == 200
        assert run_word(folder, "user", "reset", "Nobody", text="x\n").returncode == 1


def test_a_taken_port_is_said_with_its_holder(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refusal(data_dir, "--host", "127.0.0.1", "--port", port)
    assert f"Port {port} on 127.0.0.1 is taken" in said
    assert f"process {os.getpid()}" in said
    assert "--port" in said


def test_a_window_is_told_of_a_taken_port_in_one_line(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(data_dir, "--lifeline", "--host", "127.0.0.1", "--port", str(port))
    failure = json.loads(said)
    assert failure["code"] == "port_taken"
    assert f"Port {port}" in failure["reason"]
    offer = failure["context"]
    assert offer["port"] == port
    assert offer["holder_pid"] == os.getpid()
    assert f"Port {offer['free_port']} is free" in failure["reason"]
    with socket.create_server(("127.0.0.1", offer["free_port"])):
        pass


def test_a_window_is_told_why_the_data_directory_cannot_be_used() -> None:
    with data_directory() as folder:
        (folder / "file").write_bytes(b"")
        failure = json.loads(refusal(folder / "file", "--lifeline", "--port", "0"))
        assert failure["code"] == "data_dir.not_a_folder"
        assert failure["context"]["near"] == str(folder)
        assert "REVENGE_DATA_DIR" in failure["reason"]
        with running_server(folder):
            again = json.loads(refusal(folder, "--lifeline", "--port", "0"))
        assert again["code"] == "already_runs"


def test_a_restart_keeps_the_process_and_reads_the_configuration_anew() -> None:
    with data_directory() as folder, running_server(folder) as server:
        server.await_ready()
        assert server.status()["setup_code"]
        (folder / "config.yaml").write_text("logging: {level: debug}")
        assert server.control.post("/restart").status_code == 202
        assert server.process.stdout is not None
        second = json.loads(server.process.stdout.readline())
        assert second["pid"] == server.pid
        assert second["token"] != server.handshake["token"]
        server.client.base_url = f"http://127.0.0.1:{second['port']}"
        server.await_ready()
        assert server.client.get("/api/v1/setup").status_code == 200
        assert server.process.stdin is not None
        server.process.stdin.close()  # the lifeline outlived the restart
        assert server.process.wait(5) == 0
    assert_no_orphan(folder)


def test_a_stop_during_a_restart_is_a_stop() -> None:
    with data_directory() as folder, running_server(folder) as server:
        server.await_ready()
        server.control.post("/restart")
        os.kill(server.pid, signal.SIGTERM)
        assert server.process.wait(10) == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == b""
    assert_no_orphan(folder)


def test_a_restart_into_a_wrong_configuration_says_why() -> None:
    with data_directory() as folder, running_server(folder) as server:
        server.await_ready()
        (folder / "config.yaml").write_text("server: {prot: 1}")
        server.control.post("/restart")
        assert server.process.wait(20) == 1
        assert server.process.stderr is not None
        assert "server.port" in json.loads(server.process.stderr.read())["reason"]
    assert_no_orphan(folder)


def test_the_reason_of_a_dying_database_is_told_in_plain_words(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        os.kill(server.status()["postgres"]["pid"], signal.SIGKILL)
        told = until(
            lambda: one if (one := server.status()["postgres"])["restart_count"] else None,
            what="control tells of the restart",
        )
        assert "Another program or the system" in told["reason"]
        assert told["state"] == "running" or told["next_try_at"]


def test_an_address_that_is_not_ours_is_said(data_dir: Path) -> None:
    assert "cannot listen on 203.0.113.7" in refusal(
        data_dir, "--host", "203.0.113.7", "--port", "0"
    )


def test_a_data_directory_that_is_a_file_is_said() -> None:
    with data_directory() as folder:
        (folder / "file").write_bytes(b"")
        assert "is not a directory" in refusal(folder / "file")
        assert "is not a directory" in refusal(folder / "file" / "below")


def test_a_read_only_data_directory_is_said() -> None:
    with data_directory() as folder, mounted(folder, "ro,mode=711"):
        assert "Read-only file system" in refusal(folder)


def test_a_full_data_directory_is_said() -> None:
    with data_directory() as folder, mounted(folder, "size=1m,mode=711"):
        assert "is full" in refusal(folder)


def test_a_data_directory_on_another_file_system_works() -> None:
    with data_directory() as folder, mounted(folder, "size=300m,mode=711"):
        assert run_word(folder, "serve", "--check").returncode == 0


@pytest.mark.skipif(not IS_ROOT, reason="only root can give files away")
def test_a_data_directory_of_another_user_is_said() -> None:
    with data_directory() as folder:
        (folder / "secrets.json").write_bytes(b"{}")
        os.chown(folder / "secrets.json", 65534, 65534)
        assert "belongs to the user nobody" in refusal(folder)


def test_lost_or_damaged_secrets_are_said() -> None:
    with data_directory() as folder:
        (folder / "secrets.json").write_bytes(b'{"realms":')
        assert "is damaged" in run_word(folder, "serve", "--check").stderr
        (folder / "secrets.json").unlink()
        (folder / "postgres").mkdir()
        assert "is gone" in run_word(folder, "serve", "--check").stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"server:\n  prot: 1\n", "server.port"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"server:\n\tport: 1", "YAML"),
    ],
)
def test_a_wrong_configuration_is_said_with_its_place(content: bytes, said: str) -> None:
    with data_directory() as folder:
        (folder / "config.yaml").write_bytes(content)
        assert said in refusal(folder)
        assert run_word(folder, "config", "check").returncode == 1


def test_a_configuration_with_a_byte_order_mark_works() -> None:
    with data_directory() as folder:
        (folder / "config.yaml").write_bytes(b"\xef\xbb\xbfserver:\n  port: 9999\n")
        assert "9999" in run_word(folder, "config", "show").stdout
        assert run_word(folder, "config", "check").returncode == 0


def test_a_missing_file_that_was_named_is_said(data_dir: Path) -> None:
    named = {"REVENGE_CONFIG_FILE": "/nonexistent/revenge.yaml"}
    assert "is not there" in refusal(data_dir, **named)
    check = run_word(data_dir, "config", "check", **named)
    assert check.returncode == 1
    assert "is not there" in check.stderr


def test_a_log_that_cannot_be_opened_is_said() -> None:
    with data_directory() as folder:
        (folder / "logs" / "revenge.log").mkdir(parents=True)
        assert "revenge.log cannot be written" in refusal(folder, "--lifeline", "--port", "0")


def test_a_damaged_database_is_said_in_its_own_words() -> None:
    with data_directory() as folder:
        assert run_word(folder, "serve", "--check").returncode == 0
        (folder / "postgres" / "global" / "pg_control").write_bytes(b"")
        told = json.loads(refusal_after_handshake(folder))
        assert "pg_control" in told["reason"]
        assert told["context"] == {"folder": str(folder)}
        (folder / "postgres" / "postmaster.pid").unlink(missing_ok=True)
        (folder / "postgres" / "postmaster.pid").mkdir()
        assert "postmaster.pid" in run_word(folder, "serve", "--check").stderr.splitlines()[-1]


@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", ">/dev/full"])
def test_a_closed_or_full_console_does_not_end_it(data_dir: Path, closed: str) -> None:
    words = " ".join(command("serve", "--check"))
    done = subprocess.run(
        ["sh", "-c", f"exec {words} {closed}"], cwd=ROOT, env=environment(data_dir), check=False
    )
    assert done.returncode == 0


def test_a_reader_that_is_gone_and_a_hangup_under_nohup_do_not_end_it(data_dir: Path) -> None:
    with subprocess.Popen(
        ["nohup", *command("serve", "--host", "127.0.0.1", "--port", "0")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(data_dir),
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        spoken(process, "Revenge runs: ")
        process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        process.terminate()
        assert '"why": "SIGTERM"' in "".join(process.stderr or ())
        assert process.wait(10) == 0


def test_whoever_looks_at_the_status_page_reads_why_the_start_failed() -> None:
    with data_directory() as folder:
        with running_server(folder) as server:
            server.await_ready()
            dsn = json.loads((folder / "runtime.json").read_bytes())["database_dsn"]
            asyncio.run(edit_the_first_migration(dsn))
        said = "0001_users.sql"
        with running_server(folder) as server:
            page = until(
                lambda: text if said in (text := look(server)) else None,
                what="the page says why",
            )
            assert "could not start" in page
            assert "refresh" not in page
            assert server.process.wait(10) == 1
            assert server.process.stderr is not None
            told = json.loads(server.process.stderr.read())
            assert (told["code"], told["context"]["file"]) == ("migrate.edited", said)
        done = run_word(folder, "serve", "--check")
        assert done.returncode == 1
        assert said in done.stderr.splitlines()[-1]


def look(server: ServerProcess) -> str:
    return server.client.get("/", headers={"Accept": "text/html"}).text


async def edit_the_first_migration(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("UPDATE shared.migrations SET checksum = '' WHERE number = 1")
    finally:
        await connection.close()


def test_an_external_database_that_refuses_is_said(data_dir: Path, cluster_dsn: str) -> None:
    password = cluster_dsn.partition("revenge:")[2].partition("@")[0]
    said = run_word(
        data_dir, "serve", "--check", REVENGE_DATABASE_URL=cluster_dsn.replace(password, "hunter2")
    )
    assert said.returncode == 1
    assert "user or the password" in said.stderr
    assert "hunter2" not in said.stderr


def test_an_external_database_is_used_and_nothing_else_is_started(cluster_dsn: str) -> None:
    with data_directory() as folder:
        done = run_word(folder, "serve", "--check", REVENGE_DATABASE_URL=cluster_dsn)
        assert done.returncode == 0, done.stderr
        assert not (folder / "postgres").exists()


def test_the_console_says_which_database_it_works_on(cluster_dsn: str) -> None:
    with data_directory() as folder:
        choice = folder / "database.json"
        choice.write_text(json.dumps({"url": cluster_dsn}))
        early = run_word(folder, "setup", "--name", "Ada", text=f"{PASSWORD}\n")
        assert (early.returncode, early.stdout) == (1, "")
        assert "Start the server" in early.stderr
        choice.write_text(json.dumps({"url": cluster_dsn, "is_proven": True}))
        words = ("setup", "--name", "A" * 65, "--language", "de")
        said = run_word(folder, *words, text=f"{PASSWORD}\n")
        assert "Language: Deutsch" in said.stdout
        assert f"an external PostgreSQL, named in {choice}" in said.stdout
        assert not (folder / "postgres").exists()


def test_the_words_without_a_server(data_dir: Path) -> None:
    assert run_word(data_dir, "version").stdout.strip()
    assert "server.port" in run_word(data_dir, "config", "docs").stdout
    assert run_word(data_dir, "no-such-word").returncode == 2
    assert run_word(data_dir, "serve", "--port", "70000").returncode == 2


def test_the_tray_says_that_there_is_no_display(data_dir: Path) -> None:
    done = run_word(data_dir, "tray", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 1
    assert "revenge-server serve" in done.stderr


def test_a_worker_ends_with_its_input(data_dir: Path) -> None:
    done = run_word(data_dir, "worker")
    assert (done.returncode, done.stdout) == (0, "")


async def test_who_asks_for_a_socket_during_the_start_is_told_to_come_again() -> None:
    state = State(host="127.0.0.1", address="http://127.0.0.1:8080/", version="1.2.3")
    front: Any = Front(state)
    async with served(front) as url:
        with pytest.raises(Refused) as refused:
            async with live(url, headers={}):
                pass
    assert refused.value.status == 503
    assert json.loads(refused.value.body)["code"] == "unavailable"
