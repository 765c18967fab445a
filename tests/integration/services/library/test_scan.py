import asyncio
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.kernel.db import Db
from server.kernel.errors import Unavailable
from server.kernel.ids import new_id
from server.kernel.roles import Owner
from server.kernel.sql import SqlText
from server.kernel.tasks import TaskScope
from server.kernel.workers import WorkerFailed, WorkerLost
from server.media.model import MakePoster, Probe, Reason, Walk
from server.services.catalog.model import CardQuery
from server.services.library.jobs import LibraryJobs
from server.services.library.model import LibraryNotFound
from tests.helpers.until import until
from tests.integration.services.catalog.shelf import FakeWorkers, Shelf, a_shelf, files_of

TABLES = ("items", "files", "item_files", "images", "movies")


async def versions(owner: Owner) -> list[Any]:
    """Name the version of every row of the catalogue: a row that is written gets another one."""
    found = []
    for table in TABLES:
        rows = await owner.fetch(f"select '{table}' as place, ctid::text, xmin::text from {table}")  # noqa: S608
        found += [tuple(row) for row in rows]
    return sorted(found)


async def file_states(owner: Owner) -> dict[bytes, str]:
    return {row["path"]: row["state"] for row in await owner.fetch("select path, state from files")}


async def test_films_of_a_folder_become_cards_with_posters(shelf: Shelf) -> None:
    shelf.film("Alien (1979)/Alien (1979).mkv")
    shelf.film("The Thing (1982).mkv")
    shelf.film("Alien (1979)/notes.txt")
    library = await shelf.open()
    assert library.scan is not None
    assert (library.scan.state, library.scan.phase) == ("done", "done")
    assert (library.scan.found_count, library.scan.done_count, library.scan.error_count) == (
        2,
        2,
        0,
    )
    assert library.item_count == 2
    alien, thing = (await shelf.page()).items
    assert (alien.title, alien.year, alien.length_ms) == ("Alien", 1979, 6_000_000)
    assert thing.title == "The Thing"
    assert alien.image_url is not None
    assert alien.image_url.startswith("/api/v1/images/")


async def test_a_second_scan_reads_no_file_and_writes_no_row(
    shelf: Shelf, workers: FakeWorkers, owner: Owner
) -> None:
    for number in range(30):
        shelf.film(f"Film {number} (2000)/Film {number} (2000).mkv")
    shelf.film("broken.mkv", b"")
    library = await shelf.open()
    before, asked = await versions(owner), len(workers.asked)
    await shelf.scan(library.library_id)
    assert await versions(owner) == before
    assert [type(work) for work in workers.asked[asked:]] == [Walk]


