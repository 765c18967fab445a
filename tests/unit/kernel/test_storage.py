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


def test_pictures_spread_over_folders(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    folders = {storage.image_path(new_id()).parent for _ in range(200)}
    assert len(folders) > 50
    assert {folder.parent for folder in folders} == {storage.images_dir}
