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
        (b"Alien (1979)/poster.jpg", None),
        (b"Alien (1979)/Alien.srt", None),
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


def test_keys_do_not_depend_on_the_portion() -> None:
    first, second, other = file(b"Alien 720p.mkv"), file(b"Alien 1080p.mkv"), file(b"Dune.mkv")
    together = {
        use.file_id: group.draft.key
        for group in SCANNER.group(folder(b"x"), [first, other, second])
        for use in group.files
    }
    for one in (first, second, other):
        (alone,) = SCANNER.group(folder(b"x"), [one])
        assert alone.draft.key == together[one.file_id]
    assert together[first.file_id] == together[second.file_id] != together[other.file_id]


def test_a_key_stays_short_however_deep_the_folder() -> None:
    (group,) = SCANNER.group(folder(b"/".join([b"\xff" * 250] * 16)), [file(b"x.mkv")])
    assert len(group.draft.key) < 200


def test_no_two_folders_share_a_key() -> None:
    paths = [b"a", b"a/", b"a#", b"a%23", b"\xff", b"%FF", b"\\xff", "ÿ".encode(), b""]
    keys = {SCANNER.group(folder(path), [file(b"x.mkv")])[0].draft.key for path in paths}
    assert len(keys) == len(paths)


def test_the_length_is_that_of_the_first_file_that_has_one() -> None:
    files = [file(b"Alien 1080p.mkv", None), file(b"Alien 2160p.mkv", 7)]
    (group,) = SCANNER.group(folder(b""), files)
    assert group.draft.length == 7
