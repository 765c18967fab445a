import pytest

from server.kernel.ids import new_id
from server.media.model import Probed
from server.modules.movie.scanner import MovieScanner
from server.services.catalog.offer import Folder, FolderFile

SCANNER = MovieScanner()
ROOT, LIBRARY = new_id(), new_id()


def folder(path: bytes) -> Folder:
    return Folder(library_id=LIBRARY, root_id=ROOT, path=path)


def file(name: bytes, length_ms: int | None = 1) -> FolderFile:
    facts = Probed(
        container="mp4",
        media_type="video/mp4",
        length_ms=length_ms,
        bitrate_bps=None,
        streams=[],
        chapters=[],
    )
    return FolderFile(file_id=new_id(), name=name, facts=facts)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"Alien (1979).mkv", "media"),
        (b"Alien (1979)/Alien (1979).MP4", "media"),
        (b"Am\xe9lie.avi", "media"),
        (b"Alien (1979)/Alien (1979)-trailer.mkv", None),
        (b"Alien (1979)/Trailers/one.mkv", None),
        (b"Alien (1979)/VIDEO_TS/VTS_01_1.VOB", "media"),
        (b"Alien (1979)/VIDEO_TS/VTS_01_0.VOB", None),
        (b"Alien (1979)/poster.jpg", "image"),
        (b"Alien (1979)/Alien.srt", "subtitle"),
        (b"Alien (1979)/movie.nfo", "sidecar"),
        (b"Alien (1979)/notes.txt", None),
        (b"no ending", None),
    ],
)
def test_films_are_told_from_what_lies_beside_them(path: bytes, expected: str | None) -> None:
    assert SCANNER.role(path) == expected


def test_a_film_is_drafted_from_its_names() -> None:
    (group,) = SCANNER.group(folder(b"The Thing (1982)"), [file(b"The Thing (1982).mkv", 5)])
    draft = group.draft
    assert (draft.title, draft.sort_title, draft.year) == ("The Thing", "thing", 1982)
    assert (draft.length, draft.kind.name, draft.library_id) == (5, "movie", LIBRARY)


def test_keys_of_versions_do_not_depend_on_the_portion() -> None:
    first, second = file(b"Alien (1979) - 720p.mkv"), file(b"Alien.1979.1080p.BluRay.mkv")
    other = file(b"Dune.mkv")
    together = {
        use.file_id: group.draft.key
        for group in SCANNER.group(folder(b"Alien (1979)"), [first, other, second])
        for use in group.files
    }
    for one in (first, second, other):
        (alone,) = SCANNER.group(folder(b"Alien (1979)"), [one])
        assert alone.draft.key == together[one.file_id]
    assert together[first.file_id] == together[second.file_id] != together[other.file_id]


def test_a_key_stays_short_however_deep_the_folder() -> None:
    (group,) = SCANNER.group(folder(b"/".join([b"\xff" * 250] * 16)), [file(b"x.mkv")])
    assert len(group.draft.key) < 200


def test_versions_and_parts_are_numbered() -> None:
    whole, low = file(b"Alien (1979) - 2160p.mkv"), file(b"Alien (1979) - 720p.mkv")
    first, second = file(b"Alien (1979) - 1080p cd1.avi"), file(b"Alien (1979) - 1080p cd2.avi")
    (group,) = SCANNER.group(folder(b"Alien (1979)"), [low, second, first, whole])
    uses = {use.file_id: (use.version, use.part) for use in group.files}
    assert uses == {
        whole.file_id: (0, 0),
        first.file_id: (1, 0),
        second.file_id: (1, 1),
        low.file_id: (2, 0),
    }


def test_a_copied_disc_is_the_film_of_the_folder_above_it() -> None:
    names = (b"VTS_01_1.VOB", b"VTS_02_2.VOB", b"VTS_02_1.VOB")
    files = [file(name, 5 + number) for number, name in enumerate(names)]
    (group,) = SCANNER.group(folder(b"Alien (1979)/VIDEO_TS"), files)
    beside = SCANNER.group(folder(b"Alien (1979)"), [file(b"Alien (1979).mkv")])[0]
    assert (group.draft.title, group.draft.year, group.draft.length) == ("Alien", 1979, 13)
    assert [use.file_id for use in group.files] == [files[2].file_id, files[1].file_id]
    assert group.draft.key == beside.draft.key


def test_no_two_folders_share_a_key() -> None:
    paths = [b"a", b"a/", b"a#", b"a%23", b"\xff", b"%FF", b"\\xff", "ÿ".encode(), b""]
    keys = {SCANNER.group(folder(path), [file(b"x.mkv")])[0].draft.key for path in paths}
    assert len(keys) == len(paths)


def test_the_length_is_that_of_the_first_version_that_has_one() -> None:
    files = [file(b"Alien (1979) 2160p.mkv", None), file(b"Alien (1979) 1080p.mkv", 7)]
    (group,) = SCANNER.group(folder(b""), files)
    assert group.draft.length == 7


def test_the_length_of_a_film_in_parts_is_their_sum() -> None:
    (group,) = SCANNER.group(folder(b""), [file(b"Alien cd2.avi", 4), file(b"Alien cd1.avi", 3)])
    assert group.draft.length == 7
