import os
from pathlib import Path

import pytest

from server.kernel.workers import WorkerFailed
from server.media.model import Listing, Reason
from server.media.walk import batches, walk


def _made(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")
    return root


def _seen(root: Path) -> dict[str, list[str]]:
    return {
        os.fsdecode(listing.folder): [os.fsdecode(file.name) for file in listing.files]
        for listing in walk(os.fsencode(root))
    }


def test_every_folder_comes_once_the_root_first_and_names_sorted(tmp_path: Path) -> None:
    _made(tmp_path, "b.mkv", "a.mkv", "Alien/alien.mkv", "Alien/Extras/clip.mkv", "Brazil/b.mkv")
    listings = list(walk(os.fsencode(tmp_path)))
    assert [listing.folder for listing in listings] == [b"", b"Alien", b"Alien/Extras", b"Brazil"]
    assert [file.name for file in listings[0].files] == [b"a.mkv", b"b.mkv"]


def test_a_file_is_known_by_size_and_time(tmp_path: Path) -> None:
    film = tmp_path / "a.mkv"
    film.write_bytes(b"12345")
    os.utime(film, ns=(1, 1_700_000_000_123_456_789))
    (listing,) = walk(os.fsencode(tmp_path))
    assert (listing.files[0].size_bytes, listing.files[0].mtime_ns) == (
        5,
        1_700_000_000_123_456_789,
    )


def test_folders_without_files_are_listed_too(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert _seen(tmp_path) == {"": [], "empty": []}


def test_names_that_are_no_text_come_through(tmp_path: Path) -> None:
    name = b"caf\xe9\xff.mkv"
    (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    (listing,) = walk(os.fsencode(tmp_path))
    assert listing.files[0].name == name


def test_junk_and_hidden_things_are_left_out(tmp_path: Path) -> None:
    _made(
        tmp_path,
        "@eaDir/a.mkv/x.jpg",
        ".cache/a.mkv",
        "Film/.a.mkv",
        "Film/sample.mkv",
        "Film/Sample/a.mkv",
    )
    assert _seen(tmp_path) == {"": [], "Film": [], "Film/Sample": []}


def test_a_root_named_sample_is_a_library_like_any_other(tmp_path: Path) -> None:
    assert _seen(_made(tmp_path / "sample", "a.mkv")) == {"": ["a.mkv"]}


def test_an_empty_ignore_file_leaves_out_its_whole_tree(tmp_path: Path) -> None:
    _made(tmp_path, "Film/a.mkv", "Private/b.mkv", "Private/Deep/c.mkv")
    (tmp_path / "Private" / ".ignore").write_bytes(b"")
    assert _seen(tmp_path) == {"": [], "Film": ["a.mkv"]}


def test_patterns_leave_out_what_they_say_below_their_folder(tmp_path: Path) -> None:
    _made(
        tmp_path, "a.avi", "A/a.avi", "A/keep.avi", "A/b.mkv", "A/Private/c.mkv", "B/Private/d.mkv"
    )
    (tmp_path / ".ignore").write_text("# old tapes\n*.avi\nA/Private/\n")
    (tmp_path / "A" / ".ignore").write_text("!keep.avi\n")
    assert _seen(tmp_path) == {
        "": [],
        "A": ["b.mkv", "keep.avi"],
        "B": [],
        "B/Private": ["d.mkv"],
    }


def test_patterns_hold_for_names_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.mkv")).write_bytes(b"x")
    (tmp_path / os.fsdecode(b"caf\xe8.mkv")).write_bytes(b"x")
    (tmp_path / ".ignore").write_bytes(b"caf\xe9.mkv\r\n")
    (listing,) = walk(os.fsencode(tmp_path))
    assert [file.name for file in listing.files] == [b"caf\xe8.mkv"]


def test_a_blank_ignore_file_is_an_empty_one(tmp_path: Path) -> None:
    _made(tmp_path, "Film/a.mkv", "Private/b.mkv")
    (tmp_path / "Private" / ".ignore").write_text(" \n\n")
    assert _seen(tmp_path) == {"": [], "Film": ["a.mkv"]}


def test_a_folder_named_ignore_is_nothing_special(tmp_path: Path) -> None:
    assert _seen(_made(tmp_path, ".ignore/a.mkv", "b.mkv")) == {"": ["b.mkv"]}


def test_loops_of_links_end_and_nothing_comes_twice(tmp_path: Path) -> None:
    _made(tmp_path, "Film/a.mkv")
    (tmp_path / "Film" / "up").symlink_to(tmp_path)
    (tmp_path / "AAA").symlink_to(tmp_path / "Film")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "nowhere.mkv").symlink_to(tmp_path / "gone.mkv")
    assert _seen(tmp_path) == {"": [], "Film": ["a.mkv"]}
    assert all(listing.problem is None for listing in walk(os.fsencode(tmp_path)))


def test_links_that_lead_out_of_the_library_are_left_out_and_named(tmp_path: Path) -> None:
    outside = _made(tmp_path / "root of others", "Deep/b.mkv")
    root = _made(tmp_path / "root", "a.mkv")
    (root / "folder").symlink_to(outside)
    (root / "film.mkv").symlink_to(outside / "Deep" / "b.mkv")
    (root / "notes.txt").symlink_to(root / "a.mkv")
    entry = tmp_path / "entry"
    entry.symlink_to(root)
    for way in (root, entry):
        (listing,) = walk(os.fsencode(way))
        assert [file.name for file in listing.files] == [b"a.mkv", b"notes.txt"]
        assert listing.outside == [b"film.mkv", b"folder"]


def test_paths_too_long_to_be_kept_are_left_out(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(12):
        os.mkdir("d" * 250, dir_fd=folder)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
        os.close(os.open("a.mkv", os.O_CREAT, dir_fd=folder))
    os.close(folder)
    *_, last = listings = list(walk(os.fsencode(tmp_path)))
    assert [len(listing.files) for listing in listings] == [0] + [1] * 9
    assert last.problem == "too_long"


def test_pipes_and_sockets_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mkv")
    assert _seen(tmp_path) == {"": []}


def test_a_folder_that_vanishes_meanwhile_is_a_problem_not_an_end(tmp_path: Path) -> None:
    _made(tmp_path, "A/a.mkv", "B/b.mkv")
    listings: list[Listing] = []
    for listing in walk(os.fsencode(tmp_path)):
        if listing.folder == b"":
            (tmp_path / "A" / "a.mkv").unlink()
            (tmp_path / "A").rmdir()
        listings.append(listing)
    assert [(listing.folder, listing.problem) for listing in listings] == [
        (b"", None),
        (b"A", "vanished"),
        (b"B", None),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    _made(tmp_path, "A/a.mkv", "B/b.mkv")
    (tmp_path / "A").chmod(0)
    try:
        problems = {listing.folder: listing.problem for listing in walk(os.fsencode(tmp_path))}
    finally:
        (tmp_path / "A").chmod(0o700)
    assert problems == {b"": None, b"A": "denied", b"B": None}


def test_a_root_that_is_no_folder_fails_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name, reason in (("gone", Reason.MISSING), ("file", Reason.NOT_A_FOLDER)):
        with pytest.raises(WorkerFailed) as failed:
            list(walk(os.fsencode(tmp_path / name)))
        assert failed.value.context == {"reason": reason}


def _within(root: Path, place: bytes) -> dict[bytes, list[bytes]]:
    listings = walk(os.fsencode(root), place)
    return {listing.folder: [file.name for file in listing.files] for listing in listings}


def test_a_place_is_listed_with_all_below_it_and_nothing_else(tmp_path: Path) -> None:
    _made(tmp_path, "x.mkv", "a/y.mkv", "a/b/z.mkv", "ab/w.mkv", "c/v.mkv")
    assert _within(tmp_path, b"a") == {b"a": [b"y.mkv"], b"a/b": [b"z.mkv"]}
    assert _within(tmp_path, b"a/b") == {b"a/b": [b"z.mkv"]}


@pytest.mark.parametrize("place", [b"a/y.mkv", b"a/gone", b"a/gone.mkv"])
def test_of_a_place_that_is_no_folder_the_one_above_is_listed_alone(
    tmp_path: Path, place: bytes
) -> None:
    _made(tmp_path, "x.mkv", "a/y.mkv", "a/b/z.mkv")
    assert _within(tmp_path, place) == {b"a": [b"y.mkv"]}


def test_what_is_left_out_above_a_place_is_left_out_there(tmp_path: Path) -> None:
    _made(tmp_path, "a/y.mkv", "a/b/z.mkv")
    (tmp_path / ".ignore").write_bytes(b"y.*\n")
    assert _within(tmp_path, b"a") == {b"a": [], b"a/b": [b"z.mkv"]}
    (tmp_path / "a/.ignore").write_bytes(b"")
    assert _within(tmp_path, b"a/b") == {}


def test_within_an_empty_root_nothing_is_taken_for_gone(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed) as caught:
        list(walk(os.fsencode(tmp_path), b"a"))
    assert caught.value.context["reason"] is Reason.MISSING


def test_links_within_a_place_are_named_and_not_followed(tmp_path: Path) -> None:
    _made(tmp_path, "a/y.mkv", "c/v.mkv")
    (tmp_path / "a/link").symlink_to(tmp_path / "c")
    (listing,) = walk(os.fsencode(tmp_path), b"a")
    assert listing.unfollowed == [b"link"]


def test_the_signature_tells_names_sizes_and_times_apart(tmp_path: Path) -> None:
    def signature() -> bytes:
        (listing,) = walk(os.fsencode(tmp_path))
        return listing.signature

    film = _made(tmp_path, "a.mkv") / "a.mkv"
    os.utime(film, ns=(1, 1))
    first = signature()
    assert signature() == first
    os.utime(film, ns=(1, 2))
    second = signature()
    film.write_bytes(b"xx")
    os.utime(film, ns=(1, 2))
    third = signature()
    os.utime(film.rename(tmp_path / "b.mkv"), ns=(1, 2))
    assert len({first, second, third, signature()}) == 4


def test_many_small_folders_travel_together(tmp_path: Path) -> None:
    _made(tmp_path, *(f"{number}/a.mkv" for number in range(700)))
    found = list(batches(walk(os.fsencode(tmp_path))))
    assert len(found) < 20
    assert sum(len(batch.folders) for batch in found) == 701
