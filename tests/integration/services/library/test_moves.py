"""What becomes of a film, its history and its picture when somebody tidies the disk."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from msgspec import Struct

from app.supervisor.worker import WorkerPool
from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.roles import Owner
from server.media.model import Fingerprint, Probe
from tests.helpers.media import Recipe, make_film
from tests.integration.services.catalog.shelf import FakeWorkers, Shelf, a_shelf, files_of

ALIEN, DUNE = "Alien (1979)/Alien (1979).mkv", "Dune (1984)/Dune (1984).mkv"
SOLARIS = "sub/Solaris (1972)/Solaris (1972).mkv"
CONTENTS = {ALIEN: b"film alien", DUNE: b"film dune!", SOLARIS: b"film solaris"}


class Film(Struct, frozen=True, kw_only=True):
    """What must not change while a film stays the same film."""

    item_id: UUID
    file_id: UUID
    added_at: object
    position: int | None
    play_count: int


async def film(owner: Owner, title: str) -> Film | None:
    rows = await owner.fetch(
        """select i.item_id, u.file_id, i.added_at, p.position,
                  (select count(*) from plays y where y.item_id = i.item_id) as play_count
           from items i join item_files u using (item_id) join files f using (file_id)
           left join progress p using (item_id)
           where i.title = $1 and i.state = 'present' and f.state = 'present'""",
        title,
    )
    assert len(rows) <= 1
    return Film(**dict(rows[0])) if rows else None


async def watched(shelf: Shelf, owner: Owner) -> None:
    """Let the viewer stop in the middle of every film."""
    for card in (await shelf.page()).items:
        await shelf.catalog.put_progress(shelf.viewer, card.item_id, 1_000)
        await owner.execute(
            "insert into plays values ($1, $2, $3, now(), now(), 0, 9, 'tv', 'direct', 'web')",
            new_id(),
            shelf.viewer.profile_id,
            card.item_id,
        )


def rename_file(root: Path) -> None:
    (root / ALIEN).rename(root / "Alien (1979)/Aliens (1986).mkv")


def rename_folder(root: Path) -> None:
    (root / "Alien (1979)").rename(root / "Aliens (1986)")
    (root / "Aliens (1986)/Alien (1979).mkv").rename(root / "Aliens (1986)/Aliens (1986).mkv")


def rename_only_the_folder_above(root: Path) -> None:
    (root / "sub").rename(root / "other")


def move_to_another_root(root: Path) -> None:
    (root / ALIEN).rename(root.with_name("more") / "Alien (1979).mkv")


def move_by_copying(root: Path) -> None:
    shutil.copyfile(root / ALIEN, root / "Alien (1979).mkv")
    (root / ALIEN).unlink()


def replace(root: Path) -> None:
    (root / ALIEN).write_bytes(b"film alien, director's cut")


def copy(root: Path) -> None:
    shutil.copyfile(root / ALIEN, root / "Aliens (1986).mkv")


def swap(root: Path) -> None:
    alien, dune = root / ALIEN, root / DUNE
    alien.rename(root / "third")
    dune.rename(alien)
    (root / "third").rename(dune)
    os.utime(alien, (1, 1))


def touch(root: Path) -> None:
    (root / ALIEN).touch()


CASES: list[tuple[Callable[[Path], None], dict[str, str]]] = [
    (rename_file, {"Alien": "Aliens"}),
    (rename_folder, {"Alien": "Aliens"}),
    (rename_only_the_folder_above, {"Solaris": "Solaris"}),
    (move_to_another_root, {"Alien": "Alien"}),
    (move_by_copying, {"Alien": "Alien"}),
    (replace, {"Alien": "Alien"}),
    (copy, {"Alien": "Alien"}),
    (swap, {"Alien": "Alien", "Dune": "Dune"}),  # names win: each keeps what was seen under it
    (touch, {"Alien": "Alien"}),
]


@pytest.fixture
async def seen(shelf: Shelf, owner: Owner) -> Shelf:
    """A library of two folders whose films were scanned and begun."""
    shelf.folder.with_name("more").mkdir()
    for name, content in CONTENTS.items():
        shelf.film(name, content)
    shelf.film("../more/Zardoz (1974).mkv", b"film zardoz")
    await shelf.open(shelf.folder, shelf.folder.with_name("more"))
    await watched(shelf, owner)
    return shelf


@pytest.mark.parametrize(("change", "titles"), CASES, ids=lambda one: getattr(one, "__name__", ""))
async def test_what_changes_on_disk_leaves_the_history(
    seen: Shelf, owner: Owner, change: Callable[[Path], None], titles: dict[str, str]
) -> None:
    all_titles = {"Alien", "Dune", "Solaris", "Zardoz"}
    before = {title: await film(owner, title) for title in all_titles}
    change(seen.folder)
    await seen.scan(seen.viewer.library_ids[0])
    after = {title: await film(owner, titles.get(title, title)) for title in all_titles}
    assert None not in before.values()
    assert after == before
    extra = {"Aliens"} if change is copy else set()
    assert set(await seen.titles()) == {titles.get(one, one) for one in all_titles} | extra


async def test_deleted_and_restored_elsewhere_it_is_the_same_film(
    seen: Shelf, owner: Owner
) -> None:
    before = await film(owner, "Alien")
    (seen.folder / ALIEN).unlink()
    await seen.scan(seen.viewer.library_ids[0])
    assert await film(owner, "Alien") is None
    seen.film("Alien 1979/Alien (1979).mkv", CONTENTS[ALIEN])
    await seen.scan(seen.viewer.library_ids[0])
    assert await film(owner, "Alien") == before


async def test_two_files_of_one_content_are_both_followed(shelf: Shelf, owner: Owner) -> None:
    for number in range(3):
        shelf.film(f"a/Film {number} (2000).mkv")
    await shelf.open()
    before = [await film(owner, f"Film {number}") for number in range(3)]
    (shelf.folder / "a").rename(shelf.folder / "b")
    await shelf.scan(shelf.viewer.library_ids[0])
    assert [await film(owner, f"Film {number}") for number in range(3)] == before


async def test_an_edition_that_moves_away_leaves_the_film_to_the_other(
    shelf: Shelf, owner: Owner
) -> None:
    stays = shelf.film("Alien (1979)/Alien (1979) 1080p.mkv", b"film one")
    goes = shelf.film("Alien (1979)/Alien (1979) 2160p.mkv", b"film two!")
    await shelf.open()
    (before,) = (await shelf.page()).items
    goes.rename(shelf.folder / "Dune (1984).mkv")
    await shelf.scan(shelf.viewer.library_ids[0])
    alien, dune = (await shelf.page()).items
    assert (alien.item_id, dune.title) == (before.item_id, "Dune")
    (file,) = files_of(await shelf.movies.get(shelf.viewer, alien.item_id))
    assert file.name == stays.name


async def test_a_film_that_joins_another_leaves_no_empty_one(shelf: Shelf) -> None:
    shelf.film("Alien (1979)/Alien (1979) 1080p.mkv", b"film one")
    goes = shelf.film("Alien (1979) 2160p.mkv", b"film two!")
    await shelf.open()
    goes.rename(shelf.folder / "Alien (1979)" / goes.name)
    await shelf.scan(shelf.viewer.library_ids[0])
    (card,) = (await shelf.page()).items
    assert len(files_of(await shelf.movies.get(shelf.viewer, card.item_id))) == 2


async def test_only_files_of_a_missing_ones_size_are_compared(
    seen: Shelf, workers: FakeWorkers
) -> None:
    (seen.folder / ALIEN).rename(seen.folder / "Alien (1979).mkv")
    seen.film("Fargo (1996).mkv", b"film of another size")
    compared, probed = workers.count(Fingerprint), workers.count(Probe)
    assert compared == probed
    await seen.scan(seen.viewer.library_ids[0])
    assert workers.count(Probe) == probed + 1  # what was moved is as it was
    assert workers.count(Fingerprint) == compared + 1 + 1


async def test_a_real_film_is_known_again_by_real_workers(
    db: Db, owner: Owner, dsn: str, tmp_path: Path
) -> None:
    async with WorkerPool() as pool, a_shelf(db, owner, dsn, tmp_path, pool) as shelf:
        for title in ("Alien (1979)", "Dune (1984)"):
            make_film(shelf.folder / f"{title}.mp4", Recipe(length_s=1, title=title))
        await shelf.open()
        await watched(shelf, owner)
        before = await film(owner, "Alien")
        (shelf.folder / "Alien (1979).mp4").rename(shelf.folder / "Aliens (1986).mp4")
        await shelf.scan(shelf.viewer.library_ids[0])
        assert before is not None
        assert await film(owner, "Aliens") == before
        assert await shelf.titles() == ["Aliens", "Dune"]
