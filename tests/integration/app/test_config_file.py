"""A running server and its configuration file: taken over, refused, mended; and what a hangup means."""

import contextlib
import json
import os
import pty
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpers.postgres import data_directory
from tests.helpers.process import (
    ROOT,
    ServerProcess,
    command,
    environment,
    run_word,
    running_server,
    until,
)


def allowing(host: str) -> str:
    """Return a section that allows a name: whether it is answered shows what holds."""
    return f"server: {{allowed_hosts: [{host}]}}\n"


BASE = allowing("base.example.org")


@pytest.fixture(scope="module")
def served() -> Iterator[ServerProcess]:
    with data_directory() as folder:
        (folder / "config.yaml").write_text(BASE)
        with running_server(folder) as server:
            server.await_ready()
            await_part(server, None)
            yield server


@pytest.fixture
def file(served: ServerProcess) -> Iterator[Path]:
    """The file of a server that is well, before and after."""
    path = served.data_dir / "config.yaml"
    yield path
    path.unlink(missing_ok=True)
    replace(path, BASE)
    until(lambda: is_answered(served, "base.example.org"), what="the file from before holds")
    await_part(served, None)


def replace(path: Path, text: str) -> None:
    """Write as most editors do: another file takes the name."""
    draft = path.with_name("draft")
    draft.write_text(text)
    draft.replace(path)


def part(server: ServerProcess) -> dict[str, Any] | None:
    """How the configuration fares, once somebody looked."""
    parts = server.client.get("/health").json()["parts"]
    found: dict[str, Any] = next(one for one in parts if one["name"] == "configuration")
    return found if found["is_initialised"] else None


def await_part(server: ServerProcess, code: str | None) -> dict[str, Any]:
    """Return how the configuration fares when it fares so."""

    def seen() -> dict[str, Any] | None:
        found = part(server)
        return found if found is not None and found["code"] == code else None

    return until(seen, what=f"the configuration is {code or 'well'}")


def lines(server: ServerProcess) -> list[dict[str, Any]]:
    """What the log holds by now."""
    text = (server.data_dir / "logs" / "revenge.log").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def await_line(server: ServerProcess, event: str, **fields: object) -> dict[str, Any]:
    """Return the first line of that event with these fields."""

    def seen() -> dict[str, Any] | None:
        found = (line for line in lines(server) if line["event"] == event)
        return next((line for line in found if fields.items() <= line.items()), None)

    return until(seen, what=f"the log says {event} {fields}")


def is_answered(server: ServerProcess, host: str) -> bool:
    return server.client.get("/health", headers={"Host": host}).status_code == 200


def test_a_name_is_answered_as_soon_as_the_file_allows_it(
    served: ServerProcess, file: Path
) -> None:
    assert not is_answered(served, "films.example.org")
    replace(file, allowing("films.example.org"))
    until(lambda: is_answered(served, "films.example.org"), what="the new name is answered")
    replace(file, allowing("other.example.org"))
    until(lambda: is_answered(served, "other.example.org"), what="the other name is answered")
    assert not is_answered(served, "films.example.org")


def test_the_level_of_the_log_changes(served: ServerProcess, file: Path) -> None:
    replace(file, allowing("quiet.example.org") + "logging: {level: error}\n")
    until(lambda: is_answered(served, "quiet.example.org"), what="the level is error")
    before = len(lines(served))
    replace(file, allowing("silent.example.org") + "logging: {level: error, format: text}\n")
    until(lambda: is_answered(served, "silent.example.org"), what="another change holds")
    assert len(lines(served)) == before
    replace(file, allowing("silent.example.org") + "logging: {level: info}\n")
    await_line(served, "configuration changed", keys=["logging.level"])


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.write_text("logging:\n  level: debug\nserver: {al"), "config.stale"),
        (Path.unlink, "config.file_gone"),
        (fifo, "config.file_unreadable"),
    ],
)
def test_a_bad_file_turns_health_yellow_and_a_mended_one_green(
    served: ServerProcess, file: Path, spoil: Callable[[Path], object], code: str
) -> None:
    replace(file, allowing("films.example.org"))
    until(lambda: is_answered(served, "films.example.org"), what="the name is answered")
    spoil(file)
    found = await_part(served, code)
    assert "The values from before stay in force." in found["reason"]
    assert str(served.data_dir) not in found["reason"]
    assert served.client.get("/health").json()["status"] == "degraded"
    assert served.client.get("/health/ready").status_code == 200
    assert served.status()["health"] == "degraded"
    assert is_answered(served, "films.example.org")
    said = await_line(served, "configuration not taken over")
    assert str(file) in said["problem"]

    file.unlink(missing_ok=True)
    replace(file, allowing("new.example.org"))
    await_part(served, None)
    until(lambda: is_answered(served, "new.example.org"), what="the mended file holds")
    assert served.client.get("/health").json()["status"] == "healthy"


