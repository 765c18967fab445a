"""Editing and removing libraries, stopping scans, and what a library tells of itself."""

import asyncio
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from server.kernel.errors import Invalid
from server.kernel.ids import new_id
from server.kernel.roles import Owner
from server.kernel.storage import Storage
from server.media.model import Probe
from server.services.library.model import (
    LibraryEdit,
    LibraryNotFound,
    NewLibrary,
    Notice,
    PageQuery,
    PathMissing,
    PathTaken,
    PreviewWish,
    RootEdit,
    RootNotFound,
)
from server.services.library.mounts import file_system_of
from server.services.library.preview import Sight, notices
from tests.helpers.web import RunningWeb
from tests.integration.services.catalog.shelf import FakeWorkers, Shelf


async def edited(shelf: Shelf, library_id: UUID, edit: LibraryEdit) -> None:
    await shelf.libraries.edit(shelf.viewer, library_id, edit)
    await shelf.settled(library_id)


async def root_ids(owner: Owner) -> dict[str, UUID]:
    return {r["path"].decode(): r["root_id"] for r in await owner.fetch("select * from roots")}


async def test_a_library_gets_another_name_without_a_scan(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    library = await shelf.open()
    asked = len(workers.asked)
    edit = LibraryEdit(name="  Old films ")
    renamed = await shelf.libraries.edit(shelf.viewer, library.library_id, edit)
    assert (renamed.name, len(workers.asked)) == ("Old films", asked)


async def test_folders_join_and_leave_a_library(shelf: Shelf, owner: Owner) -> None:
    more = shelf.folder.with_name("more")
    more.mkdir()
    shelf.film("Alien (1979).mkv")
    shelf.film("../more/Zardoz (1974).mkv", b"film two")
    library_id = (await shelf.open()).library_id
    known = (await root_ids(owner))[str(shelf.folder)]
    both = [RootEdit(root_id=known, path=str(shelf.folder)), RootEdit(path=str(more))]
    await edited(shelf, library_id, LibraryEdit(roots=both))
    assert await shelf.titles() == ["Alien", "Zardoz"]
    pictures = sorted(shelf.storage.images_dir.rglob("*.webp"))
    added = (await root_ids(owner))[str(more)]
    await edited(shelf, library_id, LibraryEdit(roots=[RootEdit(root_id=added, path=str(more))]))
    assert await shelf.titles() == ["Zardoz"]
    assert len(sorted(shelf.storage.images_dir.rglob("*.webp"))) == len(pictures) - 1
    assert (shelf.folder / "Alien (1979).mkv").exists()


async def test_a_folder_that_lies_elsewhere_now_keeps_its_films(
    shelf: Shelf, owner: Owner, workers: FakeWorkers
) -> None:
    shelf.film("Alien (1979).mkv")
    library_id = (await shelf.open()).library_id
    before, probed = (await shelf.page()).items, workers.count(Probe)
    ((_, known),) = (await root_ids(owner)).items()
    there = shelf.folder.rename(shelf.folder.with_name("elsewhere"))
    await edited(shelf, library_id, LibraryEdit(roots=[RootEdit(root_id=known, path=str(there))]))
    assert (await shelf.page()).items == before
    assert workers.count(Probe) == probed


async def test_a_wrong_edit_changes_nothing(shelf: Shelf, owner: Owner) -> None:
    library = await shelf.open()
    other = shelf.folder.with_name("other")
    other.mkdir()
    await shelf.libraries.add(shelf.viewer, NewLibrary(kind="movie", paths=[str(other)]))
    known = await root_ids(owner)
    stays = RootEdit(root_id=known[str(shelf.folder)], path=str(shelf.folder))
    for wrong, error in (
        (RootEdit(path="/nothing/here"), PathMissing),
        (RootEdit(path=str(other)), PathTaken),
        (RootEdit(path=str(shelf.folder)), PathTaken),
        (RootEdit(root_id=known[str(other)], path=str(other)), RootNotFound),
    ):
        edit = LibraryEdit(roots=[stays, wrong])
        with pytest.raises(error):
            await shelf.libraries.edit(shelf.viewer, library.library_id, edit)
    assert await root_ids(owner) == known


async def test_folders_that_change_places_are_refused(shelf: Shelf, owner: Owner) -> None:
    more = shelf.folder.with_name("more")
    more.mkdir()
    library = await shelf.open(shelf.folder, more)
    known = await root_ids(owner)
    first = RootEdit(root_id=known[str(shelf.folder)], path=str(more))
    second = RootEdit(root_id=known[str(more)], path=str(shelf.folder))
    with pytest.raises(PathTaken):
        await shelf.libraries.edit(
            shelf.viewer, library.library_id, LibraryEdit(roots=[first, second])
        )


async def test_a_removed_library_leaves_the_files_and_no_picture(
    shelf: Shelf, owner: Owner
) -> None:
    film = shelf.film("Alien (1979).mkv")
    library_id = (await shelf.open()).library_id
    await shelf.libraries.remove(shelf.viewer, library_id)
    assert film.read_bytes() == b"film"
    assert list(shelf.storage.images_dir.rglob("*.webp")) == []
    for table in ("libraries", "roots", "files", "items", "item_files", "images", "scans"):
        assert await owner.fetchval(f"select count(*) from {table}") == 0  # noqa: S608
    with pytest.raises(LibraryNotFound):
        await shelf.libraries.remove(shelf.viewer, library_id)
    assert (await shelf.open()).item_count == 1


@pytest.mark.parametrize("end", ["cancel", "remove"])
async def test_a_scan_that_runs_can_be_stopped(
    shelf: Shelf, workers: FakeWorkers, owner: Owner, end: str
) -> None:
    for number in range(30):
        shelf.film(f"Film {number} (2000).mkv")
    library_id = (await shelf.open()).library_id
    for number in range(30):
        shelf.film(f"New {number} (2000).mkv")
    workers.pause_s = 0.05
    await shelf.libraries.scan(shelf.viewer, library_id)
    await workers.probed(32)
    if end == "remove":
        await shelf.libraries.remove(shelf.viewer, library_id)
        assert await owner.fetchval("select count(*) from files") == 0
        return
    await shelf.libraries.cancel(shelf.viewer, library_id)
    scan = (await shelf.libraries.get(shelf.viewer, library_id)).scan
    assert scan is not None
    assert scan.error is not None
    assert (scan.state, scan.error.code) == ("failed", "scan.cancelled")
    assert "stopped" in scan.error.detail
    await shelf.libraries.cancel(shelf.viewer, library_id)
    workers.pause_s = 0
    assert (await shelf.scan(library_id)).item_count == 60


async def test_a_scan_stopped_at_once_is_noted_as_stopped(shelf: Shelf) -> None:
    library_id = (await shelf.open()).library_id
    await asyncio.sleep(0.05)
    await shelf.scans.start(library_id)
    await shelf.scans.cancel(library_id)
    scan = (await shelf.libraries.get(shelf.viewer, library_id)).scan
    assert scan is not None
    assert scan.state == "failed"


async def test_the_history_of_scans_is_paged_latest_first(shelf: Shelf) -> None:
    shelf.film("Alien (1979).mkv")
    library_id = (await shelf.open()).library_id
    for _ in range(4):
        await shelf.scan(library_id)
    found, cursor = [], None
    while True:
        want = PageQuery(limit=2, cursor=cursor)
        page = await shelf.libraries.scans(shelf.viewer, library_id, want)
        found += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert len({scan.scan_id for scan in found}) == 5
    assert sorted(found, key=lambda scan: scan.started_at, reverse=True) == found


async def test_problems_name_files_folders_links_and_what_is_missing(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    shelf.film("Broken (2001).mkv", b"")
    gone = shelf.film("Alien (1979).mkv")
    shelf.film("Dune (1984).mkv", b"film two")
    shelf.film("closed/Fargo (1996).mkv", b"film three")
    (shelf.folder / "link.mkv").symlink_to("/etc/hostname")
    library_id = (await shelf.open()).library_id
    gone.unlink()
    workers.closed_folders = {b"closed"}
    await shelf.scan(library_id)
    found, cursor = [], None
    while True:
        want = PageQuery(limit=1, cursor=cursor)
        page = await shelf.libraries.problems(shelf.viewer, library_id, want)
        found += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert [(Path(one.path).name, one.kind, one.title, one.code) for one in found] == [
        ("Alien (1979).mkv", "missing", "Alien", "media.missing"),
        ("Broken (2001).mkv", "file", None, "media.damaged"),
        ("closed", "folder", None, "library.folder_unread"),
        ("link.mkv", "link", None, "library.link_outside"),
    ]
    assert all(one.detail.endswith(".") for one in found)
    workers.closed_folders = set()
    await shelf.scan(library_id)
    page = await shelf.libraries.problems(shelf.viewer, library_id, PageQuery())
    assert [one.kind for one in page.items] == ["missing", "file", "link"]


@pytest.mark.parametrize("cursor", ["nonsense", "kA", "x" * 1000])
async def test_a_wrong_cursor_is_refused(shelf: Shelf, cursor: str) -> None:
    library_id = (await shelf.open()).library_id
    for ask in (shelf.libraries.scans, shelf.libraries.problems):
        with pytest.raises(Invalid):
            await ask(shelf.viewer, library_id, PageQuery(cursor=cursor))
        with pytest.raises(LibraryNotFound):
            await ask(shelf.viewer, new_id(), PageQuery())


async def test_a_preview_names_the_first_films_and_adds_nothing(
    shelf: Shelf, owner: Owner, workers: FakeWorkers
) -> None:
    for number in range(30):
        shelf.film(f"Film {number:02} (2000)/Film {number:02} (2000).mkv")
    shelf.film("notes.txt")
    wish = PreviewWish(path=str(shelf.folder))
    preview = await shelf.libraries.preview(shelf.viewer, wish)
    assert preview.kind == "movie"
    assert (preview.media_count, preview.is_complete, len(preview.items)) == (30, True, 12)
    first = preview.items[0]
    assert (first.name, first.title, first.year) == (
        "Film 00 (2000)/Film 00 (2000).mkv",
        "Film 00",
        2000,
    )
    assert workers.count(Probe) == 0
    assert await owner.fetchval("select count(*) from libraries") == 0


async def test_a_preview_warns_of_an_empty_folder(shelf: Shelf) -> None:
    wish = PreviewWish(kind="movie", path=str(shelf.folder))
    preview = await shelf.libraries.preview(shelf.viewer, wish)
    assert "library.no_media" in [warning.code for warning in preview.warnings]
    with pytest.raises(PathMissing):
        await shelf.libraries.preview(shelf.viewer, PreviewWish(kind="movie", path="/no/such"))


def test_a_folder_that_can_only_be_read_and_a_full_disk_are_worth_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sight, storage = Sight(kind="movie", media_count=1), Storage(tmp_path)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may write everywhere
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1))
    said = notices(os.fsencode(tmp_path), storage, sight)
    assert said == [Notice.READ_ONLY, Notice.LOW_SPACE]


