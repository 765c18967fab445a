"""An administrator looks after the libraries in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.browser import NEEDS_BROWSER, claimed_server, picture
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess

pytestmark = NEEDS_BROWSER


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    """A server with an administrator and no library."""
    with claimed_server() as running:
        yield running


@pytest.fixture
def films() -> Iterator[Path]:
    with data_directory() as folder:
        make_film(folder / "Alien (1979).mp4", Recipe(length_s=1))
        make_film(folder / "Dune (1984).mp4", Recipe(length_s=1, fps=12))
        (folder / "Broken (2001).mkv").write_bytes(b"no film")
        folder.chmod(0o755)
        yield folder


def test_a_library_from_preview_to_removal(page: Page, films: Path) -> None:
    page.goto("/settings/libraries")
    page.get_by_label("Folder on the server").fill(str(films))
    page.get_by_role("button", name="Look inside").click()
    expect(page.get_by_text("Alien (1979)", exact=True)).to_be_visible()
    picture(page, "preview")
    page.get_by_label("Name of the library").fill("Cinema")
    page.get_by_role("button", name="Add and scan").click()
    page.get_by_text("2 films").wait_for()
    page.get_by_text("Problems", exact=True).click()
    expect(page.get_by_text("File cannot be read", exact=True)).to_be_visible()
    page.get_by_text("Past scans", exact=True).click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    picture(page, "problems")
    edit(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog", name="Old films")).to_be_visible()
    picture(page, "remove", full_page=False)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Old films", exact=True)).to_have_count(0)
    assert len(list(films.iterdir())) == 3


def edit(page: Page) -> None:
    """Give the library another name and no nightly scan, and see that both stay."""
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Name of the library").first.fill("Old films")
    page.get_by_role("switch", name="Scan every night").uncheck()
    picture(page, "edit")
    page.locator("main").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Old films", exact=True)).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("switch", name="Scan every night")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Watch for changes")).to_be_checked()
    page.get_by_role("button", name="Cancel").click()
