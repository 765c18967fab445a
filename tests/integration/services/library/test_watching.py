"""What happens in a watched folder is noticed; real workers, real folders, and a rhythm of milliseconds."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from app.supervisor.worker import WorkerPool
from server.kernel.db import Db
from server.kernel.errors import Unavailable
from server.kernel.roles import Owner
from server.kernel.sql import SqlText
from server.kernel.tasks import TaskScope
from server.services.library.jobs import LibraryJobs
from server.services.library.model import LibraryEdit, ScanAll
from tests.helpers.media import make_film
from tests.helpers.until import until
from tests.integration.services.catalog.shelf import FakeWorkers, Shelf, a_shelf


@pytest.fixture
async def watched(db: Db, owner: Owner, dsn: str, tmp_path: Path) -> AsyncIterator[Shelf]:
    """A shelf with one film, which is watched."""
    async with (
        WorkerPool() as pool,
        a_shelf(db, owner, dsn, tmp_path, pool) as shelf,
        TaskScope() as tasks,
    ):
        make_film(shelf.folder / "film.mp4").rename(shelf.folder / "Alien (1979).mp4")
        await shelf.open()
        tasks.spawn(shelf.watching.run(), name="watching")
        await until(lambda: shelf.scans_ended(2), within_s=30)  # the first look of the watch
        yield shelf


async def test_a_film_that_is_copied_in_appears_and_one_that_is_removed_goes(
    watched: Shelf,
) -> None:
    new = watched.folder / "Dune (1984)"
    new.mkdir()
    shutil.copyfile(watched.folder / "Alien (1979).mp4", new / "Dune (1984).mp4")
    await until(lambda: watched.shows("Alien", "Dune"), within_s=30)
    shutil.rmtree(new)
    await until(lambda: watched.shows("Alien"), within_s=30)


async def test_a_root_that_goes_and_comes_back_is_watched_again(watched: Shelf) -> None:
    away = watched.folder.rename(watched.folder.with_name("away"))
    await until(lambda: watched.is_online(is_expected=False), within_s=30)
    assert await watched.titles() == ["Alien"]
    shutil.copyfile(away / "Alien (1979).mp4", away / "Dune (1984).mp4")
    away.rename(watched.folder)
    await until(lambda: watched.shows("Alien", "Dune"), within_s=30)


async def test_a_watch_whose_worker_is_killed_is_set_again(watched: Shelf, owner: Owner) -> None:
    for process in psutil.Process().children():
        if process.cmdline()[-1:] == ["worker"]:
            process.kill()
    shutil.copyfile(watched.folder / "Alien (1979).mp4", watched.folder / "Dune (1984).mp4")
    await until(lambda: watched.shows("Alien", "Dune"), within_s=30)
    shutil.copyfile(watched.folder / "Alien (1979).mp4", watched.folder / "Fargo (1996).mp4")
    await until(lambda: watched.shows("Alien", "Dune", "Fargo"), within_s=30)
    count = "select count(*) from scans"
    before = await owner.fetchval(count)
    await asyncio.sleep(1.5)
    assert await owner.fetchval(count) == before  # nobody looks now and then in place of watching


async def test_a_database_that_is_away_for_a_moment_ends_no_watch(watched: Shelf) -> None:
    losses = iter(range(2))

    def lose(statement: SqlText) -> None:
        if statement.name == "lock_library" and next(losses, None) is not None:
            raise Unavailable

    watched.db.on_statement = lose
    for title in ("Dune (1984)", "Fargo (1996)", "Heat (1995)"):
        shutil.copyfile(watched.folder / "Alien (1979).mp4", watched.folder / f"{title}.mp4")
        await asyncio.sleep(1)
    await until(lambda: watched.shows("Alien", "Dune", "Fargo", "Heat"), within_s=30)


async def test_who_wants_no_watch_is_not_watched(watched: Shelf) -> None:
    library_id = watched.viewer.library_ids[0]
    library = await watched.libraries.edit(
        watched.viewer, library_id, LibraryEdit(is_watched=False, scans_nightly=False)
    )
    assert (library.is_watched, library.scans_nightly) == (False, False)
    await asyncio.sleep(0.5)
    shutil.copyfile(watched.folder / "Alien (1979).mp4", watched.folder / "Dune (1984).mp4")
    await asyncio.sleep(1)
    assert await watched.titles() == ["Alien"]


async def test_a_library_that_is_added_is_watched_and_a_removed_one_no_more(
    watched: Shelf,
) -> None:
    more = watched.folder.with_name("more")
    more.mkdir()
    shutil.copyfile(watched.folder / "Alien (1979).mp4", more / "Fargo (1996).mp4")
    library = await watched.open(more)
    await until(lambda: watched.scans_ended(4), within_s=30)
    shutil.copyfile(more / "Fargo (1996).mp4", more / "Heat (1995).mp4")
    await until(lambda: watched.shows("Alien", "Fargo", "Heat"), within_s=30)
    await watched.libraries.remove(watched.viewer, library.library_id)
    assert await watched.titles() == ["Alien"]


async def test_in_the_night_those_are_scanned_that_want_it(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    shelf.film("Alien (1979).mkv")
    library = await shelf.open()
    shelf.film("Dune (1984).mkv")
    jobs = LibraryJobs(shelf.scans, shelf.pictures)
    await shelf.libraries.edit(shelf.viewer, library.library_id, LibraryEdit(scans_nightly=False))
    await jobs.scan_all(ScanAll())
    await shelf.settled(library.library_id)
    assert await shelf.titles() == ["Alien"]
    await shelf.libraries.edit(shelf.viewer, library.library_id, LibraryEdit(scans_nightly=True))
    await jobs.scan_all(ScanAll())
    await shelf.settled(library.library_id)
    assert await shelf.titles() == ["Alien", "Dune"]
