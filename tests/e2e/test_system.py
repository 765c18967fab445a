"""An administrator looks at the server's own machinery in a real browser, and goes from page to page."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.helpers.browser import (
    NEEDS_BROWSER,
    add_library,
    claimed_server,
    picture,
    sign_in,
    window,
)
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess, until

pytestmark = NEEDS_BROWSER
MENU = ["Personal", "Libraries", "Server", "System", "Background work", "Activity"]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server with a cache of its own and a library."""
    with data_directory() as films, claimed_server() as running:
        make_film(films / "Alien (1979).mp4", Recipe(length_s=1))
        films.chmod(0o755)
        add_library(running, films)
        until(lambda: is_well(running), what="every part answers")
        yield running


def is_well(server: ServerProcess) -> bool:
    return bool(server.client.get("/health").json()["status"] == "healthy")


def test_the_page_tells_how_everything_fares_and_follows_it(
    page: Page, server: ServerProcess
) -> None:
    page.goto("/settings")
    page.get_by_role("link", name="System").click()
    expect(page.get_by_text("Everything works.")).to_be_visible()
    programs = page.locator("section").filter(has=page.get_by_role("heading", name="Programs"))
    expect(programs.get_by_text("PostgreSQL 18")).to_be_visible()
    expect(programs.get_by_text("Valkey")).to_be_visible()
    expect(programs.get_by_text("% of a core").first).to_be_visible()
    expect(page.get_by_text("Films, Data of the server")).to_have_count(0)
    expect(page.get_by_text("Data of the server, Films")).to_be_visible()
    in_every_form(page, "system")

    os.kill(server.status()["cache"]["pid"], signal.SIGKILL)
    expect(programs.get_by_text("started again once")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the numbers").click()
    expect(opened.value.get_by_text("process_resident_memory_bytes").first).to_be_visible()


def test_what_is_wrong_is_named(page: Page) -> None:
    def wrong(route: Route) -> None:
        found = route.fetch().json()
        for one in found["programs"]:
            if one["name"] == "database":
                one |= {"state": "restarting", "restart_count": 3, "usage": None}
                one["reason"] = "The disk of the database is full. Free some space on it."
        own, *_ = found["disks"]
        away = {"places": [{"library": "Old films", "path": "/mnt/nas/" + "a folder " * 20}]}
        low = {"total_bytes": 4 * 10**12, "free_bytes": 10**9, "is_low": True}
        nothing = {"total_bytes": None, "free_bytes": None, "is_low": False}
        found["disks"] = [own, own | low, away | nothing]
        route.fulfill(json=found)

    page.route("**/api/v1/system", wrong)
    page.route("**/health", lambda route: route.fulfill(json=unwell(route.fetch().json())))
    page.goto("/settings/system")
    expect(page.get_by_text("The disk of the database is full.")).to_be_visible()
    expect(page.get_by_text("This disk is nearly full.")).to_be_visible()
    expect(page.get_by_text("Does not answer", exact=True)).to_be_visible()
    expect(page.get_by_text("does not answer in time")).to_be_visible()
    in_every_form(page, "system-wrong")


def unwell(health: dict[str, Any]) -> dict[str, Any]:
    """Return a report in which a warm part is away, and one was not asked yet."""
    cache = {"is_healthy": False, "latency_ms": 5000, "code": "health.timeout"}
    cache["reason"] = "The part does not answer in time. It is asked again by itself."
    fresh = {"name": "new.part", "is_healthy": False, "is_initialised": False, "latency_ms": None}
    by_name = {part["name"]: part for part in health["parts"]}
    by_name["cache"] |= cache
    parts = [*by_name.values(), by_name["jobs"] | fresh]
    return health | {"status": "degraded", "parts": parts}


def test_a_server_that_fails_is_told_and_the_page_comes_back(page: Page) -> None:
    page.route("**/api/v1/system", lambda route: route.fulfill(status=500, json={}))
    page.goto("/settings/system")
    expect(page.get_by_role("alert")).to_be_visible()
    picture(page, "system-failed")
    page.unroute("**/api/v1/system")
    expect(page.get_by_text("Everything works.")).to_be_visible()
    page.route("**/api/v1/system", lambda route: route.abort())
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_text("PostgreSQL 18")).to_be_visible()
    picture(page, "system-away")


def test_it_is_asked_for_only_while_somebody_looks(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/settings/system")
    expect(page.get_by_text("Everything works.")).to_be_visible()
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })"
    )
    page.wait_for_timeout(4000)
    asked.clear()
    page.wait_for_timeout(5000)
    assert [url for url in asked if "/system" in url] == []
    with page.expect_request("**/api/v1/system"):
        page.evaluate(
            "delete document.visibilityState; document.dispatchEvent(new Event('visibilitychange'))"
        )


def test_the_menu_leads_everywhere_by_keyboard_and_on_a_phone(page: Page) -> None:
    page.goto("/settings")
    menu = page.get_by_role("navigation", name="Pages of the settings")
    expect(menu.get_by_role("link")).to_have_text(MENU)
    menu.get_by_role("link", name="System").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Background work", level=1)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 700})
    for name in reversed(MENU):
        menu.get_by_role("link", name=name, exact=True).click()
        here = menu.locator("[aria-current]")
        expect(here).to_have_text(name)
        expect(here).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_member_sees_none_of_it(browser: Browser, server: ServerProcess) -> None:
    with window(browser, server.client) as page:
        page.route("**/api/v1/auth/*", as_member)
        asked: list[str] = []
        sign_in(page)
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/settings")
        menu = page.get_by_role("navigation", name="Pages of the settings")
        expect(menu.get_by_role("link")).to_have_text(["Personal", "Activity"])
        picture(page, "settings-member")
        for path in ("system", "jobs", "server", "libraries"):
            page.goto(f"/settings/{path}")
            expect(page.get_by_role("link", name="Go to the start page")).to_be_visible()
        assert [url for url in asked if "/api/v1/system" in url or "/jobs" in url] == [
            f"{server.client.base_url}/settings/jobs"
        ]


def as_member(route: Route) -> None:
    """Let the pages take the one who signed in for a member."""
    answer = route.fetch()
    found = json.loads(answer.text() or "{}")
    if "user" in found:
        found["user"]["role"] = "member"
    route.fulfill(response=answer, json=found)


def in_every_form(page: Page, name: str) -> None:
    """Keep the page dark and light, in both languages."""
    for theme in ("dark", "light"):
        for language in ("en", "de"):
            page.evaluate(
                """([theme, language]) => {
                    localStorage.setItem("revenge.theme", theme);
                    localStorage.setItem("revenge.language", language);
                }""",
                [theme, language],
            )
            page.reload()
            page.get_by_text("PostgreSQL").wait_for()
            page.wait_for_timeout(300)
            picture(page, f"{name}-{language}-{theme}")
    page.evaluate("localStorage.clear()")
    page.reload()
    page.get_by_text("PostgreSQL").wait_for()
