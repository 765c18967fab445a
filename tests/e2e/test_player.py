"""The player in a real browser: whatever a film is made of plays, and nothing that goes wrong ends it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from playwright.sync_api import Page, Route, expect

from tests.helpers.browser import (
    NEEDS_BROWSER,
    add_library,
    assert_advances,
    claimed_server,
    decoded_frames,
    enter,
    loudness,
    picture,
    time_s,
)
from tests.helpers.media import FILMS, Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess, until

LENGTH_S = 60
TOLD_S = LENGTH_S * 0.8
LATER_MS = 2_000
LATER = re.compile(r"/v/(?![0-5]\.)\d+\.m4s")

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server with a film that no browser knows, and one that every browser plays."""
    with data_directory() as films, claimed_server() as running:
        foreign = replace(FILMS["hevc_ac3.mkv"], length_s=LENGTH_S, width_px=640, height_px=480)
        make_film(films / "Deep Water (2023).mkv", foreign)
        make_film(films / "The Harbour (2019).mp4", Recipe(length_s=20))
        films.chmod(0o755)
        add_library(running, films)
        yield running


def open_film(page: Page, title: str) -> None:
    page.goto("/films")
    page.get_by_role("link", name=title).click()
    page.get_by_role("heading", name=title, level=1).wait_for()


def play(page: Page, title: str, query: str = "from=start") -> None:
    """Play a film from its page on, by an address that says how."""
    open_film(page, title)
    page.goto(f"{page.url}/play?{query}")
    assert_advances(page)


def choose(page: Page, menu: str, item: str) -> None:
    """Take an entry of one of the player's menus."""
    page.mouse.move(400, 300)
    page.mouse.move(420, 310)
    page.get_by_role("button", name=menu).click()
    page.get_by_role("menuitemradio", name=item).click()
    expect(page.get_by_role("menu")).to_have_count(0)


def lines(page: Page) -> list[str]:
    """Return what the subtitles on the screen say."""
    shown: list[str] = page.evaluate(
        """[...document.querySelector('video').textTracks].filter(track => track.mode === 'showing')
        .flatMap(track => [...(track.activeCues ?? [])].map(cue => cue.getCueAsHTML().textContent))"""
    )
    return shown


@pytest.mark.parametrize("engine", ["script", "native"])
def test_what_the_browser_does_not_know_plays_and_jumps(page: Page, engine: str) -> None:
    play(page, "Deep Water", f"from=start&engine={engine}")
    assert loudness(page) > 0.01
    page.keyboard.press("8")
    until(lambda: TOLD_S + 1 < time_s(page) < LENGTH_S, what="it plays from four fifths on")
    assert decoded_frames(page) > 0
    assert loudness(page) > 0.01
    page.keyboard.press("Escape")


def test_why_it_is_converted_is_said_before_and_while_it_plays(page: Page) -> None:
    open_film(page, "Deep Water")
    page.get_by_text("Picture and sound are converted while you watch").click()
    expect(page.get_by_text("does not know the codec of the picture: HEVC")).to_be_visible()
    picture(page, "film-converted")
    play(page, "Deep Water")
    page.keyboard.press("i")
    statistics = page.get_by_role("region", name="How it plays")
    expect(statistics).to_contain_text("does not know the codec of the sound: Dolby Digital (AC-3)")
    expect(statistics).to_contain_text("→ H.264")
    picture(page, "statistics")
    page.keyboard.press("Escape")
    expect(statistics).to_have_count(0)


def test_sound_and_subtitles_change_while_it_plays(page: Page) -> None:
    play(page, "Deep Water")
    choose(page, "Audio", "German")
    before_s = time_s(page)
    until(lambda: time_s(page) > before_s + 2, what="it plays on with the other sound")
    assert loudness(page) > 0.01
    choose(page, "Subtitles", "English")
    until(lambda: any("Second" in line for line in lines(page)), what="a line is shown")
    page.keyboard.press("c")
    until(lambda: lines(page) == [], what="no line is shown")
    with page.expect_response(lambda answer: answer.request.method == "PUT") as changed:
        choose(page, "Subtitles", "French")
    assert changed.value.json()["decision"]["subtitle"]["action"] == "burn_in"
    before_s = time_s(page)
    until(lambda: time_s(page) > before_s + 1, what="it goes on where it was")
    page.keyboard.press("Escape")


def test_quality_speed_and_chapters_are_chosen(page: Page) -> None:
    play(page, "Deep Water")
    page.keyboard.press("n")
    until(lambda: time_s(page) > LENGTH_S / 3, what="the second chapter plays")
    choose(page, "Chapters", "End")
    until(lambda: time_s(page) > LENGTH_S * 2 / 3, what="the last chapter plays")
    page.keyboard.press(">")
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.25
    page.keyboard.press("0")
    page.mouse.move(400, 300)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="Quality").press("Enter")
    picture(page, "quality", full_page=False)
    page.get_by_role("menuitemradio", name="360p").press("Enter")
    until(lambda: page.evaluate("document.querySelector('video').videoHeight") == 360, what="360p")
    page.keyboard.press("Escape")


