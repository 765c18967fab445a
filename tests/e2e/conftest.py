"""A browser for each test file, and a window in front of the `server` that the file makes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.helpers.browser import chromium, sign_in, window
from tests.helpers.process import ServerProcess


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(server: ServerProcess, browser: Browser) -> Iterator[Page]:
    """A window of the administrator; the server comes first, for it may need an event loop."""
    with window(browser, server.client) as opened:
        sign_in(opened)
        yield opened
