"""Pages that stand open follow what others do to the libraries."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.helpers.browser import NEEDS_BROWSER, add_library, claimed_server, scan
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ROOT, ServerProcess, command, environment, until

FILM_COUNT = 60

pytestmark = NEEDS_BROWSER


@pytest.fixture
def films() -> Iterator[Path]:
    with data_directory() as folder:
        folder.chmod(0o755)
        make_film(folder / "Mist 01 (1999).mp4", Recipe(length_s=1))
        add(folder, "Albatross", *(f"Mist {number:02}" for number in range(2, FILM_COUNT)))
        yield folder


@pytest.fixture
def server(films: Path) -> Iterator[ServerProcess]:
    """A server whose client is another one than the browser."""
    with claimed_server() as running:
        add_library(running, films)
        yield running


def add(films: Path, *titles: str) -> None:
    for title in titles:
        shutil.copy(next(films.glob("Mist*.mp4")), films / f"{title} (1999).mp4")


def library_of(server: ServerProcess) -> str:
    """Return the address of the only library."""
    (library,) = server.client.get("/api/v1/libraries").json()["items"]
    return f"/api/v1/libraries/{library['library_id']}"


def test_a_film_that_somebody_else_scans_comes_to_the_open_grid(
    page: Page, server: ServerProcess, films: Path
) -> None:
    page.goto("/films")
    page.get_by_text(f"{FILM_COUNT} films").wait_for()
    add(films, "Arrival")
    scan(server, library_of(server))
    expect(page.get_by_role("link", name="Arrival")).to_be_visible()
    expect(page.get_by_text(f"{FILM_COUNT + 1} films")).to_be_visible()


def test_what_the_reader_looks_at_stays_where_it_is(
    page: Page, server: ServerProcess, films: Path
) -> None:
    page.set_viewport_size({"width": 900, "height": 600})
    page.goto("/films")
    card = page.get_by_role("link", name="Mist 33")
    page.get_by_text(f"{FILM_COUNT} films").wait_for()
    page.evaluate("scrollTo(0, 1500)")
    card.focus()
    top_px = spot(card)["top"]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    add(films, *(f"Arrival {number}" for number in range(10)))
    scan(server, library_of(server))
    page.get_by_text(f"{FILM_COUNT + 10} films").wait_for()
    expect(card).to_be_focused()
    assert spot(card)["top"] == top_px
    next(films.glob("Mist 33*")).unlink()
    scan(server, library_of(server))
    page.get_by_text(f"{FILM_COUNT + 9} films").wait_for()
    expect(page.locator(":focus")).to_have_attribute("title", "Mist 34")
    assert len([url for url in asked if "/movies?" in url]) < 12


def test_the_start_page_follows(page: Page, server: ServerProcess, films: Path) -> None:
    page.goto("/")
    row = page.get_by_role("list", name="Recently added films")
    expect(row.get_by_role("link")).to_have_count(24)
    row.evaluate("row => row.scrollLeft = 400")
    seen = row.get_by_role("link").nth(5)
    title = seen.get_attribute("title") or ""
    left_px = spot(seen)["left"]
    add(films, "Arrival")
    scan(server, library_of(server))
    expect(row.get_by_role("link", name="Arrival")).to_have_count(1)
    expect(page.get_by_text(f"{FILM_COUNT + 1} films")).to_be_visible()
    assert spot(row.get_by_role("link", name=title))["left"] == left_px


def test_an_open_film_says_when_it_is_gone(page: Page, server: ServerProcess, films: Path) -> None:
    page.goto("/films")
    page.get_by_role("link", name="Mist 02").click()
    expect(page.get_by_role("link", name="Play")).to_be_visible()
    file = films / "Mist 02 (1999).mp4"
    kept = file.rename(films / "kept.txt")
    scan(server, library_of(server))
    expect(page.get_by_text("There is no file for this film")).to_be_visible()
    kept.rename(file)
    scan(server, library_of(server))
    expect(page.get_by_role("link", name="Play")).to_be_visible()
    server.client.delete(library_of(server))
    expect(page.get_by_text("This film has left the shelf")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_disabled()


def test_a_page_catches_up_after_the_server_was_away(
    page: Page, server: ServerProcess, films: Path
) -> None:
    page.goto("/films")
    page.get_by_text(f"{FILM_COUNT} films").wait_for()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    expect(page.get_by_text("The server can't be reached")).to_be_visible()
    with started_again(server):
        expect(page.get_by_text("The server can't be reached")).to_have_count(0)
        add(films, "Arrival")
        scan(server, library_of(server))
        expect(page.get_by_role("link", name="Arrival")).to_be_visible()


def test_what_happened_while_a_page_was_away_follows_by_itself(
    page: Page, server: ServerProcess, films: Path
) -> None:
    said: list[dict[str, str]] = []
    urls: list[str] = []

    def note(socket: WebSocket) -> None:
        urls.append(socket.url)
        socket.on("framereceived", lambda text: said.append(json.loads(text)))

    page.on("websocket", note)
    page.goto("/films")
    page.get_by_text(f"{FILM_COUNT} films").wait_for()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    page.context.set_offline(True)  # the page comes back later than the change
    with started_again(server):
        add(films, "Arrival")
        scan(server, library_of(server))
        said.clear()
        page.context.set_offline(False)
        expect(page.get_by_role("link", name="Arrival")).to_be_visible()
        assert "after=" in urls[-1]
        assert {message["type"] for message in said} == {"hello", "event"}


def test_a_tab_has_one_connection_until_it_is_signed_out(page: Page) -> None:
    opened: list[WebSocket] = []
    page.on("websocket", lambda socket: opened.append(socket))  # noqa: PLW0108 (it marks what it is given)
    page.goto("/films")
    page.get_by_text(f"{FILM_COUNT} films").wait_for()
    page.get_by_role("link", name="Mist 02").click()
    page.get_by_role("link", name="Home").first.click()
    page.get_by_role("link", name="Settings").click()
    assert [socket.is_closed() for socket in opened] == [False]
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert [socket.is_closed() for socket in opened] == [True]


def spot(card: Locator) -> dict[str, int]:
    """Return where a card stands on the screen; the focus may enlarge it."""
    place: dict[str, int] = card.evaluate("""card => {
        const { left, top } = card.closest("li").getBoundingClientRect();
        return { left: Math.round(left), top: Math.round(top) };
    }""")
    return place


@contextmanager
def started_again(server: ServerProcess) -> Iterator[None]:
    """Run an ended server once more, at the address that the browser knows."""
    port = str(server.handshake["port"])
    process = subprocess.Popen(
        command("serve", "--lifeline", "--host", "127.0.0.1", "--port", port),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment(server.data_dir),
    )
    try:
        until(
            lambda: server.client.get("/health/ready").status_code == 200,
            what="the server is ready again",
        )
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
