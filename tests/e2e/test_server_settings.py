"""An administrator changes how the server works in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.browser import NEEDS_BROWSER, claimed_server, picture
from tests.helpers.process import ServerProcess

pytestmark = NEEDS_BROWSER
VARIABLE = "REVENGE_PLAYBACK_SESSIONS_PER_USER"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server whose environment holds a setting fast."""
    with claimed_server(**{VARIABLE: "4"}) as running:
        yield running


def test_a_setting_is_changed_seen_in_the_history_and_set_back(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("link", name="Server", exact=True).click()
    expect(page.get_by_text(f"Set by {VARIABLE}", exact=False)).to_be_visible()
    expect(page.get_by_text("Nothing was changed yet.")).to_be_visible()
    picture(page, "server")
    days = page.get_by_label("Days of activity")
    days.fill("3")
    expect(page.get_by_text("Enter a whole number from 7 to 3,650.")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    picture(page, "server-wrong")
    days.fill("30")
    form = page.locator("form", has=days)
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It holds from now on.")).to_be_visible()
    expect(page.get_by_text("Days of activity: 90 → 30")).to_be_visible()
    page.reload()
    expect(days).to_have_value("30")
    form.get_by_role("button", name="Set back to 90").click()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Days of activity: 30 → 90 (default)")).to_be_visible()
    page.goto("/settings/activity")
    expect(page.get_by_text("changed the setting “Days of activity”").first).to_be_visible()


def test_the_page_in_german_by_day(page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("Deutsch").check()
    page.get_by_label("Hell").check()
    picture(page, "settings-de")
    page.goto("/settings/server")
    expect(page.get_by_text(f"Festgelegt durch {VARIABLE}", exact=False)).to_be_visible()
    expect(page.get_by_label("Tage an Aktivität")).to_be_visible()
    picture(page, "server-de")


def test_settings_that_cannot_be_had_say_so_and_are_asked_for_again(page: Page) -> None:
    page.route("**/api/v1/settings", lambda route: route.abort())
    page.goto("/settings/server")
    expect(page.get_by_text("The server can't be reached.").first).to_be_visible()
    picture(page, "server-failed")
    page.unroute("**/api/v1/settings")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Days of activity")).to_be_visible()
