"""Somebody opens the server on a telephone by its QR code."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.kernel.network import http_url, reachable_addresses
from tests.helpers.browser import NEEDS_BROWSER, add_library, claimed_server, picture
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess

pytestmark = NEEDS_BROWSER
EVERY = "0.0.0.0"  # noqa: S104


@pytest.fixture(params=[EVERY, "127.0.0.1"])
def server(request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    """A server with a film, once for the network and once for its own machine."""
    with data_directory() as films, claimed_server(host=request.param) as running:
        make_film(films / "Alien (1979).mp4", Recipe(length_s=1))
        Path(films).chmod(0o755)
        add_library(running, films)
        yield running


def test_the_home_page_shows_the_way_in_for_a_telephone(
    page: Page, server: ServerProcess, request: pytest.FixtureRequest
) -> None:
    host = request.node.callspec.params["server"]
    expected = [http_url(str(one), server.handshake["port"]) for one in reachable_addresses(host)]
    if host == EVERY and not expected:
        pytest.skip("this machine is in no network")
    picture(page, f"home-{host}")
    page.get_by_role("button", name="Open on your phone").click()
    dialog = page.get_by_role("dialog", name="Open on your phone")
    if expected:
        code = dialog.get_by_role("img", name=f"QR code of {expected[0]}")
        expect(code).to_be_visible()
        assert code.evaluate("async (one) => { await one.decode(); return one.clientWidth }") > 150
        for url in expected:
            expect(dialog.get_by_text(url, exact=True)).to_be_visible()
    else:
        expect(dialog.get_by_text("Only this computer reaches the server")).to_be_visible()
    picture(page, f"phone-{host}", full_page=False)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
