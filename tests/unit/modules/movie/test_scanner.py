import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.ids import new_id
from server.media.model import Probed
from server.media.video_names import home_of, text_of
from server.modules.movie.model import ExtraDetail, MovieDetail
from server.modules.movie.scanner import MovieScanner
from server.services.catalog.offer import Group, Home, HomeFile

SCANNER = MovieScanner()
ROOT, LIBRARY = new_id(), new_id()


HOME = Home(library_id=LIBRARY, root_id=ROOT, path=b"")


def file(path: bytes, length_ms: int | None = 1) -> HomeFile:
    role = SCANNER.role(path)
    assert role is not None
    facts = Probed(
        container="mp4",
        media_type="video/mp4",
        length_ms=length_ms,
        bitrate_bps=None,
        streams=[],
        chapters=[],
    )
    return HomeFile(
        file_id=new_id(), path=path, role=role, facts=facts if role == "media" else None
    )


def grouped(*files: HomeFile) -> list[Group]:
    return SCANNER.group(HOME, files)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (b"Alien (1979).mkv", "media"),
        (b"Alien (1979)/Alien (1979).MP4", "media"),
        (b"Am\xe9lie.avi", "media"),
        (b"Alien (1979)/Alien (1979)-trailer.mkv", "media"),
        (b"Alien (1979)/Trailers/one.mkv", "media"),
        (b"Alien (1979)/theme.mp3", None),
        (b"Alien (1979).bluray.disc", "stub"),
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


@pytest.mark.parametrize(
    ("folder", "home"),
    [
        (b"", b""),
        (b"Alien (1979)", b"Alien (1979)"),
        (b"\xff/Alien (1979)/CD 2", b"\xff/Alien (1979)"),
        (b"Alien (1979)/BDMV/STREAM", b"Alien (1979)"),
        (b"Alien (1979)/VIDEO_TS", b"Alien (1979)"),
        (b"Alien (1979)/Trailers", b"Alien (1979)"),
        (b"Alien (1979)/Extras/deep/er", b"Alien (1979)"),
        (b"Alien (1979)/Subs", b"Alien (1979)"),
        (b"Alien (1979)/extrafanart", b"Alien (1979)"),
        (b"Trailers", b""),
    ],
)
def test_a_folder_is_at_home_where_its_film_is(folder: bytes, home: bytes) -> None:
    assert SCANNER.home(folder) == home
    assert SCANNER.home(home) == home


@given(
    st.lists(
        st.sampled_from([b"Subs", b"CD 2", b"Trailers", b"VIDEO_TS", b"A", b"other", b"\xff"]),
        max_size=6,
    )
)
def test_every_file_of_a_film_is_in_its_home(names: list[bytes]) -> None:
    folder = b"/".join(names)
    home = SCANNER.home(folder)
    assert home in {folder, b""} or folder.startswith(home + b"/")
    assert SCANNER.home(home) == home
    for name in (b"x.mkv", b"x.srt", b"x.jpg"):
        path = folder + b"/" + name if folder else name
        parts = home_of([text_of(part) for part in path.split(b"/")])
        own = b"/".join(names[: len(parts)])
        assert SCANNER.home(own) == home


def test_a_film_is_drafted_from_its_names() -> None:
    (group,) = grouped(file(b"The Thing (1982)/The Thing (1982) {tmdb-1091}.mkv", 5))
    draft = group.draft
    assert (draft.title, draft.sort_title, draft.year) == ("The Thing", "thing", 1982)
    assert (draft.length, draft.kind.name, draft.library_id) == (5, "movie", LIBRARY)
    assert draft.external_ids == {"tmdb": "1091"}


def test_keys_of_versions_do_not_depend_on_the_portion() -> None:
    first, second = file(b"a/Alien (1979) - 720p.mkv"), file(b"a/Alien.1979.1080p.BluRay.mkv")
    other = file(b"a/Dune.mkv")
    together = {
        use.file_id: group.draft.key
        for group in grouped(first, other, second)
        for use in group.files
    }
    for one in (first, second, other):
        (alone,) = grouped(one)
        assert alone.draft.key == together[one.file_id]
    assert together[first.file_id] == together[second.file_id] != together[other.file_id]


def test_a_key_stays_short_however_deep_the_folder() -> None:
    (group,) = grouped(file(b"/".join([b"\xff" * 250] * 16) + b"/x.mkv"))
    assert len(group.draft.key) < 200


def test_versions_and_parts_are_numbered() -> None:
    whole, low = file(b"a/Alien (1979) - 2160p.mkv"), file(b"a/Alien (1979) - 720p.mkv")
    first, second = file(b"a/Alien (1979) - 1080p cd1.avi"), file(b"a/Alien (1979) - 1080p cd2.avi")
    (group,) = grouped(low, second, first, whole)
    uses = {use.file_id: (use.version, use.part) for use in group.files}
    assert uses == {
        whole.file_id: (0, 0),
        first.file_id: (1, 0),
        second.file_id: (1, 1),
        low.file_id: (2, 0),
    }


