"""An administrator reads in a real browser what happened on the server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.browser import NEEDS_BROWSER, add_library, claimed_server, enter, picture
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess
from tests.helpers.web import ADMIN_NAME

pytestmark = NEEDS_BROWSER
SIGN_IN_COUNT = 52


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server on which more has happened than fits on a page of the log."""
    with data_directory() as films, claimed_server() as running:
        make_film(films / "Alien (1979).mp4", Recipe(length_s=1))
        films.chmod(0o755)
        add_library(running, films)
        for _ in range(SIGN_IN_COUNT):
            enter(running)
        for name in (ADMIN_NAME, "Nobody"):
            given = {"name": name, "password": "wrong"}
            running.client.post("/api/v1/auth/login", json=given)
        yield running


def test_the_log_is_read_narrowed_and_followed_to_its_end(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("link", name="Activity").click()
    log = page.get_by_role("region", name="Activity")
    expect(log.get_by_text(f"{ADMIN_NAME} signed in", exact=True).first).to_be_visible()
    expect(log.get_by_text(f"Wrong password for {ADMIN_NAME}", exact=True)).to_be_visible()
    expect(log.get_by_text("127.0.0.1").first).to_be_visible()
    picture(page, "activity", full_page=False)
    expect(log.get_by_role("listitem")).to_have_count(50)
    log.get_by_role("button", name="Show more").click()
    expect(log.get_by_text(f"The account {ADMIN_NAME} was made", exact=True)).to_be_visible()
    page.get_by_label("Libraries", exact=True).check()
    expect(log.get_by_role("listitem")).to_have_count(1)
    expect(log.get_by_text("added the library “Films”")).to_be_visible()
    page.get_by_label("Plays", exact=True).check()
    expect(log.get_by_text("Nothing of that kind has happened.")).to_be_visible()
    picture(page, "activity-empty")
    page.get_by_label("Scans", exact=True).check()
    page.get_by_label("24 hours", exact=True).check()
    expect(log.get_by_text("“Films” was scanned", exact=True)).to_be_visible()


def test_the_log_in_german_by_day(page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("Deutsch").check()
    page.get_by_label("Hell").check()
    page.goto("/settings/activity")
    expect(page.get_by_text("hat sich angemeldet").first).to_be_visible()
    picture(page, "activity-de", full_page=False)


def test_a_log_that_cannot_be_had_says_so_and_is_asked_for_again(page: Page) -> None:
    page.route("**/api/v1/activity?*", lambda route: route.abort())
    page.goto("/settings/activity")
    expect(page.get_by_text("The server can't be reached.").first).to_be_visible()
    picture(page, "activity-failed")
    page.unroute("**/api/v1/activity?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text(f"{ADMIN_NAME} signed in", exact=True).first).to_be_visible()
