"""An administrator looks after background work in a real browser."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from playwright.sync_api import Page, expect

from tests.helpers.browser import NEEDS_BROWSER, add_library, claimed_server, picture
from tests.helpers.media import make_film
from tests.helpers.process import ServerProcess, database_dsn

pytestmark = NEEDS_BROWSER

# No runner rescues what gives a sign of life tomorrow.
SOME_OF_EACH = """
    SET search_path = public, shared;
    INSERT INTO jobs (priority, status, entrypoint, headers, payload, attempts, updated, heartbeat)
    SELECT 0, state::job_status, queue, jsonb_build_object('kind', kind), '{}', 1,
           now() - interval '83 s', now() + interval '1 day'
    FROM (VALUES ('picked', 'library', 'library.scan'),
                 ('picked', 'library', 'library.pictures'),
                 ('failed', 'library', 'playback.find_keyframes'),
                 ('failed', 'library', 'library.scan_all'),
                 ('failed', 'metadata', 'podcast.refresh'),
                 ('failed', 'metadata', 'podcast.refresh'),
                 ('failed', 'metadata', 'podcast.refresh')) AS made (state, queue, kind);
    INSERT INTO job_progress
    SELECT id, 4120, 10300, '', now() FROM jobs
    WHERE headers ->> 'kind' = 'library.scan' AND heartbeat > now();
    INSERT INTO job_log (job_id, status, entrypoint, priority, traceback)
    SELECT id, 'failed', entrypoint, 0,
           CASE headers ->> 'kind'
           WHEN 'podcast.refresh' THEN
               '{"exception_type": "UnknownJob", "exception_message": "no such jobs"}'
           WHEN 'library.scan_all' THEN
               '{"exception_type": "JobLost", "exception_message": "died"}'
           ELSE '{"exception_type": "OSError",
                  "exception_message": "Input/output error: /media/films/Solaris (1972)/Solaris.mkv"}'
           END::jsonb
    FROM jobs WHERE status = 'failed';
"""


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    """A server with an administrator and no library."""
    with claimed_server() as running:
        yield running


def fill(server: ServerProcess) -> None:
    """Put some jobs of each state where the runner leaves them alone."""

    async def put() -> None:
        owner = await asyncpg.connect(database_dsn(server.data_dir))
        try:
            await owner.execute(SOME_OF_EACH)
        finally:
            await owner.close()

    with ThreadPoolExecutor(1) as thread:  # this one is the browser's
        thread.submit(asyncio.run, put()).result()


def test_jobs_are_watched_cancelled_and_tried_again(page: Page, server: ServerProcess) -> None:
    page.goto("/settings")
    page.get_by_role("link", name="Background work").click()
    expect(page.get_by_text("Nothing runs right now.")).to_be_visible()
    expect(page.get_by_text("Nothing failed.")).to_be_visible()
    picture(page, "jobs-empty")

    fill(server)
    scan = page.get_by_role("listitem").filter(has_text="Scan a library")
    expect(page.get_by_text("4,120 of 10,300")).to_be_visible(timeout=15_000)
    bar = page.get_by_role("progressbar").first
    expect(bar).to_have_attribute("aria-valuenow", "40")
    expect(page.get_by_text("The work failed. Input/output error")).to_be_visible()
    expect(page.get_by_text("podcast.refresh").first).to_be_visible()
    for theme in ("dark", "light"):
        for language in ("en", "de"):
            show(page, theme, language)
            picture(page, f"jobs-full-{language}-{theme}")
    show(page, "dark", "en")

    page.get_by_role("button", name="Cancel").first.click()
    expect(page.get_by_text("4,120 of 10,300")).to_have_count(0)
    page.get_by_role("button", name="Forget all").click()
    expect(page.get_by_text("podcast.refresh")).to_have_count(0)
    lost = page.get_by_role("listitem").filter(has_text="ended three times in a row")
    lost.get_by_role("button", name="Try again").click()
    expect(lost).to_have_count(0)
    page.get_by_text("Done in the last days").click()
    done = page.get_by_role("listitem").filter(has_text="Scan all libraries")
    expect(done.filter(has_text="Done")).to_have_count(1)
    expect(scan.filter(has_text="Removed")).to_have_count(1)


def test_a_queue_rests_and_goes_on_and_the_schedule_runs_now(page: Page) -> None:
    page.goto("/settings/jobs")
    queue = page.get_by_role("switch", name="Libraries")
    queue.uncheck()
    expect(page.get_by_text("Rests. What runs goes on to its end.")).to_be_visible()
    nightly = page.locator(".job", has_text="Scan all libraries")
    nightly.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("It is enqueued.")).to_be_visible()
    nightly.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("The same work is under way already.")).to_be_visible()
    page.get_by_text("Waiting", exact=False).first.click()
    waiting = page.get_by_role("listitem").filter(has_text="Scan all libraries")
    expect(waiting).to_be_visible()
    picture(page, "jobs-paused")
    page.reload()
    expect(queue).not_to_be_checked()
    queue.check()
    expect(page.get_by_text("Rests. What runs goes on to its end.")).to_have_count(0)
    page.get_by_text("Done in the last days").click()
    expect(page.get_by_role("listitem").filter(has_text="Scan all libraries")).to_be_visible()


def test_work_that_gives_way_to_somebody_who_watches_says_so(
    page: Page, server: ServerProcess, tmp_path: Path
) -> None:
    make_film(tmp_path / "h264_aac.mp4")
    add_library(server, tmp_path)
    item = server.client.get("/api/v1/movies").json()["items"][0]["item_id"]
    movie = server.client.get(f"/api/v1/movies/{item}").json()
    fill(server)
    page.goto("/settings/jobs")
    expect(page.get_by_text("4 at once")).to_have_count(2)
    server.client.get(movie["versions"][0]["files"][0]["content_url"]).raise_for_status()
    expect(page.get_by_text("Somebody is watching.")).to_be_visible()
    expect(page.get_by_text("1 at once instead of 4")).to_have_count(2)
    for theme, language in (("dark", "en"), ("light", "de")):
        show(page, theme, language)
        picture(page, f"jobs-give-way-{language}-{theme}")


def test_a_server_that_does_not_answer_is_told_and_the_page_comes_back(page: Page) -> None:
    page.route("**/api/v1/jobs**", lambda route: route.abort())
    page.route("**/api/v1/jobs/**", lambda route: route.abort())
    page.goto("/settings/jobs")
    expect(page.get_by_role("alert")).to_be_visible()
    picture(page, "jobs-failed")
    page.get_by_role("button", name="Try again").click()
    page.unroute_all()  # from here on the page comes back, be it by itself
    expect(page.get_by_text("Nothing runs right now.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def show(page: Page, theme: str, language: str) -> None:
    """Let the page be read in a language, dark or light."""
    page.evaluate(
        """([theme, language]) => {
            localStorage.setItem("revenge.theme", theme);
            localStorage.setItem("revenge.language", language);
        }""",
        [theme, language],
    )
    page.reload()
    page.get_by_role("progressbar").first.wait_for()
    page.wait_for_timeout(300)
