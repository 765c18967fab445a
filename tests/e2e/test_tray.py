"""The tray on a real panel: it starts the server, is used with the mouse, and leaves nothing behind."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from app.runtime import Runtime, read_runtime
from gui.look import TOKENS
from tests.helpers.process import ROOT, assert_no_orphan, command, environment, run_word, until
from tests.helpers.screen import Screen, needs_screen, quit_from_menu, running_screen

pytestmark = needs_screen
WIZARD = ("search", "--onlyvisible", "--name", "^Set up Revenge$")
ACCENT = TOKENS.colour["dark"].accent


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with running_screen() as running:
        yield running


@contextlib.contextmanager
def running_tray(screen: Screen, data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a tray with a server below it, killed at the end where it still is."""
    tray = start(screen, data_dir)
    try:
        until(lambda: server_of(data_dir), what="the server is ready")
        yield tray
    finally:
        tray.kill()
        tray.wait()
        assert_no_orphan(data_dir)


def start(screen: Screen, data_dir: Path, port: int = 0) -> subprocess.Popen[bytes]:
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
    env = environment(data_dir, **screen.environment, REVENGE_SERVER_PORT=str(port))
    return subprocess.Popen(command("tray"), cwd=ROOT, env=env)


def server_of(data_dir: Path) -> Runtime | None:
    """Return the server that is through with its start."""
    found = read_runtime(data_dir / "runtime.json")
    return found if found and found.database_dsn else None


def is_gone(pid: int) -> bool:
    """Return whether a process has ended; an orphan may wait for its new parent to notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_quit_from_the_menu_leaves_nothing_behind(screen: Screen, data_dir: Path) -> None:
    with running_tray(screen, data_dir) as tray:
        server = server_of(data_dir)
        assert server is not None
        until(lambda: screen.do(*WIZARD), what="the wizard is seen")
        quit_from_menu(screen)
        assert tray.wait(30) == 0
        assert is_gone(server.pid)
        log = (data_dir / "logs" / "postgres.log").read_text(encoding="utf-8")
        assert log.rstrip().endswith("database system is shut down")


def test_a_killed_tray_takes_its_server_along(screen: Screen, data_dir: Path) -> None:
    with running_tray(screen, data_dir) as tray:
        server = server_of(data_dir)
        assert server is not None
        tray.kill()
        until(lambda: is_gone(server.pid), what="the server is gone")
        assert_no_orphan(data_dir)


def test_a_killed_server_is_started_again(screen: Screen, data_dir: Path) -> None:
    with running_tray(screen, data_dir):
        first = server_of(data_dir)
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)

        def is_new() -> bool:
            found = server_of(data_dir)
            return found is not None and found.pid != first.pid

        until(is_new, what="another server is ready")


def test_a_killed_database_is_started_again(screen: Screen, data_dir: Path) -> None:
    with running_tray(screen, data_dir):
        server = server_of(data_dir)
        assert server is not None
        first = postmaster(data_dir)
        os.kill(first, signal.SIGKILL)
        until(lambda: postmaster(data_dir) not in {0, first}, what="another PostgreSQL runs")
        with httpx.Client(base_url=server.address) as client:
            until(lambda: client.get("/health/ready").is_success, what="the server is well again")
        assert not is_gone(server.pid)


def postmaster(data_dir: Path) -> int:
    """Return the first process of the database; 0 while there is none."""
    for file in data_dir.glob("postgres/**/postmaster.pid"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(file.read_text(encoding="utf-8").splitlines()[0])
    return 0


def test_a_second_start_shows_the_first(screen: Screen, data_dir: Path) -> None:
    with running_tray(screen, data_dir) as tray:
        until(lambda: screen.do(*WIZARD), what="the wizard is seen")
        screen.do(*WIZARD, "windowactivate", "--sync")
        screen.do("key", "ctrl+w")
        until(lambda: not screen.do(*WIZARD), what="the wizard is closed")
        assert start(screen, data_dir).wait(30) == 0
        until(lambda: screen.do(*WIZARD), what="the window of the first is seen")
        assert tray.poll() is None
        tray.send_signal(signal.SIGTERM)
        assert tray.wait(30) == 0


@contextlib.contextmanager
def failing_tray(screen: Screen, data_dir: Path, port: int = 0) -> Iterator[None]:
    """Run a tray that cannot start its server, with the window that says so, until it is told to end."""
    tray = start(screen, data_dir, port)
    find = ("search", "--onlyvisible", "--name", "^Revenge .* Health$")
    try:
        until(lambda: screen.do(*find), what="the reason is seen")
        yield
        tray.send_signal(signal.SIGTERM)
        assert tray.wait(30) == 0
    finally:
        tray.kill()
        tray.wait()


def first_way(screen: Screen) -> tuple[str, str]:
    """Return where the button is that stands out, once it is there."""
    return until(lambda: screen.place_of(ACCENT), what="a way out is offered")


def test_a_taken_port_is_shown_and_another_one_is_a_click_away(
    screen: Screen, data_dir: Path
) -> None:
    assert run_word(data_dir, "serve", "--check").returncode == 0  # else the wizard comes too
    (data_dir / "config.yaml").write_text("server: {host: 127.0.0.1}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with failing_tray(screen, data_dir, port):

            def clicked() -> Runtime | None:
                """Click, and again where the window was still on its way to its place."""
                if place := screen.place_of(ACCENT):
                    screen.do("mousemove", *place, "click", "1")
                return server_of(data_dir)

            found = until(clicked, what="the server runs on another port")
            assert not found.address.endswith(f":{port}/")
    assert_no_orphan(data_dir)


def test_an_unusable_data_directory_is_shown(screen: Screen, data_dir: Path) -> None:
    (data_dir / "file").touch()
    with failing_tray(screen, data_dir / "file"):
        assert first_way(screen)