def test_a_folder_of_links_is_swapped_as_kubernetes_does(served: ServerProcess, file: Path) -> None:
    def version(name: str, text: str) -> None:
        made = served.data_dir / name
        made.mkdir()
        (made / "config.yaml").write_text(text)
        link = served.data_dir / "..data_tmp"
        link.symlink_to(name)
        link.replace(served.data_dir / "..data")

    version("..2026_1", allowing("one.example.org"))
    file.unlink()
    file.symlink_to("..data/config.yaml")
    until(lambda: is_answered(served, "one.example.org"), what="the first version holds")
    version("..2026_2", allowing("two.example.org"))
    until(lambda: is_answered(served, "two.example.org"), what="the second version holds")


def test_what_needs_a_restart_is_named_without_its_value(served: ServerProcess, file: Path) -> None:
    replace(file, "server: {port: 4711}\nauth: {jwt_secret: hunter2-hunter2-hunter2-hunter2-xx}\n")
    keys = ["server.port", "auth.jwt_secret"]
    await_line(served, "takes effect after a restart", keys=keys)
    assert "hunter2" not in json.dumps(lines(served))
    assert served.client.get("/health").status_code == 200
    replace(file, "server: {prot: 1}\nauth: {jwt_secret: hunter2}\n")
    await_part(served, "config.stale")
    assert "hunter2" not in json.dumps(lines(served))


def test_a_hangup_has_the_file_read_at_once(served: ServerProcess, file: Path) -> None:
    replace(file, allowing("asked.example.org"))
    os.kill(served.pid, signal.SIGHUP)
    until(lambda: is_answered(served, "asked.example.org"), what="the file was read")
    assert served.process.poll() is None


def test_the_words_of_the_command_line_see_the_same(served: ServerProcess, file: Path) -> None:
    replace(file, "logging: {level: loud}\n")
    await_part(served, "config.stale")
    done = run_word(served.data_dir, "config", "check")
    assert done.returncode == 1
    assert done.stdout.startswith(f"error: {file}:1: logging.level")
    replace(file, "logging: {level: debug}\n")
    assert f"# {file}:1" in run_word(served.data_dir, "config", "show").stdout


def test_a_closed_terminal_ends_the_server() -> None:
    ours, theirs = pty.openpty()

    with data_directory() as folder:
        process = subprocess.Popen(
            ["setsid", "--ctty", *command("serve", "--host", "127.0.0.1", "--port", "0")],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=ROOT,
            env=environment(folder),
        )
        os.close(theirs)
        text = b""
        while b"Revenge runs: " not in text:
            text += os.read(ours, 4096)
        address = text.decode().split("Revenge runs: ")[1].split()[0]
        os.kill(process.pid, signal.SIGHUP)  # the terminal is there: no reason to end
        (folder / "config.yaml").write_text(allowing("films.example.org"))
        known = {"Host": "films.example.org"}
        until(
            lambda: httpx.get(f"{address}/health", headers=known, trust_env=False).is_success,
            what="it runs and has read the file",
        )
        os.close(ours)
        with contextlib.suppress(ProcessLookupError):
            assert process.wait(30) == 0