def test_what_a_version_is_stands_in_its_detail() -> None:
    files = [
        file(b"Alien (1979)/Alien (1979) - 3D.HSBS.mkv"),
        file(b"Alien (1979)/Alien (1979) {edition-Director's Cut}.mkv"),
        file(b"Alien (1979)/Alien (1979).bluray.disc"),
    ]
    (group,) = grouped(*files)
    assert isinstance(group.detail, MovieDetail)
    kinds = {(one.edition, one.format_3d, one.disc) for one in group.detail.versions}
    assert kinds == {(None, "hsbs", None), ("Director's Cut", None, None), (None, None, "bluray")}
    assert [use.role for use in group.files].count("stub") == 1


def test_a_disc_in_a_cupboard_is_a_film() -> None:
    (group,) = grouped(file(b"Alien (1979).dvd.disc"))
    assert (group.draft.title, group.draft.length) == ("Alien", None)


def test_a_copied_disc_is_the_film_of_the_folder_above_it() -> None:
    names = (b"VTS_01_1.VOB", b"VTS_02_2.VOB", b"VTS_02_1.VOB")
    files = [
        file(b"Alien (1979)/VIDEO_TS/" + name, 5 + number) for number, name in enumerate(names)
    ]
    (group,) = grouped(*files)
    (beside,) = grouped(file(b"Alien (1979)/Alien (1979).mkv"))
    assert (group.draft.title, group.draft.year, group.draft.length) == ("Alien", 1979, 13)
    assert [use.file_id for use in group.files] == [files[2].file_id, files[1].file_id]
    assert group.draft.key == beside.draft.key


def test_no_two_folders_share_a_key() -> None:
    paths = [b"a", b"a#", b"a%23", b"\xff", b"%FF", b"\\xff", "ÿ".encode()]
    keys = {grouped(file(path + b"/x.mkv"))[0].draft.key for path in paths}
    assert len(keys) == len(paths)


def test_the_length_is_that_of_the_first_version_that_has_one() -> None:
    (group,) = grouped(file(b"Alien (1979) 2160p.mkv", None), file(b"Alien (1979) 1080p.mkv", 7))
    assert group.draft.length == 7


def test_the_length_of_a_film_in_parts_is_their_sum() -> None:
    (group,) = grouped(file(b"Alien cd2.avi", 4), file(b"Alien cd1.avi", 3))
    assert group.draft.length == 7


def test_extras_follow_their_film_as_items_of_their_own() -> None:
    film, extra = (
        file(b"Alien (1979)/Alien (1979).mkv"),
        file(b"Alien (1979)/Trailers/Teaser.mkv", 9),
    )
    movie, trailer = grouped(extra, film)
    assert trailer.draft.parent_key == movie.draft.key
    assert (trailer.draft.title, trailer.draft.length) == ("Teaser", 9)
    assert trailer.detail == ExtraDetail(kind="trailer")
    assert [use.file_id for use in trailer.files] == [extra.file_id]


def test_an_extra_of_no_film_is_left_alone() -> None:
    assert grouped(file(b"Trailers/Teaser.mkv")) == []


def test_subtitles_know_their_video_and_language() -> None:
    film, other = file(b"a/Alien (1979) 720p.mkv"), file(b"a/Alien (1979) 1080p.mkv")
    own, both = file(b"a/Alien (1979) 720p.de.forced.ass"), file(b"a/Subs/2_English.srt")
    (group,) = grouped(film, other, own, both)
    first, second = sorted(group.subtitles, key=lambda one: one.format)
    assert (first.of_file_id, first.format, first.language) == (film.file_id, "ass", "ger")
    assert first.is_forced
    assert (second.of_file_id, second.format, second.language) == (None, "subrip", "eng")
    roles = {use.file_id: use.role for use in group.files}
    assert roles[own.file_id] == roles[both.file_id] == "subtitle"


def test_pictures_come_by_purpose_the_best_first() -> None:
    film = file(b"Alien (1979)/Alien (1979).mkv")
    folder = file(b"Alien (1979)/folder.jpg")
    own = file(b"Alien (1979)/Alien (1979)-poster.jpg")
    fan = file(b"Alien (1979)/extrafanart/one.jpg")
    (group,) = grouped(folder, film, fan, own, file(b"Alien (1979)/clearlogo.png"))
    art = {use.file_id: (use.role, use.part) for use in group.files if use.role != "media"}
    assert art[own.file_id][0] == art[folder.file_id][0] == "poster"
    assert art[own.file_id][1] < art[folder.file_id][1]
    assert art[fan.file_id][0] == "backdrop"
    assert "logo" in {role for role, _ in art.values()}
