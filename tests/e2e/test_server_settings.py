"""An administrator changes how the server works in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.helpers.browser import NEEDS_BROWSER, claimed_server, picture, sign_in
from tests.helpers.process import ServerProcess
from tests.helpers.web import ADMIN_NAME

pytestmark = NEEDS_BROWSER
VARIABLE = "REVENGE_PLAYBACK_SESSIONS_PER_USER"
NAME = "The long winter evenings' picture house beside the old canal"
EMPTY = "\N{EN DASH}"
SAILS = {
    "name": "sails",
    "title": "Sails",
    "schema": {
        "properties": {
            "masts": {
                "type": "integer",
                "minimum": 1,
                "maximum": 2000,
                "title": "Masts",
                "description": "How many.",
                "default": 1200,
            },
            "are_red": {
                "type": "boolean",
                "title": "Red sails",
                "description": "They are seen from afar.",
                "default": False,
            },
            "motto": {
                "type": "string",
                "maxLength": 9,
                "title": "Motto",
                "description": "On the mainsail.",
                "default": "",
            },
            "port": {
                "type": "string",
                "maxLength": 20,
                "pattern": "^[A-Z]",
                "title": "Home port",
                "description": "Begins with a capital.",
                "default": "Hull",
            },
            "cut": {
                "type": "string",
                "oneOf": [
                    {"const": "square", "title": "Four corners"},
                    {"const": "lateen", "title": "Three corners"},
                ],
                "title": "Cut of the sails",
                "description": "Three corners sail closer to the wind.",
                "default": "lateen",
            },
            "rig": {
                "type": "string",
                "oneOf": [{"const": "sloop", "title": "One mast"}],
                "title": "Rig",
                "description": "",
                "default": "sloop",
            },
        }
    },
    "values": {
        "masts": 1200,
        "are_red": True,
        "motto": "",
        "port": "Hull",
        "cut": "square",
        "rig": "sloop",
    },
    "chosen": ["are_red", "cut"],
    "pinned": {"rig": "REVENGE_SAILS_RIG"},
}
REFUSED = {
    "type": "about:blank",
    "title": "It does not fit",
    "status": 400,
    "detail": "It does not fit.",
    "instance": "urn:uuid:0",
    "code": "invalid",
    "errors": [
        {"path": "$.values.motto", "detail": "Expected one line of text"},
        {"path": "$.values.cut", "detail": "Invalid enum value"},
    ],
}


def change(number: int, name: str, title: str, values: tuple[object, object]) -> dict[str, object]:
    return {
        "change_id": f"01890a5d-ac96-774b-bcce-b302099a805{number}",
        "section": "sails",
        "name": name,
        "title": title,
        "value_from": values[0],
        "value_to": values[1],
        "is_reset": values[1] == "",
        "changed_by": ADMIN_NAME,
        "changed_at": "2026-11-21T12:00:00Z",
    }


CHANGES = [
    change(5, "are_red", "Red sails", (False, True)),
    change(4, "motto", "Motto", ("Ahoy", "")),
    change(3, "cut", "Cut of the sails", ("square", "lateen")),
    change(2, "masts", "Masts", (3, 1200)),
    change(1, "flag", "Flag", (True, False)),
]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server whose environment holds a setting fast."""
    with claimed_server(**{VARIABLE: "4"}) as running:
        yield running


