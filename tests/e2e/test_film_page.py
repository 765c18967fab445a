"""The page of a film with all that may come with it: versions, parts, chapters, subtitles, extras, artwork."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import pyvips
from playwright.sync_api import Page, expect

from tests.helpers.browser import (
    NEEDS_BROWSER,
    add_library,
    assert_advances,
    claimed_server,
    picture,
    time_s,
)
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess, until

PART_S = 12
HEAT, PARTS = "Heat (1995)", "Long Voyage (2003)"
SUBTITLES = "1\n00:00:00,000 --> 00:00:01,000\nHello\n"

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with data_directory() as films, claimed_server() as running:
        make_heat(films / HEAT)
        make_voyage(films / PARTS)
        (films / "Brief Encounter (1945)").mkdir()
        (films / "Brief Encounter (1945)" / "Brief Encounter (1945).dvd.disc").touch()
        films.chmod(0o755)
        add_library(running, films)
        until(lambda: due_pictures(running) == 0, what="the pictures are made")
        yield running


def due_pictures(server: ServerProcess) -> int:
    (library,) = server.client.get("/api/v1/libraries").json()["items"]
    count: int = library["due_picture_count"]
    return count


def make_heat(home: Path) -> None:
    """A film with everything: three versions and one in a cupboard, extras, subtitles, artwork."""
    (home / "Trailers").mkdir(parents=True)
    chapters = Recipe(length_s=20, chapters=("The job", "Coffee", "", "The end"))
    make_film(home / f"{HEAT}.mkv", chapters)
    make_film(home / f"{HEAT} - Director's Cut.mp4", Recipe(length_s=24))
    make_film(home / f"{HEAT} - 2160p.mkv", Recipe(video="libx265", audio="ac3", length_s=1))
    (home / f"{HEAT}.bluray.disc").touch()
    make_film(home / "Trailers" / "Teaser.mp4", Recipe(length_s=20))
    make_film(home / f"{HEAT}-behindthescenes.mp4", Recipe(length_s=2))
    (home / f"{HEAT}.de.sdh.srt").write_text(SUBTITLES)
    (home / f"{HEAT}.en.forced.srt").write_text(SUBTITLES)
    draw(home / "fanart.jpg", 1920, 1080)
    draw(home / "poster.jpg", 600, 900)
    text, _ = pyvips.Image.text("H E A T", font="sans bold", width=700, height=200), None
    text.new_from_image([255, 255, 255]).bandjoin(text).copy(interpretation="srgb").write_to_file(
        str(home / "clearlogo.png")
    )


def make_voyage(home: Path) -> None:
    """A film in two parts, each of which has a chapter."""
    home.mkdir()
    for part in (1, 2):
        recipe = Recipe(length_s=PART_S, chapters=(f"Part {part}",))
        make_film(home / f"{PARTS} cd{part}.mkv", recipe)


def draw(path: Path, width_px: int, height_px: int) -> None:
    """Write a picture that is bright everywhere, the worst ground for a text."""
    place = pyvips.Image.xyz(width_px, height_px)
    across, down = place[0] * 120 / width_px, place[1] * 120 / height_px
    picture = (across + 130).bandjoin([down + 130, 250 - across])
    picture.cast("uchar").copy(interpretation="srgb").write_to_file(str(path))


def open_film(page: Page, title: str) -> None:
    page.goto("/films")
    page.get_by_role("link", name=title).click()
    page.get_by_role("heading", name=title, level=1).wait_for()


def test_a_film_with_everything_says_so(page: Page) -> None:
    open_film(page, "Heat")
    logo = page.get_by_role("heading", level=1).get_by_role("img", name="Heat")
    until(lambda: logo.evaluate("logo => logo.naturalWidth"), what="the logo is there")
    backdrop = page.locator(".backdrop img")
    assert "1920w" in (backdrop.get_attribute("srcset") or "")
    expect(backdrop).to_have_css("opacity", "1")
    subtitles = page.locator("section").filter(has=page.get_by_role("heading", name="Subtitles"))
    expect(subtitles.get_by_role("listitem")).to_have_text(
        ["English forced · SubRip · beside the film", "German SDH SubRip · beside the film"]
    )
    extras = page.get_by_role("list", name="Extras")
    expect(extras.get_by_role("link")).to_have_count(2)
    expect(extras.get_by_role("link", name="Teaser")).to_contain_text("Trailer · 20 s")
    picture(page, "film")


def test_one_of_the_versions_is_chosen_and_played(page: Page) -> None:
    open_film(page, "Heat")
    versions = page.get_by_role("group", name="Versions")
    expect(versions.get_by_role("radio")).to_have_count(4)
    versions.get_by_label("2160p").check()
    expect(page.get_by_text("Picture and sound are converted")).to_be_visible()
    versions.get_by_label("Blu-ray").check()
    expect(page.get_by_text("This version stands on your shelf (Blu-ray)")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_disabled()
    picture(page, "stub")
    versions.get_by_label("Director's Cut").check()
    expect(page.get_by_text("Heat (1995) - Director's Cut.mp4")).to_be_visible()
    page.get_by_role("link", name=re.compile("Play|Resume")).click()
    assert_advances(page)
    page.go_back()
    expect(versions.get_by_label("Director's Cut")).to_be_checked()


def test_a_chapter_leads_to_its_time(page: Page) -> None:
    open_film(page, "Heat")
    expect(page.get_by_role("link", name="Chapter 3")).to_be_visible()
    page.get_by_role("link", name="The end").click()
    until(lambda: time_s(page) > 15.2, what="the film plays from its last chapter")


def test_an_extra_plays_and_keeps_its_own_place(page: Page) -> None:
    open_film(page, "Heat")
    page.get_by_role("list", name="Extras").get_by_role("link", name="Teaser").click()
    assert_advances(page)
    page.get_by_label("Position").fill("10")
    until(lambda: time_s(page) > 10.2, what="the seek has landed")
    page.get_by_role("button", name="Back").click()
    teaser = page.get_by_role("list", name="Extras").get_by_role("link", name="Teaser")
    expect(teaser).to_contain_text("% watched")
    teaser.click()
    until(lambda: time_s(page) > 10, what="the extra goes on where it was left")


def test_parts_play_as_one_film(page: Page) -> None:
    open_film(page, "Long Voyage")
    expect(page.get_by_text("24 s")).to_be_visible()
    expect(page.get_by_role("link", name="0:12 Part 2")).to_be_visible()
    picture(page, "parts")
    page.get_by_role("link", name="Play").click()
    assert_advances(page)
    position = page.get_by_label("Position")
    position.fill("11")
    until(lambda: float(position.input_value()) > PART_S + 0.5, what="the second part goes on")
    assert time_s(page) < PART_S - 1
    position.fill("3")
    until(lambda: 3 < float(position.input_value()) < 8, what="back in the first part")
    position.fill("18")
    until(lambda: float(position.input_value()) > 18.2, what="far in the second part")
    with page.expect_response(lambda answer: "/report" in answer.url) as kept:
        page.keyboard.press("k")
    assert kept.value.json()["progress"]["position_ms"] > 18_000
    position.fill("2")
    until(lambda: abs(time_s(page) - 2) < 0.1, what="back in the first part")
    assert page.evaluate("document.querySelector('video').paused")
    position.fill("18")
    until(lambda: abs(time_s(page) - 18 + PART_S) < 0.5, what="and in the second one again")
    page.get_by_role("button", name="Back").click()
    page.get_by_role("link", name="Resume 0:18").click()
    until(lambda: float(position.input_value()) > 18.2, what="the film goes on in its second part")


def test_a_disc_in_a_cupboard_has_a_page(page: Page) -> None:
    open_film(page, "Brief Encounter")
    expect(page.get_by_text("This version stands on your shelf (DVD)")).to_be_visible()
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    picture(page, "cupboard")
