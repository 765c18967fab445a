"""Where a film's picture comes from, and when it is looked for again; real workers, real pictures."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pyvips

from app.supervisor.worker import WorkerPool
from server.kernel.clock import SystemClock
from server.kernel.db import Db
from server.kernel.roles import Owner
from server.media.model import KeepArt, MakePoster, Resize
from server.services.catalog.model import Card
from server.services.library.pictures import Pictures
from server.services.playback.variants import Variant
from tests.helpers.media import Recipe, make_film
from tests.integration.services.catalog.shelf import FakeWorkers, Shelf, a_shelf

FILM = "Alien (1979)/Alien (1979).mp4"


@pytest.fixture
async def real(db: Db, owner: Owner, dsn: str, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with WorkerPool() as pool, a_shelf(db, owner, dsn, tmp_path, pool) as opened:
        (opened.folder / "Alien (1979)").mkdir()
        make_film(opened.folder / FILM, Recipe(length_s=1))
        yield opened


def poster(shelf: Shelf, name: str, width: int = 400, height: int = 600) -> Path:
    path = shelf.folder / "Alien (1979)" / name
    shade = pyvips.Image.xyz(width, height)[0] * 255 / width
    shade.cast("uchar").write_to_file(str(path))
    return path


async def card_of(shelf: Shelf) -> Card:
    (card,) = (await shelf.page()).items
    return card


def image_id(card: Card) -> UUID:
    return UUID((card.image_url or "").rpartition("/")[2])


def kept(shelf: Shelf, card: Card) -> tuple[int, int]:
    picture = pyvips.Image.new_from_file(str(shelf.storage.image_path(image_id(card))))
    return picture.width, picture.height


async def test_the_poster_beside_a_film_is_its_picture(real: Shelf) -> None:
    poster(real, "poster.jpg")
    await real.open()
    card = await card_of(real)
    assert kept(real, card) == (400, 600)
    assert card.blurhash is not None


async def test_without_one_it_is_a_frame_until_a_poster_comes_and_when_that_goes(
    real: Shelf,
) -> None:
    library = await real.open()
    frame = await card_of(real)
    assert kept(real, frame) == (320, 180)
    path = poster(real, "folder.png")
    await real.scan(library.library_id)
    assert kept(real, await card_of(real)) == (400, 600)
    assert not real.storage.image_path(image_id(frame)).exists()
    path.unlink()
    await real.scan(library.library_id)
    assert kept(real, await card_of(real)) == (320, 180)


async def test_a_pathological_poster_gives_way_to_the_next(real: Shelf) -> None:
    (real.folder / "Alien (1979)" / "cover.jpg").write_bytes(b"<svg/>")
    poster(real, "poster.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    poster(real, "Alien (1979)-poster.png", 300, 450)
    await real.open()
    assert kept(real, await card_of(real)) == (300, 450)


async def test_a_picture_that_cannot_be_made_is_not_tried_again_until_something_changes(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    film = shelf.film("Alien (1979)/Alien (1979).mkv")
    library = await shelf.open()
    workers.refused = (MakePoster, KeepArt)
    film.with_name("Aliens (1986).mkv").write_bytes(b"film")
    for _ in range(3):
        await shelf.scan(library.library_id)
    assert workers.count(MakePoster) == 2
    film.with_name("poster.jpg").write_bytes(b"no picture")
    await shelf.scan(library.library_id)
    tried = workers.count(KeepArt), workers.count(MakePoster)
    await shelf.scan(library.library_id)
    assert (workers.count(KeepArt), workers.count(MakePoster)) == tried


async def test_what_a_killed_server_left_is_swept(real: Shelf) -> None:
    await real.open()
    card = await card_of(real)
    mine = real.storage.image_path(image_id(card))
    left = mine.with_name(f"{'0' * 32}.webp")
    unfinished = mine.with_name(f"{'1' * 32}.webp.7.part")
    fresh = mine.with_name(f"{'2' * 32}.webp")
    for path in (left, unfinished, fresh):
        path.write_bytes(b"x")
    for path in (left, unfinished, mine):
        os.utime(path, (1, 1))
    mine.with_name(".gone").symlink_to("nowhere")  # listed, but not there any more
    await Pictures(real.db, real.workers, real.storage, real.catalog).sweep(SystemClock())
    assert [path.exists() for path in (mine, left, unfinished, fresh)] == [True, False, False, True]


async def test_copies_are_as_asked_and_never_larger(real: Shelf) -> None:
    poster(real, "poster.jpg")
    await real.open()
    picture = image_id(await card_of(real))
    for width, accept, expected, kind in (
        (250, "image/avif,image/webp,*/*;q=0.8", 240, "avif"),
        (250, "image/webp", 240, "webp"),
        (320, "image/jpeg", 320, "jpeg"),
        (5_000, "*/*", 400, "webp"),
    ):
        reply = await real.playback.image(real.viewer, picture, width_px=width, accept=accept)
        assert (reply.media_type, reply.vary) == (f"image/{kind}", "Accept")
        assert pyvips.Image.new_from_file(str(reply.path)).width == expected


async def test_all_who_ask_at_once_share_one_making_and_room_is_made(
    shelf: Shelf, workers: FakeWorkers
) -> None:
    shelf.film("Alien (1979).mkv")
    await shelf.open()
    picture = image_id(await card_of(shelf))
    workers.pause_s = 0.05
    variants = shelf.playback._variants
    paths = await asyncio.gather(*(variants.get(Variant(picture, 80, "webp")) for _ in range(20)))
    assert len(set(paths)) == 1
    assert workers.count(Resize) == 1
    variants._quota_bytes, variants._used_bytes = lambda: 10, None
    for width in (160, 240, 320):
        await variants.get(Variant(picture, width, "webp"))
    left = [path for path in shelf.storage.copies_dir.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in left) <= 10