async def test_a_changed_file_is_read_again_and_keeps_its_item(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    film = shelf.film("Alien (1979).mkv")
    library = await shelf.open()
    (before,) = (await shelf.page()).items
    film.write_bytes(b"film, and longer than it was")
    await shelf.scan(library.library_id)
    (after,) = (await shelf.page()).items
    assert (after.item_id, after.added_at) == (before.item_id, before.added_at)
    assert after.image_url != before.image_url
    assert workers.count(Probe) == 2


async def test_a_removed_file_makes_its_film_missing_and_it_returns_with_its_id(
    shelf: Shelf, workers: FakeWorkers, owner: Owner
) -> None:
    film = shelf.film("Alien (1979).mkv")
    shelf.film("Zardoz (1974).mkv")
    library = await shelf.open()
    before = (await shelf.page()).items
    content, status = film.read_bytes(), film.stat()
    film.unlink()
    await shelf.scan(library.library_id)
    assert await shelf.titles() == ["Zardoz"]
    film.write_bytes(content)
    os.utime(film, ns=(status.st_atime_ns, status.st_mtime_ns))
    await shelf.scan(library.library_id)
    assert (await shelf.page()).items == before
    assert workers.count(Probe) == 2


@pytest.mark.parametrize("accident", ["empty mount", "no folder", "a file in its place"])
async def test_a_folder_that_is_not_there_freezes_its_films(
    shelf: Shelf, owner: Owner, accident: str
) -> None:
    shelf.film("Alien (1979).mkv")
    library = await shelf.open()
    away = shelf.folder.rename(shelf.folder.with_name("away"))
    if accident == "empty mount":
        shelf.folder.mkdir()
    elif accident == "a file in its place":
        shelf.folder.write_bytes(b"")
    library = await shelf.scan(library.library_id)
    assert [root.state for root in library.roots] == ["offline"]
    assert await shelf.titles() == ["Alien"]
    assert set((await file_states(owner)).values()) == {"present"}
    shutil.rmtree(shelf.folder) if shelf.folder.is_dir() else shelf.folder.unlink(missing_ok=True)
    away.rename(shelf.folder)
    library = await shelf.scan(library.library_id)
    assert [root.state for root in library.roots] == ["online"]


async def test_a_file_that_cannot_be_read_keeps_the_reason_and_stops_nothing(
    shelf: Shelf, owner: Owner
) -> None:
    shelf.film("Broken (2001).mkv", b"")
    shelf.film("Alien (1979).mkv")
    library = await shelf.open()
    assert library.scan is not None
    assert (library.scan.state, library.scan.done_count, library.scan.error_count) == ("done", 2, 1)
    assert await shelf.titles() == ["Alien"]
    error = await owner.fetchval("select error from files where error is not null")
    assert msgspec.json.decode(error) == {"code": "media.damaged", "detail": "no moov atom"}


@pytest.mark.parametrize(
    "error",
    [WorkerFailed(reason=Reason.DENIED), WorkerFailed(reason=Reason.MISSING), WorkerLost(op="x")],
)
async def test_what_only_hindered_the_reading_is_tried_again(
    shelf: Shelf, workers: FakeWorkers, error: Exception
) -> None:
    shelf.film("Alien (1979).mkv")
    workers.errors += [error] * 3
    library = await shelf.open()
    assert library.scan is not None
    assert (library.item_count, library.scan.error_count) == (0, 1)
    workers.errors.clear()
    library = await shelf.scan(library.library_id)
    assert library.scan is not None
    assert (library.item_count, library.scan.error_count) == (1, 0)
    assert library.scan.done_count == 1


async def test_a_film_whose_file_breaks_says_so(shelf: Shelf) -> None:
    film = shelf.film("Alien (1979).mkv")
    library = await shelf.open()
    film.write_bytes(b"")
    await shelf.scan(library.library_id)
    (card,) = (await shelf.page()).items
    (file,) = files_of(await shelf.movies.get(shelf.viewer, card.item_id))
    assert file.error is not None
    assert file.error.code == "media.damaged"
    assert file.streams == []


async def test_names_that_are_no_utf_8_are_films(shelf: Shelf) -> None:
    shelf.film(b"Am\xe9lie (2001).mkv")
    shelf.film(b"caf\xe9/Caf\xe9 (2000).mkv")
    shelf.film(b"caf\xe8/Caf\xe8 (2000).mkv")
    await shelf.open()
    assert sorted(await shelf.titles()) == ["Amélie", "Cafè", "Café"]
    (card, *_) = (await shelf.page()).items
    (file,) = files_of(await shelf.movies.get(shelf.viewer, card.item_id))
    assert file.name.endswith("(2001).mkv")
    content = await shelf.playback.content(shelf.viewer, file.file_id)
    assert content.path.read_bytes() == b"film"


async def test_two_files_of_one_name_are_editions_of_one_film(shelf: Shelf) -> None:
    shelf.film("Alien (1979)/Alien (1979) 1080p.mkv")
    shelf.film("Alien (1979)/Alien (1979) 2160p.mkv")
    await shelf.open()
    (card,) = (await shelf.page()).items
    movie = await shelf.movies.get(shelf.viewer, card.item_id)
    assert [file.name for file in files_of(movie)] == [
        "Alien (1979) 2160p.mkv",
        "Alien (1979) 1080p.mkv",
    ]


async def test_below_a_folder_that_cannot_be_read_nothing_is_missing(
    shelf: Shelf, owner: Owner, workers: FakeWorkers
) -> None:
    names = ["closed/Alien (1979).mkv", "closed 2/Dune (1984).mkv", "Zardoz (1974).mkv"]
    for name in names:
        shelf.film(name)
    library = await shelf.open()
    workers.closed_folders = {b"closed"}
    for name in names:
        (shelf.folder / name).unlink()
    shelf.film("Fargo (1996).mkv", b"film of another size")
    await shelf.scan(library.library_id)
    states = await file_states(owner)
    assert [states[name.encode()] for name in names] == ["present", "missing", "missing"]
    assert await shelf.titles() == ["Alien", "Fargo"]


async def test_a_worker_that_dies_is_replaced_and_the_file_read(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    shelf.film("Alien (1979).mkv")
    workers.deaths_left = 2
    library = await shelf.open()
    assert library.scan is not None
    assert library.scan.error_count == 0
    assert await shelf.titles() == ["Alien"]


async def test_a_file_that_kills_every_worker_is_noted(
    shelf: Shelf, workers: FakeWorkers, owner: Owner
) -> None:
    shelf.film("Alien (1979).mkv")
    workers.deaths_left = 3
    await shelf.open()
    error = await owner.fetchval("select error ->> 'code' from files")
    assert error == "worker.lost"


async def test_one_scan_of_a_library_runs_at_a_time(shelf: Shelf, workers: FakeWorkers) -> None:
    shelf.film("Alien (1979).mkv")
    library = await shelf.open()
    workers.pause_s = 0.2
    shelf.film("Zardoz (1974).mkv")
    walks = workers.count(Walk)
    first, second = await asyncio.gather(
        shelf.libraries.scan(shelf.viewer, library.library_id),
        shelf.libraries.scan(shelf.viewer, library.library_id),
    )
    assert first.scan_id == second.scan_id
    assert {first.state, second.state} <= {"waiting", "running"}
    await shelf.settled(library.library_id)
    assert workers.count(Walk) == walks + 1


async def test_a_scan_that_was_cut_off_goes_on_at_the_next_start(
    db: Db, owner: Owner, dsn: str, tmp_path: Path
) -> None:
    slow = FakeWorkers()
    slow.pause_s = 0.05
    async with a_shelf(db, owner, dsn, tmp_path, slow) as cut:
        for number in range(40):
            cut.film(f"Film {number:02} (2000).mkv")
        opened = asyncio.create_task(cut.open())
        await slow.probed(8)
        opened.cancel()
    assert await owner.fetchval("select state from scans") == "running"
    library_id = await owner.fetchval("select library_id from libraries")
    async with a_shelf(db, owner, dsn, tmp_path / "second") as again:
        again.viewer = msgspec.structs.replace(again.viewer, library_ids=(library_id,))
        library = await again.settled(library_id)
        assert library.scan is not None
        assert (library.scan.state, library.item_count) == ("done", 40)
        assert len(await again.titles()) == 40
    assert await owner.fetchval("select count(*) from scans") == 1


async def test_statements_grow_with_portions_not_with_files(
    shelf: Shelf, statements: list[SqlText]
) -> None:
    for number in range(1_000):
        shelf.film(f"{number // 100}/Film {number:04} ({1950 + number % 70}).mkv")
    library = await shelf.open()
    assert library.item_count == 1_000
    counts = Counter(statement.name for statement in statements)
    assert counts["set_facts"] == 5  # portions of 200
    assert counts["upsert"] == 1


async def test_a_library_that_the_viewer_may_not_see_is_not_scanned(shelf: Shelf) -> None:
    library = await shelf.open()
    shelf.viewer = msgspec.structs.replace(shelf.viewer, library_ids=(new_id(),))
    with pytest.raises(LibraryNotFound):
        await shelf.libraries.scan(shelf.viewer, library.library_id)
    assert (await shelf.page(CardQuery())).items == []


async def test_only_films_without_a_picture_get_one(shelf: Shelf, workers: FakeWorkers) -> None:
    shelf.film("Alien (1979).mkv")
    library = await shelf.open()
    shelf.film("Zardoz (1974).mkv")
    await shelf.scan(library.library_id)
    assert workers.count(MakePoster) == 2


async def test_a_scan_that_fails_says_so_and_the_next_one_may_begin(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    shelf.film("Alien (1979).mkv")
    workers.errors.append(RuntimeError("a mistake of ours"))
    library = await shelf.open()
    assert library.scan is not None
    assert (library.scan.state, library.scan.phase) == ("failed", "probe")
    assert library.scan.error is not None
    assert library.scan.error.code == "internal"
    library = await shelf.scan(library.library_id)
    assert library.item_count == 1


async def test_a_scan_waits_for_a_database_that_restarts(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    shelf.film("Alien (1979).mkv")
    workers.errors.append(Unavailable())
    library = await shelf.open()
    assert library.scan is not None
    assert (library.scan.state, library.scan.found_count, library.scan.done_count) == ("done", 1, 1)


@pytest.mark.parametrize("place", ["begin_scan", "end_scan", "due", "settle_pictures"])
async def test_wherever_the_database_goes_scan_and_pictures_come_to_their_end(
    shelf: Shelf, db: Db, owner: Owner, place: str
) -> None:
    """Also at the first and the last statement of a job, and more than once."""
    shelf.film("Alien (1979).mkv")
    losses = iter(range(2))

    def lose(statement: SqlText) -> None:
        if statement.name == place and next(losses, None) is not None:
            raise Unavailable

    db.on_statement = lose
    library = await shelf.open()
    assert library.scan is not None
    assert (library.scan.state, library.due_picture_count) == ("done", 0)
    assert await owner.fetchval("select count(*) from jobs") == 0


async def test_scan_and_pictures_say_that_they_got_further_when_they_did(
    shelf: Shelf, statements: list[SqlText]
) -> None:
    shelf.film("Alien (1979).mkv")
    library = await shelf.open()
    names = [statement.name for statement in statements]
    assert names.count("advance") == 2
    await shelf.scan(library.library_id)
    names = [statement.name for statement in statements]
    assert names.count("advance") == 2


async def test_a_scan_whose_job_is_gone_does_not_run_for_ever(
    shelf: Shelf, workers: FakeWorkers, owner: Owner
) -> None:
    for number in range(30):
        shelf.film(f"Film {number} (2000).mkv")
    workers.pause_s = 0.05
    opening = asyncio.create_task(shelf.open())
    await workers.probed(2)
    await shelf.jobs.cancel(await owner.fetchval("select job_id from scans"))
    library = await opening
    assert library.scan is not None
    assert library.scan.state == "running"
    async with TaskScope() as tasks:
        tasks.spawn(shelf.scans.tend(every_s=0.01), name="ends of scans")
        await until(lambda: is_interrupted(shelf, library.library_id))
    workers.pause_s = 0
    assert (await shelf.scan(library.library_id)).item_count == 30


async def test_a_scan_on_a_full_disk_fails_with_the_reason_and_goes_on_when_there_is_room(
    shelf: Shelf, owner: Owner
) -> None:
    for number in range(30):
        shelf.film(f"Film {number} (2000).mkv")
    shelf.jobs.declare([LibraryJobs(shelf.scans, shelf.pictures, pauses_s=())])
    await owner.execute("""
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE SQLSTATE '53100'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON items EXECUTE FUNCTION full_disk();
    """)
    library = await shelf.open()
    await shelf.scans.resume()
    failed = (await shelf.libraries.get(shelf.viewer, library.library_id)).scan
    assert failed is not None
    assert failed.error is not None
    assert (failed.state, failed.error.code) == ("failed", "db.full")
    read = "SELECT count(*) FROM files WHERE probe IS NOT NULL"
    assert await owner.fetchval(read) == 30
    await owner.execute("DROP FUNCTION full_disk CASCADE")
    library = await shelf.scan(library.library_id)
    assert library.scan is not None
    assert (library.scan.state, library.item_count) == ("done", 30)


async def is_interrupted(shelf: Shelf, library_id: UUID) -> bool:
    scan = (await shelf.libraries.get(shelf.viewer, library_id)).scan
    return bool(scan and scan.error and scan.error.code == "scan.interrupted")
