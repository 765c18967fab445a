from pathlib import Path

import pytest

from server.services.library.folders import checked_folder
from server.services.library.model import PathMissing, PathNotAbsolute, PathSystem, PathTaken


def test_a_folder_is_kept_as_it_was_named(tmp_path: Path) -> None:
    films, link = tmp_path / "films", tmp_path / "link"
    films.mkdir()
    link.symlink_to(films)
    data = tmp_path / "data"
    assert checked_folder(f"{link}/", data_dir=data, taken=[]) == bytes(link)
    assert checked_folder(f"{films}/../films/.", data_dir=data, taken=[]) == bytes(films)


def test_a_neighbour_with_a_longer_name_is_another_folder(tmp_path: Path) -> None:
    for name in ("films", "films 2"):
        (tmp_path / name).mkdir()
    taken = [bytes(tmp_path / "films"), bytes(tmp_path / "gone")]
    found = checked_folder(str(tmp_path / "films 2"), data_dir=tmp_path / "data", taken=taken)
    assert found == bytes(tmp_path / "films 2")


def test_a_hard_bound_copy_of_a_taken_folder_is_taken(tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    with pytest.raises(PathTaken):
        checked_folder(str(films), data_dir=tmp_path / "data", taken=[bytes(films) + b"/"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x", PathNotAbsolute),
        ("/a\0b", PathNotAbsolute),
        ("/sys/x", PathSystem),
        ("/no", PathMissing),
    ],
)
def test_what_is_no_folder_is_refused(tmp_path: Path, path: str, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        checked_folder(path, data_dir=tmp_path, taken=[])


def test_links_in_a_circle_are_no_folder(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(Exception, match=r"library\.path") as raised:
        checked_folder(str(circle), data_dir=tmp_path / "data", taken=[])
    assert raised.type.__module__ == "server.services.library.model"
