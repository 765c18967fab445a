"""What a scan finds other than it was; the scanner is that of films."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from server.kernel.ids import new_id
from server.media.model import FoundFile, Listing
from server.modules.movie.scanner import MovieScanner
from server.services.library.differences import Differences, KnownFile, differences

SCANNER, FOLDER = MovieScanner(), new_id()


def listing(*names: bytes, folder: bytes = b"a", size_bytes: int = 1) -> Listing:
    files = [FoundFile(name=name, size_bytes=size_bytes, mtime_ns=2) for name in names]
    return Listing(folder=folder, files=files, signature=b"now")


def known(name: bytes, folder_id: UUID = FOLDER) -> KnownFile:
    return KnownFile(
        file_id=new_id(),
        folder_id=folder_id,
        path=b"a/" + name,
        size_bytes=1,
        mtime_ns=2,
        role="media",
        state="present",
    )


def compared(found: Listing, *before: KnownFile) -> Differences:
    return differences(SCANNER, [found], {b"a": FOLDER}, before)


def test_in_a_new_folder_everything_is_new() -> None:
    found = differences(SCANNER, [listing(b"x.mkv", b"x.srt", b"notes.txt")], {}, [])
    (folder,) = found.new_folders
    assert (folder.path, folder.home, folder.signature) == (b"a", b"a", b"now")
    assert (folder.media_count, folder.is_due) == (1, True)
    assert [file.path for file in found.new_files] == [b"a/x.mkv", b"a/x.srt"]
    assert {file.folder_id for file in found.new_files} == {folder.folder_id}


def test_what_means_nothing_makes_nothing_due() -> None:
    found = compared(listing(b"x.mkv", b"notes.txt"), known(b"x.mkv"))
    (folder,) = found.known_folders
    assert (folder.folder_id, folder.is_due, folder.media_count) == (FOLDER, False, 1)
    assert (found.new_files, found.changed_files, found.back, found.gone) == ([], [], [], [])


@pytest.mark.parametrize(
    "change", [{"size_bytes": 9}, {"mtime_ns": 9}, {"mtime_ns": -5}, {"role": "image"}]
)
def test_a_file_of_another_size_time_or_role_is_read_again(change: dict[str, int]) -> None:
    before = replace(known(b"x.mkv"), **change)
    found = compared(listing(b"x.mkv"), before)
    (file,) = found.changed_files
    assert (file.file_id, file.size_bytes, file.mtime_ns) == (before.file_id, 1, 2)
    assert found.known_folders[0].is_due


def test_a_file_that_is_not_listed_is_gone_unless_the_folder_could_not_be_read_whole() -> None:
    before = known(b"x.mkv")
    assert compared(listing(b"y.mkv"), before).gone == [before.file_id]
    unsure = compared(replace(listing(b"y.mkv"), problem="failed"), before)
    assert unsure.gone == []
    assert unsure.known_folders[0].signature is None


def test_a_file_that_was_missing_is_back_without_being_read() -> None:
    before = replace(known(b"x.mkv"), state="missing")
    found = compared(listing(b"x.mkv"), before)
    assert (found.back, found.changed_files, found.gone) == ([before.file_id], [], [])
    assert found.known_folders[0].is_due
