"""Ten thousand films in a real browser: little in the page, everything within reach."""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from app.runtime import Runtime, read_runtime
from tests.helpers.browser import NEEDS_BROWSER, claimed_server
from tests.helpers.process import ServerProcess, until

pytestmark = NEEDS_BROWSER

FILM_COUNT, CARDS_BAR = 10_000, 500
LIBRARY = "insert into libraries values (gen_random_uuid(), 'movie', 'Films', '{}', 0, now())"
# Titles of every letter but Q, one of 40 begins with a digit.
FILL = """
WITH made AS (
    SELECT n, gen_random_uuid() AS id, 1925 + n / 100 % 100 AS year,
           CASE WHEN n % 40 = 0 THEN n::text || ' Nights'
                ELSE substr('ABCDEFGHIJKLMNOPRSTUVWXYZ', 1 + n % 25, 1)
                     || (ARRAY['mélie', 'lien Harbour', 'etzte Vorstellung', 'urora'])[1 + n / 25 % 4] || ' ' || n
           END AS title
    FROM generate_series(1, $1::int) AS n
), added AS (
    INSERT INTO items (item_id, key, kind, library_id, root_item_id, title, sort_title, year, length, unit,
                       rating_level, on_shelf, card_json, state, added_at, changed_at, version)
    SELECT id, 'k' || n, 'movie', library_id, id, title, lower(title), year, 6000000, 'ms', 0, true,
           json_build_object('item_id', id, 'kind', 'movie', 'title', title, 'year', year, 'image_url', NULL,
                             'length_ms', 6000000, 'added_at', '2026-01-01T00:00:00Z')::text,
           'present', now() - make_interval(mins => n), now(), 1
    FROM made, libraries
    RETURNING item_id
)
INSERT INTO movies (item_id) SELECT item_id FROM added
"""
CARDS = "document.querySelectorAll('[data-index]').length"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server with an administrator and ten thousand films."""
    with claimed_server() as running:
        asyncio.run(fill(running))
        yield running


async def fill(running: ServerProcess) -> None:
    found: Runtime | None = read_runtime(running.data_dir / "runtime.json")
    assert found is not None
    connection = await asyncpg.connect(found.database_dsn)
    try:
        await connection.execute(LIBRARY)
        await connection.execute(FILL, FILM_COUNT)
        await connection.execute("ANALYZE items")
    finally:
        await connection.close()


@pytest.fixture
def page(page: Page) -> Page:
    page.goto("/films")
    page.get_by_text("10,000 films").wait_for()
    return page


def card(page: Page, index: int) -> Any:
    """Return the link of the card at an index."""
    return page.locator(f"[data-index='{index}'] a")


def await_cards(page: Page) -> None:
    """Wait until the cards in view came from the server."""
    count = "document.querySelectorAll('[data-index] a').length"
    until(lambda: page.evaluate(count) > 10, what="the cards are there")


def test_the_page_holds_few_cards_from_the_first_to_the_last(page: Page) -> None:
    heights = set()
    for part in (0, 0.25, 0.5, 0.75, 1):
        page.evaluate("part => scrollTo(0, part * document.documentElement.scrollHeight)", part)
        await_cards(page)
        assert page.evaluate(CARDS) <= CARDS_BAR
        heights.add(page.evaluate("document.documentElement.scrollHeight"))
    expect(card(page, FILM_COUNT - 1)).to_be_visible()
    assert len(heights) == 1
    item = page.locator(f"[data-index='{FILM_COUNT - 1}']")
    assert item.get_attribute("aria-posinset") == item.get_attribute("aria-setsize") == "10000"


def test_a_letter_leads_to_its_first_film(page: Page) -> None:
    letters = page.get_by_role("navigation", name="Jump to a letter")
    expect(letters.get_by_role("button", name="Q", exact=True)).to_be_disabled()
    letters.get_by_role("button", name="M", exact=True).click()
    expect(letters.locator("[aria-current]")).to_have_text("M")
    titles = "[...document.querySelectorAll('[data-index] a')].map(a => a.title)"
    until(lambda: any(t.startswith("M") for t in page.evaluate(titles)), what="M is there")
    letters.get_by_role("button", name="#", exact=True).click()
    expect(card(page, 0)).to_be_in_viewport()


def test_keys_walk_and_the_focus_stays(page: Page) -> None:
    card(page, 0).focus()
    page.keyboard.press("ArrowRight")
    expect(card(page, 1)).to_be_focused()
    page.keyboard.press("End")
    expect(card(page, FILM_COUNT - 1)).to_be_focused()
    expect(card(page, FILM_COUNT - 1)).to_be_in_viewport()
    page.keyboard.press("Home")
    expect(card(page, 0)).to_be_focused()
    page.keyboard.press("PageDown")
    page.mouse.wheel(0, 20_000)
    until(lambda: page.evaluate("scrollY") > 10_000, what="the page is scrolled")
    assert page.evaluate("document.activeElement.matches('[data-index] a')")
    page.keyboard.press("ArrowRight")
    until(lambda: page.evaluate("scrollY") < 5_000, what="the focus is back in sight")


def test_the_address_keeps_what_is_shown(page: Page) -> None:
    page.get_by_label("Search titles").fill("amelie")
    page.get_by_label("Years").fill("1950-1959")
    page.get_by_text("Year", exact=True).click()
    expect(page).to_have_url("/films?sort=year&text=amelie&year=1950-1959")
    expect(card(page, 0)).to_have_attribute("title", "Amélie 3300")
    page.reload()
    expect(card(page, 0)).to_have_attribute("title", "Amélie 3300")
    expect(page.get_by_label("Search titles")).to_have_value("amelie")
    card(page, 0).click()
    page.get_by_role("heading", name="Amélie 3300").wait_for()
    page.go_back()
    expect(card(page, 0)).to_be_visible()
    page.get_by_label("Search titles").fill("nothing like it")
    page.get_by_text("No film matches").wait_for()
    page.get_by_role("button", name="Show all films").click()
    page.get_by_text("10,000 films").wait_for()


@pytest.mark.parametrize("way", ["back", "reload"])
def test_the_place_in_the_list_is_kept(page: Page, way: str) -> None:
    page.evaluate("scrollTo(0, 100_000)")
    await_cards(page)
    if way == "reload":
        until(
            lambda: page.evaluate("history.state?.scroll_y ?? 0") > 90_000,
            what="the place is noted",
        )
        page.reload()
    else:
        page.locator("[data-index] a").nth(20).click()
        page.get_by_role("heading", level=1).wait_for()
        page.go_back()
    until(lambda: page.evaluate("scrollY") > 90_000, what="the place is found again")
    await_cards(page)


def test_another_width_leaves_the_reader_at_the_same_films(page: Page) -> None:
    page.evaluate("scrollTo(0, 100_000)")
    await_cards(page)
    in_view = """[...document.querySelectorAll('[data-index]')]
        .filter(card => card.getBoundingClientRect().top > 70).map(card => Number(card.dataset.index))"""
    first = until(lambda: min(page.evaluate(in_view), default=None), what="cards are in view")
    page.set_viewport_size({"width": 700, "height": 900})
    until(
        lambda: abs(min(page.evaluate(in_view), default=0) - first) < 10,
        what="the same films are in view",
    )


def test_the_start_page_shows_what_came_last(page: Page) -> None:
    page.goto("/")
    row = page.get_by_role("list", name="Recently added films")
    expect(row.get_by_role("link")).to_have_count(24)
    row.get_by_role("link").first.focus()
    page.keyboard.press("End")
    expect(row.get_by_role("link").last).to_be_focused()
    expect(row.get_by_role("link").last).to_be_in_viewport()
    page.get_by_role("link", name="Films", exact=True).click()
    page.go_back()
    until(lambda: row.evaluate("row => row.scrollLeft") > 100, what="the row is where it was")
    page.get_by_role("link", name="Recently added films: All").click()
    expect(page).to_have_url("/films?sort=added")
