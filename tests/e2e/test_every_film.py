"""Whatever films are made of, Chromium plays it in the way that is stated here: to the end, with sound, from any place."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from msgspec.structs import replace
from playwright.sync_api import Page

from tests.helpers.browser import (
    NEEDS_BROWSER,
    add_library,
    claimed_server,
    decoded_frames,
    loudness,
    time_s,
)
from tests.helpers.media import FILMS, ODD_FILMS, Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess, until

pytestmark = NEEDS_BROWSER

LENGTH_S: Final = 12.0
METHODS: Final[Mapping[str, str]] = {
    "h264_aac.mp4": "direct_play",
    "vp9_opus.webm": "direct_play",
    "vp8_opus.webm": "direct_play",
    "av1_opus.webm": "direct_play",
    "h264_aac.mkv": "direct_play",
    "hevc_ac3.mkv": "transcode",
    "mpeg2_mp2.ts": "transcode",
    "mpeg2_mp2.mpg": "transcode",
    "interlaced.mkv": "transcode",
    "turned.mp4": "direct_play",
    "odd_size.webm": "direct_play",
    "tiny.mkv": "direct_play",
    "silent.mkv": "direct_play",
}
RECIPES: Final[Mapping[str, Recipe]] = {**FILMS, **ODD_FILMS}


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with data_directory() as films, claimed_server() as running:
        for name, recipe in RECIPES.items():
            folder = films / title(name)
            folder.mkdir()
            make_film(folder / name, replace(recipe, length_s=LENGTH_S))
        films.chmod(0o755)
        add_library(running, films)
        yield running


def title(name: str) -> str:
    return f"Film {name.replace('.', ' ').replace('_', ' ')}"


def test_a_result_is_stated_for_every_film() -> None:
    assert set(METHODS) == set(RECIPES)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("engine", ["script", "native"])
def test_it_plays_as_stated(page: Page, name: str, engine: str) -> None:
    recipe = RECIPES[name]
    page.goto(f"/films/{item_id(page, name)}/play?from=start&engine={engine}")
    until(lambda: time_s(page) > 1.0, what="the picture moves on")
    (session,) = asked(page, "playback/sessions")["items"]
    assert session["method"] == METHODS[name]
    assert decoded_frames(page) > 5
    assert recipe.audio is None or loudness(page) > 0.01
    page.keyboard.press("8")
    until(lambda: time_s(page) > LENGTH_S * 0.8 + 0.5, what="it plays from four fifths on")
    assert page.get_by_role("alert").count() == 0
    page.keyboard.press("Escape")
    until(lambda: asked(page, "playback/sessions")["items"] == [], what="the session has ended")


def asked(page: Page, path: str) -> Any:
    return page.request.get(f"/api/v1/{path}").json()


def item_id(page: Page, name: str) -> str:
    for card in asked(page, "movies")["items"]:
        movie = asked(page, f"movies/{card['item_id']}")
        if any(file["name"] == name for one in movie["versions"] for file in one["files"]):
            return str(card["item_id"])
    raise AssertionError(name)
