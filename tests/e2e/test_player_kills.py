"""Kills while somebody watches in a real browser: the film goes on."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page

from tests.helpers.browser import (
    NEEDS_BROWSER,
    add_library,
    assert_advances,
    chromium,
    claimed_server,
    sign_in,
    time_s,
    window,
)
from tests.helpers.kills import kill_postgres, kill_server, kill_worker
from tests.helpers.media import FILMS, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import running_server, until

pytestmark = NEEDS_BROWSER

LENGTH_S = 120
CHANCE = random.Random(4)  # noqa: S311 (which process, not secrets)


@pytest.fixture
def films() -> Iterator[Path]:
    with data_directory() as folder:
        make_film(
            folder / "Deep Water (2023).mkv", replace(FILMS["hevc_ac3.mkv"], length_s=LENGTH_S)
        )
        folder.chmod(0o755)
        yield folder


def test_a_film_goes_on_whatever_is_killed(films: Path) -> None:
    with claimed_server() as server, chromium() as browser, window(browser, server.client) as page:
        add_library(server, films)
        watch(page)
        kill_worker(server, CHANCE)
        assert_goes_on_from(page, 3)
        kill_postgres(server, CHANCE)
        assert_goes_on_from(page, 5)
        kill_server(server, CHANCE)
        with running_server(server.data_dir, port=server.handshake["port"]) as again:
            again.await_ready()
            assert_goes_on_from(page, 8)
            until(lambda: is_kept(page), what="the place is kept")


def watch(page: Page) -> None:
    sign_in(page)
    page.goto("/films")
    page.get_by_role("link", name="Deep Water").click()
    page.get_by_role("heading", name="Deep Water", level=1).wait_for()
    page.goto(f"{page.url}/play?from=start")
    assert_advances(page)


def assert_goes_on_from(page: Page, tenth: int) -> None:
    """Jump to a tenth of the film that the browser does not hold yet, and see it play there."""
    page.keyboard.press(f"{tenth}")
    start_s = LENGTH_S * tenth / 10
    until(lambda: time_s(page) > start_s + 1, what=f"it plays from {start_s} s on", within_s=60)
    assert page.get_by_role("alert").count() == 0


def is_kept(page: Page) -> bool:
    """Return whether the server knows where the viewer is."""
    (playing,) = page.request.get("/api/v1/playback/sessions").json()["items"] or [None]
    return playing is not None and playing["position_ms"] > LENGTH_S * 700
