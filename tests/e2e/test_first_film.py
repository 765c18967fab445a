"""The main job in a real browser: claim the server, name a folder, watch a film, come back to it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from tests.helpers.browser import (
    NEEDS_BROWSER,
    add_library,
    assert_advances,
    claimed_server,
    decoded_frames,
    time_s,
    window,
)
from tests.helpers.media import FILMS, make_film, real_clips
from tests.helpers.postgres import data_directory, external_cluster, free_port
from tests.helpers.process import ServerProcess, database_dsn, running_server, until
from tests.helpers.web import ADMIN_NAME, ADMIN_PASSWORD

PLAYABLE = {
    "The Harbour": ("h264_aac.mp4", 2019),
    "Lighthouse": ("vp9_opus.webm", 1998),
    "Salt and Wind": ("h264_aac.mkv", 2021),
}
LENGTH_S, LANDED_S = 20, 12.3

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def films() -> Iterator[Path]:
    """A folder of films as people have them: made ones in three containers, and real clips."""
    with data_directory() as folder:
        for title, (name, year) in PLAYABLE.items():
            home = folder / f"{title} ({year})"
            home.mkdir()
            recipe = replace(FILMS[name], length_s=LENGTH_S)
            make_film(home / f"{home.name}{Path(name).suffix}", recipe)
        make_film(folder / "Deep Water (2023).mkv", FILMS["hevc_ac3.mkv"])
        (folder / "Empty (2000).mkv").touch()
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def new_server() -> Iterator[ServerProcess]:
    """A server that nobody has claimed."""
    with data_directory() as data_dir, running_server(data_dir) as running:
        running.await_ready()
        yield running


@pytest.fixture(scope="module")
def server(films: Path) -> Iterator[ServerProcess]:
    """A server with an administrator and scanned films."""
    with claimed_server() as running:
        add_library(running, films)
        yield running


def test_from_the_code_on_the_console_to_the_films(
    browser: Browser, new_server: ServerProcess, films: Path
) -> None:
    with window(browser, new_server.client) as page:
        set_up(page, new_server.status()["setup_code"], films)
        page.get_by_role("button", name="Open my films").click()
        for title in (*PLAYABLE, "Deep Water"):
            expect(page.get_by_role("link", name=title)).to_be_visible()
        expect(page.get_by_role("link", name="Empty")).to_have_count(0)


def test_an_external_database_is_chosen_on_the_way_to_the_films(
    browser: Browser, films: Path
) -> None:
    with (
        external_cluster() as cluster,
        data_directory() as data_dir,
        running_server(data_dir, port=free_port()) as server,
    ):
        server.await_ready()
        with window(browser, server.client) as page:
            enter_code(page, "AAAA-AAAA")
            expect(page.get_by_text("The code is wrong")).to_be_visible()
            page.get_by_label("Setup code").fill(server.status()["setup_code"])
            page.get_by_role("button", name="Use English").click()
            choose_database(page, cluster.dsn)
            page.get_by_role("heading", name="Your account").wait_for()
            assert database_dsn(data_dir) == cluster.dsn
            go_on_from_the_account(page, films)
            page.get_by_role("button", name="Open my films").click()
            expect(page.get_by_role("link", name="Lighthouse")).to_be_visible()


def choose_database(page: Page, url: str) -> None:
    """Try addresses on the page of the database, and use the last."""
    page.get_by_label("In a PostgreSQL of my own").check()
    page.get_by_label("Address of the database").fill("postgres://u:p@127.0.0.1:1/x")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("No PostgreSQL answers at 127.0.0.1:1")).to_be_visible()
    page.get_by_label("Address of the database").fill(url.replace("//revenge:", "//revenge:x"))
    page.get_by_role("button", name="Use this database").click()
    expect(page.get_by_text("This database cannot be used")).to_be_visible()
    page.get_by_label("Address of the database").fill(url)
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("can be used")).to_be_visible()
    page.get_by_role("button", name="Use this database").click()
    expect(page.get_by_text("The server is starting again").first).to_be_visible()


def set_up(page: Page, code: str, films: Path) -> None:
    """Go through the steps of the setup, with a wrong folder on the way."""
    enter_code(page, code)
    page.get_by_role("button", name="Use this database").click()
    go_on_from_the_account(page, films)


def enter_code(page: Page, code: str) -> None:
    """Answer the first page, where another language is in force at once."""
    page.goto("/")
    page.get_by_text("Deutsch").click()
    expect(page.get_by_role("heading", name="Willkommen an Bord")).to_be_visible()
    page.get_by_text("English").click()
    page.get_by_label("Setup code").fill(code)
    page.get_by_role("button", name="Use English").click()


def go_on_from_the_account(page: Page, films: Path) -> None:
    """Make the account, and add the folder."""
    page.get_by_label("Name").fill(ADMIN_NAME)
    page.get_by_label("Password", exact=True).fill(ADMIN_PASSWORD)
    page.get_by_label("Repeat the password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Create the administrator").click()
    page.get_by_label("Folder on the server").fill("/nothing/here")
    page.get_by_role("button", name="Add and scan").click()
    expect(page.get_by_text("/nothing/here", exact=False).last).to_be_visible()
    page.get_by_label("Folder on the server").fill(str(films))
    page.get_by_role("button", name="Add and scan").click()
    page.get_by_role("heading", name="Your films are ready").wait_for()


@pytest.mark.parametrize("title", PLAYABLE)
def test_a_film_plays_seeks_and_resumes(page: Page, title: str) -> None:
    page.goto("/films")
    page.get_by_role("link", name=title).click()
    page.get_by_role("link", name="Play").click()
    assert_advances(page)
    page.get_by_label("Position").fill("12")
    until(lambda: time_s(page) > LANDED_S, what="the seek has landed")
    assert decoded_frames(page) > 0
    with page.expect_response(
        lambda answer: "/report" in answer.url and answer.request.method == "POST"
    ):
        page.keyboard.press("k")
    page.goto("/films")
    page.get_by_role("link", name=title).click()
    page.get_by_role("link", name="Resume 0:12").click()
    until(lambda: time_s(page) > LANDED_S, what="the film goes on where it was left")
    page.goto("/films")
    expect(page.get_by_role("link", name=title)).to_be_visible()


def test_a_film_in_other_codecs_plays_and_can_be_downloaded(page: Page) -> None:
    page.goto("/films")
    page.get_by_role("link", name="Deep Water").click()
    expect(page.get_by_text("Picture and sound are converted")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "Deep Water (2023).mkv"
    page.get_by_role("link", name="Play").click()
    assert_advances(page)


def test_real_clips_are_films_too(page: Page) -> None:
    clips = real_clips()
    with data_directory() as folder:
        folder.chmod(0o755)
        for name, path in clips.items():
            shutil.copy(path, folder / name)
        page.goto("/settings/libraries")
        page.get_by_label("Folder on the server").fill(str(folder))
        page.get_by_label("Name of the library").fill("Clips")
        page.get_by_role("button", name="Add and scan").click()
        clips_sheet = page.get_by_role("listitem").filter(has_text="Clips")
        clips_sheet.get_by_text(f"{len(clips)} films").wait_for()
        page.goto("/films")
        page.get_by_role("link", name="bigbuckbunny").click()
        page.get_by_role("link", name="Play").click()
        assert_advances(page)


def test_films_that_a_scan_finds_come_to_a_page_that_is_open(page: Page) -> None:
    with data_directory() as folder:
        folder.chmod(0o755)
        make_film(folder / "Late Arrival (2024).mp4", replace(FILMS["h264_aac.mp4"], length_s=1))
        page.goto("/films")
        expect(page.get_by_role("link", name="Lighthouse")).to_be_visible()
        page.get_by_role("link", name=ADMIN_NAME).click()
        page.get_by_role("link", name="Libraries").click()
        page.get_by_label("Folder on the server").fill(str(folder))
        page.get_by_label("Name of the library").fill("Late")
        page.get_by_role("button", name="Add and scan").click()
        page.get_by_text("Late", exact=True).wait_for()
        page.get_by_role("link", name="Films", exact=True).click()
        expect(page.get_by_role("link", name="Late Arrival")).to_be_visible()


def test_the_setup_keeps_the_focus_on_its_steps(
    browser: Browser, new_server: ServerProcess, films: Path
) -> None:
    with window(browser, new_server.client) as page:
        set_up(page, new_server.status()["setup_code"], films)
        assert page.evaluate("document.activeElement.tagName") == "MAIN"


def test_signing_out_closes_the_pages(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.goto("/films")
    page.get_by_role("heading", name="Sign in").wait_for()
    page.get_by_label("Name").fill(ADMIN_NAME)
    page.get_by_label("Password", exact=True).fill("wrong password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
