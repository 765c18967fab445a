import shutil
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.kernel.errors import RevengeError
from server.kernel.ids import new_id
from server.services.playback.model import (
    FileMissing,
    FileNotFound,
    FileOffline,
    FileOutside,
    ImageNotFound,
)
from tests.integration.services.catalog.shelf import Shelf


async def a_film(shelf: Shelf) -> tuple[UUID, UUID]:
    """Put one film on the shelf; return its file and its picture."""
    shelf.film("Alien (1979)/Alien (1979).mkv")
    await shelf.open()
    (card,) = (await shelf.page()).items
    movie = await shelf.movies.get(shelf.viewer, card.item_id)
    return movie.versions[0].files[0].file_id, UUID((card.image_url or "").rpartition("/")[2])


async def test_a_file_is_answered_as_it_lies_on_the_disk(shelf: Shelf) -> None:
    file_id, _ = await a_film(shelf)
    reply = await shelf.playback.content(shelf.viewer, file_id)
    assert reply.path.read_bytes() == b"film"
    assert reply.media_type == 'video/mp4; codecs="avc1.640028, mp4a.40.2"'


async def test_a_picture_is_kept_by_browsers_for_ever(shelf: Shelf) -> None:
    _, image_id = await a_film(shelf)
    reply = await shelf.playback.image(shelf.viewer, image_id)
    assert reply.path.read_bytes() == b"webp"
    assert reply.media_type == "image/webp"
    assert "immutable" in reply.cache_control


async def test_what_may_not_be_seen_is_not_found(shelf: Shelf) -> None:
    file_id, image_id = await a_film(shelf)
    nobody = msgspec.structs.replace(shelf.viewer, library_ids=(new_id(),))
    child = msgspec.structs.replace(shelf.viewer, max_level=-1)
    for viewer in (nobody, child):
        with pytest.raises(FileNotFound):
            await shelf.playback.content(viewer, file_id)
        with pytest.raises(ImageNotFound):
            await shelf.playback.image(viewer, image_id)
    with pytest.raises(FileNotFound):
        await shelf.playback.content(shelf.viewer, image_id)


@pytest.mark.parametrize(
    ("accident", "expected"),
    [
        ("root gone", FileOffline),
        ("root is a file", FileOffline),
        ("file gone", FileMissing),
        ("a folder in its place", FileMissing),
        ("a link outside", FileOutside),
        ("a folder that leads outside", FileOutside),
        ("a link to itself", FileMissing),
    ],
)
async def test_a_file_that_is_not_there_says_why(
    shelf: Shelf, accident: str, expected: type[RevengeError]
) -> None:
    file_id, _ = await a_film(shelf)
    break_it(shelf, accident)
    with pytest.raises(expected):
        await shelf.playback.content(shelf.viewer, file_id)


def break_it(shelf: Shelf, accident: str) -> None:
    film = shelf.folder / "Alien (1979)" / "Alien (1979).mkv"
    outside = shelf.folder.with_name("films-too")
    outside.mkdir()
    (outside / film.name).write_bytes(b"secret")
    match accident:
        case "root gone":
            shelf.folder.rename(shelf.folder.with_name("away"))
        case "root is a file":
            shutil.rmtree(shelf.folder)
            shelf.folder.write_bytes(b"")
        case "file gone":
            film.unlink()
        case "a folder in its place":
            film.unlink()
            film.mkdir()
        case "a link outside":
            film.unlink()
            film.symlink_to(outside / film.name)
        case "a folder that leads outside":
            shutil.rmtree(film.parent)
            film.parent.symlink_to(outside)
        case "a link to itself":
            film.unlink()
            film.symlink_to(film.name)


async def test_a_link_that_stays_inside_is_followed(shelf: Shelf) -> None:
    file_id, _ = await a_film(shelf)
    film = shelf.folder / "Alien (1979)" / "Alien (1979).mkv"
    film.rename(shelf.folder / "real.mkv")
    film.symlink_to("../real.mkv")
    reply: Any = await shelf.playback.content(shelf.viewer, file_id)
    assert reply.path.read_bytes() == b"film"