@pytest.mark.parametrize(
    ("path", "expected"),
    [(b"/srv/films/a", "nfs4"), (b"/srv", "ext4"), (b"/srv/two words/x", "cifs")],
)
def test_the_file_system_of_a_path_is_that_of_its_nearest_mount(path: bytes, expected: str) -> None:
    mounts = (
        "/dev/sda / ext4 rw 0 0\nnas:/f /srv/films nfs4 rw 0 0\n//nas/f /srv/two\\040words cifs rw"
    )
    assert file_system_of(path, mounts) == expected


async def test_only_administrators_change_libraries(web: RunningWeb, tmp_path: Path) -> None:
    url = f"/api/v1/libraries/{new_id()}"
    async with web.client() as stranger:
        assert (await stranger.delete(url)).status_code == 401
    async with web.signed_in() as client:
        folder = tmp_path / "films"
        folder.mkdir()
        made = await client.post(
            "/api/v1/libraries", json={"name": "A", "kind": "movie", "paths": [str(folder)]}
        )
        url = f"/api/v1/libraries/{made.json()['library_id']}"
        assert (await client.patch(url, json={"name": "B"})).json()["name"] == "B"
        assert (await client.patch(url, json={"name": " "})).status_code == 400
        assert (await client.get(f"{url}/problems")).json()["items"] == []
        assert (await client.get(f"{url}/scans")).json()["items"] != []
        assert (await client.delete(f"{url}/scan")).status_code == 204
        wish = {"kind": "movie", "path": "/no/such"}
        refused = await client.post("/api/v1/libraries/preview", json=wish)
        assert refused.json()["code"] == "library.path_missing"
        assert (await client.delete(url)).status_code == 204
        assert (await client.get(url)).status_code == 404
