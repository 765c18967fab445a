import os
from pathlib import Path

import msgspec
import pytest

from server.kernel.errors import RevengeError
from server.kernel.roles import Owner
from server.services.library.model import (
    EDIT,
    KindUnknown,
    LibraryNotFound,
    NewLibrary,
    PathIsData,
    PathMissing,
    PathNotAbsolute,
    PathNotFolder,
    PathSystem,
    PathTaken,
)
from tests.integration.services.catalog.shelf import Shelf


async def test_a_library_is_named_after_its_folder(shelf: Shelf) -> None:
    library = await shelf.open()
    assert (library.name, library.kind) == ("films", "movie")
    (listed,) = (await shelf.libraries.all(shelf.viewer)).items
    assert listed == library


async def test_only_those_who_may_change_a_library_see_where_it_lies(shelf: Shelf) -> None:
    library = await shelf.open()
    administrator = msgspec.structs.replace(shelf.viewer, permissions=frozenset({EDIT.name}))
    seen = await shelf.libraries.get(administrator, library.library_id)
    assert [root.path for root in seen.roots] == [str(shelf.folder)]
    for member_sees in (library, *(await shelf.libraries.all(shelf.viewer)).items):
        assert [root.path for root in member_sees.roots] == [None]


async def test_a_library_can_have_several_folders(shelf: Shelf) -> None:
    second = shelf.folder.with_name("more films")
    second.mkdir()
    (second / "Alien (1979).mkv").write_bytes(b"film")
    shelf.film("Alien (1979).mkv")
    library = await shelf.open(shelf.folder, second)
    assert library.item_count == 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("films", PathNotAbsolute),
        ("../films", PathNotAbsolute),
        ("", PathNotAbsolute),
        ("/", PathSystem),
        ("/proc", PathSystem),
        ("/proc/self/root", PathSystem),
        ("/etc/../etc/", PathSystem),
        ("//etc", PathSystem),
        ("/srv/\udcff", PathMissing),
        ("/srv/" + "x" * 300, RevengeError),
        ("/srv/nobody/has/this", PathMissing),
    ],
)
async def test_a_folder_that_cannot_be_one_is_refused(
    shelf: Shelf, owner: Owner, path: str, expected: type[RevengeError]
) -> None:
    with pytest.raises(expected):
        await shelf.libraries.add(shelf.viewer, NewLibrary(kind="movie", paths=[path]))
    assert await owner.fetchval("select count(*) from libraries") == 0


async def test_a_file_is_no_folder(shelf: Shelf) -> None:
    film = shelf.film("Alien (1979).mkv")
    with pytest.raises(PathNotFolder):
        await shelf.open(film)


async def test_the_servers_own_folder_is_refused_even_by_a_link(shelf: Shelf) -> None:
    images = shelf.storage.images_dir
    images.mkdir()
    link = shelf.folder / "link"
    link.symlink_to(images)
    for path in (shelf.storage.root, images, link):
        with pytest.raises(PathIsData):
            await shelf.open(path)


@pytest.mark.parametrize("place", ["itself", "inside", "around", "by a link", "twice"])
async def test_a_folder_belongs_to_one_library(shelf: Shelf, place: str) -> None:
    await shelf.open()
    inside = shelf.folder / "inside"
    inside.mkdir()
    link = shelf.folder.with_name("link")
    link.symlink_to(shelf.folder)
    fresh = shelf.folder.with_name("fresh")
    fresh.mkdir()
    paths: dict[str, list[Path]] = {
        "itself": [shelf.folder],
        "inside": [inside],
        "around": [shelf.folder.parent],
        "by a link": [link],
        "twice": [fresh, fresh],
    }
    with pytest.raises(PathTaken):
        await shelf.open(*paths[place])


async def test_a_kind_that_no_module_fills_is_refused(shelf: Shelf) -> None:
    with pytest.raises(KindUnknown):
        await shelf.libraries.add(
            shelf.viewer, NewLibrary(kind="podcast", paths=[str(shelf.folder)])
        )


async def test_a_library_of_others_is_not_found(shelf: Shelf) -> None:
    nobody = shelf.viewer
    library = await shelf.open()
    assert (await shelf.libraries.all(nobody)).items == []
    with pytest.raises(LibraryNotFound):
        await shelf.libraries.get(nobody, library.library_id)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_folder_that_may_not_be_listed_is_refused(shelf: Shelf) -> None:
    shelf.folder.chmod(0)
    try:
        with pytest.raises(RevengeError) as raised:
            await shelf.open()
    finally:
        shelf.folder.chmod(0o700)
    assert raised.value.code == "library.path_unreadable"
