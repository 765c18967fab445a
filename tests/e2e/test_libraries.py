"""An administrator looks after the libraries in a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.kernel.http.guard import CSRF_HEADER
from tests.e2e.test_first_film import (
    NAME,
    PASSWORD,
    browser,
    pytestmark,
    sign_in,
    window,
)
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess, running_server

__all__ = ["browser", "pytestmark"]

PICTURES = os.environ.get("REVENGE_TEST_PICTURES")  # a folder to look at the pages afterwards


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    """A server with an administrator and no library."""
    with data_directory() as data_dir, running_server(data_dir) as running:
        running.await_ready()
        given = {"code": running.status()["setup_code"], "name": NAME, "password": PASSWORD}
        made = running.client.post(
            "/api/v1/setup/administrator", json=given | {"language": "en"}
        ).json()
        running.client.headers[CSRF_HEADER] = made["csrf_token"]
        running.client.post("/api/v1/setup/library/skip")
        yield running


@pytest.fixture
def films() -> Iterator[Path]:
    with data_directory() as folder:
        make_film(folder / "Alien (1979).mp4", Recipe(length_s=1))
        make_film(folder / "Dune (1984).mp4", Recipe(length_s=1, fps=12))
        (folder / "Broken (2001).mkv").write_bytes(b"no film")
        folder.chmod(0o755)
        yield folder


def test_a_library_from_preview_to_removal(
    browser: Browser, server: ServerProcess, films: Path
) -> None:
    with window(browser, server) as page:
        sign_in(page)
        page.goto("/settings")
        page.get_by_label("Folder on the server").fill(str(films))
        page.get_by_role("button", name="Look inside").click()
        expect(page.get_by_text("Alien (1979)", exact=True)).to_be_visible()
        picture(page, "preview")
        page.get_by_label("Name of the library").fill("Cinema")
        page.get_by_role("button", name="Add and scan").click()
        page.get_by_text("2 films").wait_for()
        page.get_by_text("Problems", exact=True).click()
        expect(page.get_by_text("File cannot be read")).to_be_visible()
        page.get_by_text("Past scans", exact=True).click()
        expect(page.get_by_text("Done", exact=True)).to_be_visible()
        picture(page, "problems")
        page.get_by_role("button", name="Edit").click()
        page.get_by_label("Name of the library").first.fill("Old films")
        picture(page, "edit")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Old films", exact=True)).to_be_visible()
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_role("dialog", name="Old films")).to_be_visible()
        picture(page, "remove")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("button", name="Remove").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.get_by_text("Old films", exact=True)).to_have_count(0)
    assert len(list(films.iterdir())) == 3


def picture(page: Page, name: str) -> None:
    """Keep the page as a picture where somebody asked for pictures; nothing may stick out sideways."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=name != "remove")
    page.set_viewport_size({"width": 1280, "height": 900})