def test_a_film_goes_on_where_it_was_left(page: Page) -> None:
    play(page, "Deep Water")
    page.keyboard.press("5")
    until(lambda: time_s(page) > LENGTH_S / 2 + 1, what="the middle plays")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Resume 0:3").click()
    until(lambda: time_s(page) > LENGTH_S / 2, what="it goes on in the middle")
    page.keyboard.press("Escape")
    page.goto("/")
    row = page.get_by_role("region", name="Continue watching")
    expect(row.get_by_role("link", name="Deep Water")).to_contain_text("% watched")
    picture(page, "home")
    row.get_by_role("button", name="Remove “Deep Water”").click()
    expect(row.get_by_role("link", name="Deep Water")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row.get_by_role("link", name="Deep Water")).to_be_visible()


@pytest.mark.parametrize(("title", "length_s"), [("Deep Water", LENGTH_S), ("The Harbour", 20)])
def test_a_film_that_is_stopped_elsewhere_stays_so(
    page: Page, server: ServerProcess, title: str, length_s: int
) -> None:
    play(page, title)
    enter(server)
    for session in server.client.get("/api/v1/playback/sessions").json()["items"]:
        server.client.delete(f"/api/v1/playback/sessions/{session['session_id']}")
    page.keyboard.press("8")
    expect(page.get_by_role("alert")).to_contain_text("stopped from another device")
    picture(page, "stopped", full_page=False)
    page.wait_for_timeout(LATER_MS)
    assert server.client.get("/api/v1/playback/sessions").json() == {"items": []}
    page.get_by_role("button", name="Try again").click()
    until(lambda: length_s * 0.8 + 1 < time_s(page), what="it goes on where it was")
    page.keyboard.press("Escape")


def test_a_server_that_is_away_for_a_while_is_waited_for(page: Page) -> None:
    page.route(LATER, lambda _route: None)  # the browser does not have the end yet
    play(page, "Deep Water")
    page.route("**/api/**", lambda route: route.abort())
    page.route("**/health/**", lambda route: route.abort())
    page.keyboard.press("8")
    expect(page.get_by_text("The film goes on by itself when it is back")).to_be_visible()
    picture(page, "away", full_page=False)
    for addresses in ("**/api/**", "**/health/**", LATER):
        page.unroute(addresses)
    until(lambda: TOLD_S + 1 < time_s(page) < LENGTH_S, what="it plays from four fifths on")
    page.keyboard.press("Escape")


def test_a_file_that_fails_as_it_is_plays_in_another_way(page: Page) -> None:
    spoil(page, "**/stream/*/file/**")
    play(page, "The Harbour")
    page.keyboard.press("i")
    expect(page.get_by_text("It was tried in another way here, in vain.")).to_be_visible()


def test_when_nothing_is_left_a_sentence_says_what_to_do(page: Page) -> None:
    spoil(page, "**/stream/*/v/*.m4s")
    open_film(page, "Deep Water")
    page.goto(f"{page.url}/play?from=start")
    expect(page.get_by_role("alert")).to_contain_text("this part of the file is damaged")
    picture(page, "damaged")
    page.unroute("**/stream/*/v/*.m4s")
    page.get_by_role("button", name="Try again").click()
    assert_advances(page)
    page.keyboard.press("Escape")


def spoil(page: Page, addresses: str) -> None:
    """Have nonsense come instead of films."""

    def answer(route: Route) -> None:
        route.fulfill(content_type="video/mp4", body=b"nonsense" * 1_000)

    page.route(addresses, answer)


def test_another_player_is_given_a_playlist(page: Page) -> None:
    open_film(page, "The Harbour")
    page.get_by_role("button", name="Open in another player").click()
    picture(page, "another-player", full_page=False)
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Save a playlist").click()
    head, entry, address = Path(download.value.path()).read_text().splitlines()
    assert (head, entry) == ("#EXTM3U", "#EXTINF:20,The Harbour")
    assert httpx.get(address, headers={"Range": "bytes=4-7"}).text == "ftyp"


def test_a_film_is_marked_as_watched_and_back(page: Page) -> None:
    open_film(page, "The Harbour")
    page.get_by_role("button", name="Mark as watched").click()
    expect(page.get_by_text("Watched", exact=True)).to_be_visible()
    page.get_by_role("button", name="Mark as not watched").click()
    expect(page.get_by_text("Watched", exact=True)).to_have_count(0)


def test_the_languages_that_are_preferred_are_played(page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("Languages you like to hear").select_option("deu")
    playback = page.locator("section").filter(has=page.get_by_role("heading", name="Playback"))
    picture(page, "languages")
    playback.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The next film follows it.")).to_be_visible()
    with page.expect_response("**/playback/sessions") as opened:
        play(page, "Deep Water")
    answer = json.loads(opened.value.body())
    spoken = {sound["index"]: sound["language"] for sound in answer["sounds"]}
    assert spoken[answer["sound_index"]] in {"ger", "deu"}
    page.keyboard.press("Escape")
    page.goto("/settings")
    playback.get_by_role("button", name="Take out German").click()
    playback.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The next film follows it.")).to_be_visible()


def test_a_remote_with_arrows_reaches_every_control(page: Page) -> None:
    play(page, "Deep Water")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Position")).to_be_focused()
    page.keyboard.press("ArrowDown")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Subtitles")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Off")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Subtitles")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Deep Water", level=1).wait_for()