def test_a_setting_is_changed_seen_in_the_history_and_set_back(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("link", name="Server", exact=True).click()
    expect(page.get_by_text(f"Set by {VARIABLE}", exact=False)).to_be_visible()
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


def test_the_server_gets_a_name_that_is_seen_at_once_and_before_one_is_in(page: Page) -> None:
    page.goto("/settings/server")
    name = page.get_by_label("Name of the server")
    form = page.locator("form", has=name)
    expect(page).to_have_title("Server · Revenge")
    name.fill("a" * 61)
    expect(page.get_by_text("Enter one line of at most 60 characters.")).to_be_visible()
    expect(form.get_by_role("button", name="Save")).to_be_disabled()
    name.fill(f"  {NAME} ")
    form.get_by_role("button", name="Save").click()
    expect(page).to_have_title(f"Server · {NAME}")
    expect(page.get_by_text(f"Name of the server: {EMPTY} → {NAME}", exact=True)).to_be_visible()
    expect(name).to_have_value(NAME)
    picture(page, "server-named")
    page.goto("/settings")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title(f"Sign in · {NAME}")
    expect(page.get_by_role("banner")).to_have_text(NAME)
    picture(page, "sign-in-named")
    sign_in(page)
    page.goto("/settings/server")
    form.get_by_role("button", name="Empty it").click()
    form.get_by_role("button", name="Save").click()
    expect(page).to_have_title("Server · Revenge")
    expect(
        page.get_by_text(f"Name of the server: {NAME} → {EMPTY} (default)", exact=True)
    ).to_be_visible()


def show_sails(page: Page, changes: list[dict[str, object]]) -> list[Any]:
    """Show settings of each kind, every change of which is refused; return what will be asked for."""
    asked: list[Any] = []

    def answer(route: Route) -> None:
        if route.request.method == "GET":
            route.fulfill(json={"items": [SAILS]})
        else:
            asked.append(route.request.post_data_json)
            route.fulfill(status=400, json=REFUSED, content_type="application/problem+json")

    page.route("**/api/v1/settings", answer)
    shown = {"items": changes, "next_cursor": None}
    page.route("**/api/v1/settings/changes*", lambda route: route.fulfill(json=shown))
    page.goto("/settings/server")
    return asked


def test_each_kind_of_setting_has_its_field_and_its_words(page: Page) -> None:
    show_sails(page, CHANGES)
    for sentence in (
        "Red sails: Off → On",
        f"Motto: Ahoy → {EMPTY} (default)",
        "Cut of the sails: Four corners → Three corners",
        "Masts: 3 → 1,200",
        "Flag: On → Off",
    ):
        expect(page.get_by_text(sentence, exact=True)).to_be_visible()
    expect(page.get_by_text("Set by REVENGE_SAILS_RIG", exact=False)).to_be_visible()
    expect(page.get_by_role("switch", name="Red sails")).to_be_checked()
    expect(page.get_by_label("Cut of the sails")).to_have_value("square")
    picture(page, "kinds")
    page.goto("/settings")
    page.get_by_label("Deutsch").check()
    page.get_by_label("Hell").check()
    page.goto("/settings/server")
    expect(page.get_by_role("button", name="Zurück auf Aus")).to_be_visible()
    picture(page, "kinds-de")


def test_each_kind_of_setting_is_sent_and_a_refused_one_keeps_what_was_typed(page: Page) -> None:
    asked = show_sails(page, [])
    expect(page.get_by_text("Nothing was changed yet.")).to_be_visible()
    page.get_by_role("button", name="Set back to Three corners").click()
    page.get_by_role("switch", name="Red sails").uncheck()
    page.get_by_label("Motto").fill("Land ho")
    page.get_by_label("Home port").fill("kiel")
    expect(page.get_by_text("Enter one line of at most 20 characters. Begins")).to_be_visible()
    picture(page, "kinds-wrong")
    page.get_by_label("Home port").fill("Kiel")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").filter(has_text="It does not fit.")).to_be_visible()
    expect(page.get_by_text("Enter one line of at most 9 characters.")).to_be_visible()
    expect(page.get_by_text("This is no longer one of the choices.")).to_be_visible()
    expect(page.get_by_label("Motto")).to_have_value("Land ho")
    picture(page, "kinds-refused")
    values = {"are_red": None, "motto": "Land ho", "port": "Kiel", "cut": None}
    assert asked == [{"section": "sails", "values": values}]


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
