from pathlib import Path

import pytest

from server.kernel.ids import new_id
from server.kernel.storage import Storage, write_whole


def test_a_file_is_written_whole_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert [one.name for one in path.parent.iterdir()] == ["b"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.mkdir()
    (path / "x").touch()
    with pytest.raises(OSError, match="taken"):
        write_whole(path, b"content")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_a_picture_goes_with_its_copies_and_takes_no_other_along(tmp_path: Path) -> None:
    storage, gone, other = Storage(tmp_path), new_id(), new_id()
    for image_id in (gone, other):
        write_whole(storage.image_path(image_id), b"picture")
        write_whole(storage.copy_path(image_id, 320, "avif"), b"copy", is_lasting=False)
    storage.remove_images([gone, new_id()])
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {f"{other.hex}.webp", f"{other.hex}-320.avif"}


def test_a_private_file_is_for_its_owner_only(tmp_path: Path) -> None:
    write_whole(tmp_path / "secret", b"content", is_private=True)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_pictures_spread_over_folders(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    folders = {storage.image_path(new_id()).parent for _ in range(200)}
    assert len(folders) > 50
    assert {folder.parent for folder in folders} == {storage.images_dir}
