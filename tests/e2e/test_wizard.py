"""The wizard on a screen, with keys and mouse only: from the command to a film that plays, and out again."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from app.runtime import read_runtime
from gui.look import TOKENS
from gui.session import SessionFile
from tests.helpers.browser import NEEDS_BROWSER, assert_advances, window
from tests.helpers.media import Recipe, make_film
from tests.helpers.process import (
    ROOT,
    assert_no_orphan,
    command,
    environment,
    processes_of,
    until,
)
from tests.helpers.screen import Screen, needs_screen, quit_from_menu, running_screen

pytestmark = [needs_screen, *NEEDS_BROWSER]
NAME, PASSWORD = "Ada", "correct horse battery"
_BRASS = {scheme.accent.upper() for scheme in TOKENS.colour.values()}
WIZARD = "^Set up Revenge$"
SEARCH = ("search", "--onlyvisible", "--name")


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with running_screen() as running:
        yield running


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with three films."""
    for name, length_s in (("Alien (1979)", 60), ("Heat (1995)", 1), ("Ran (1985)", 1)):
        folder = tmp_path / "films" / name
        folder.mkdir(parents=True)
        make_film(folder / f"{name}.mp4", Recipe(length_s=length_s))
    return tmp_path / "films"


class Person:
    """Presses keys in the front window; `press_count` is how often what stands for a click."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.press_count = 0

    def sees(self, title: str) -> None:
        """Wait for a window."""
        until(lambda: self._screen.do(*SEARCH, title), what=f"the window {title} is seen")

    def press(self, key: str = "Return") -> None:
        """Press a button that has the focus, or is the default one."""
        self.press_count += 1
        self._screen.do("key", key)

    def write(self, text: str) -> None:
        """Type a text; a tab goes to the next field."""
        self._screen.do("type", "--delay", "15", text)


@pytest.fixture
def opened(data_dir: Path) -> Path:
    """What the browser was asked to open: `xdg-open`, by which Qt looks for one, only notes it."""
    program, note = data_dir / "xdg-open", data_dir / "opened"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > "{note}"\n')
    program.chmod(0o755)
    return note


@pytest.fixture
def web(screen: Screen, data_dir: Path, opened: Path) -> Iterator[httpx.Client]:
    """The pages of a server that the tray started for the first time."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    env = environment(data_dir, **screen.environment, REVENGE_SERVER_PORT=port)
    env["PATH"] = f"{opened.parent}:{env['PATH']}"
    tray = subprocess.Popen(command("tray"), cwd=ROOT, env=env)
    try:
        with until(lambda: _pages(data_dir), what="the server is ready") as client:
            yield client
        assert tray.wait(30) == 0
    finally:
        tray.kill()
        tray.wait()
        assert_no_orphan(data_dir)


def test_from_the_command_to_a_film_that_plays_and_out_again(
    screen: Screen,
    data_dir: Path,
    films: Path,
    web: httpx.Client,
    opened: Path,
    browser: Browser,
) -> None:
    person = Person(screen)
    person.sees(WIZARD)
    until(lambda: _can_go_on(screen), what="the first page is there")
    person.press()
    _await_step(web, "language", "done")
    person.press()
    _await_step(web, "database", "done")
    person.write(f"{NAME}\t{PASSWORD}\t{PASSWORD}")
    person.press()
    _await_step(web, "administrator", "done")
    token = until(lambda: _token(data_dir), what="the session is kept")
    until(lambda: not _can_go_on(screen), what="the page of the folder is there")
    person.press("space")
    person.sees("^Choose a folder$")
    person.write(str(films))
    person.press()
    until(lambda: _can_go_on(screen), what="the folder was looked into")
    person.press()
    _await_step(web, "library", "done")
    until(lambda: _film_count(web, token) == 3, what="the films are there")
    person.press()
    until(opened.exists, what="the pages are opened")
    assert not screen.do(*SEARCH, WIZARD)
    with window(browser, web) as page:
        click_count = play_first_film(page, opened.read_text(encoding="utf-8"))
        assert person.press_count + click_count <= 12
        quit_from_menu(screen)
        until(lambda: not processes_of(data_dir), what="nothing is left while the film runs")
    log = (data_dir / "logs" / "postgres.log").read_text(encoding="utf-8")
    assert log.rstrip().endswith("database system is shut down")


def play_first_film(page: Page, address: str) -> int:
    """Play a film as somebody who has the account from the wizard; return how many clicks that took."""
    page.goto(address)
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    clicks = [
        page.get_by_role("button", name="Sign in"),
        page.get_by_role("link", name="Alien").first,
        page.get_by_role("link", name="Play").first,
    ]
    for place in clicks:
        place.click()
    assert_advances(page)
    return len(clicks)


def _pages(data_dir: Path) -> httpx.Client | None:
    found = read_runtime(data_dir / "runtime.json")
    if found is None or not found.database_dsn:
        return None
    return httpx.Client(base_url=found.address, timeout=10)


def _await_step(web: httpx.Client, name: str, state: str) -> None:
    def is_there() -> bool:
        steps = web.get("/api/v1/setup").json()["steps"]
        return (name, state) in [(step["name"], step["state"]) for step in steps]

    until(is_there, what=f"{name} is {state}")


def _token(data_dir: Path) -> str | None:
    session = SessionFile(data_dir / "desktop-session.json").load()
    return session.token if session else None


def _film_count(web: httpx.Client, token: str) -> int:
    answer = web.get("/api/v1/libraries", headers={"Authorization": f"Bearer {token}"}).json()
    return sum(one["item_count"] for one in answer["items"] if is_done(one["scan"]))


def is_done(scan: dict[str, str] | None) -> bool:
    return scan is not None and scan["state"] == "done"


def _can_go_on(screen: Screen) -> bool:
    """Return whether Next can be pressed: brass only then."""
    return bool(_BRASS & screen.colours(*_place(screen)))


def _place(screen: Screen) -> tuple[int, int, int, int]:
    """Return the lower right part of the wizard on the screen."""
    said = until(lambda: _geometry(screen), what="the wizard is seen")
    x, y, width, height = (int(said[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
    return x + width // 2, y + height - 80, width // 2, 80


def _geometry(screen: Screen) -> dict[str, str]:
    """Return where the wizard is; a search fails where another window closes under it."""
    words = screen.do(*SEARCH, WIZARD, "getwindowgeometry", "--shell").split()
    return dict(word.split("=") for word in words)
