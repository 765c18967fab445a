import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.video_names import (
    ArtKind,
    Disc,
    ExtraKind,
    Film,
    Films,
    Listed,
    films_of,
    home_of,
)


def _listed(*paths: str) -> list[Listed]:
    return [Listed(tuple(path.split("/"))) for path in paths]


def _films(*paths: str) -> list[list[list[str]]]:
    """The files of each version of each film, without their folders."""
    names = [path.rpartition("/")[2] for path in paths]
    return [
        [[names[index] for index in version.files] for version in film.versions]
        for film in films_of(_listed(*paths)).films
    ]


def _only(*paths: str) -> Film:
    (film,) = films_of(_listed(*paths)).films
    return film


HOME = "Heat (1995)/"


def test_names_that_begin_with_the_folders_are_versions_high_to_low() -> None:
    names = [
        "Heat (1995) - 720p.mkv",
        "Heat (1995) - Workprint.mkv",
        "Heat (1995) - 2160p.mkv",
        "Heat (1995)_1080p.mkv",
        "Heat (1995) [Airline Cut].mkv",
        "Heat (1995).mkv",
    ]
    order = [names[at] for at in (5, 2, 3, 0, 1, 4)]
    assert _films(*(HOME + name for name in names)) == [[[name] for name in order]]
    film = _only(*(HOME + name for name in names))
    assert (film.name.title, film.name.year) == ("Heat", 1995)
    assert [version.label for version in film.versions] == [
        "", "2160p", "1080p", "720p", "Workprint", "Airline Cut",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "paths",
    [
        ("Heat/Heat (1995).mkv", "Heat/Heat (1986).mkv"),
        ("Heat/Heat - Part of a Set (1995).mkv", "Heat/Heat - Another (1986).mkv"),
        ("H/Heat.mkv", "H/Hero.mkv"),
        ("H/H 1.mkv", "H/H 2.mkv"),
        ("Sequels/Heat 1.mkv", "Sequels/Heat 2.mkv"),
        ("Heat.avi", "Heat.mkv"),
        ("Heat (1995)/Heat.mkv", "Heat (1986)/Heat.mkv"),
    ],
)
def test_these_are_films_of_their_own(paths: tuple[str, ...]) -> None:
    assert len(_films(*paths)) == 2


@pytest.mark.parametrize(
    "paths",
    [
        ("Heat (1995) 720p.mkv", "Heat.1995.1080p.BluRay.x264-GRP.mkv"),
        ("Heat (1995)/Heat (1995).mkv", "Heat (1995)/Heat.1995.1080p.BluRay.x264-GRP.mkv"),
        ("Heat (1995)/Heat (1995).mkv", "Heat (1995)/BDMV/STREAM/00001.m2ts"),
        ("Heat/Heat-2.mkv", "Heat/Heat-3.mkv"),
        ("Heat (1995)/Heat (1995) - 1998 cut.mkv", "Heat (1995)/Heat (1995) - 2001 cut.mkv"),
    ],
)
def test_these_are_versions_of_one_film(paths: tuple[str, ...]) -> None:
    (film,) = _films(*paths)
    assert len(film) == 2


def test_parts_and_versions_go_together() -> None:
    paths = [
        HOME + "Heat (1995) - 1080p part2.mkv",
        HOME + "Heat (1995) - 1080p part1.mkv",
        HOME + "Heat (1995).mkv",
    ]
    assert _films(*paths) == [
        [
            ["Heat (1995).mkv"],
            ["Heat (1995) - 1080p part1.mkv", "Heat (1995) - 1080p part2.mkv"],
        ]
    ]


def test_subtitles_of_a_part_are_of_that_part() -> None:
    film = _only("Heat cd1.avi", "Heat cd2.avi", "Heat cd2.en.srt")
    (subtitle,) = film.sidecars
    assert (subtitle.file, subtitle.video) == (2, 1)


def test_each_version_has_its_edition_and_the_film_all_ids() -> None:
    film = _only(
        HOME + "Heat (1995) {edition-Airline Cut} [tmdbid-949].mkv",
        HOME + "Heat (1995) - Extended [imdbid-tt0113277].mkv",
    )
    assert {version.edition for version in film.versions} == {"Airline Cut", "Extended"}
    assert film.name.ids == {"tmdb": "949", "imdb": "tt0113277"}


def test_numbered_folders_hold_parts() -> None:
    assert _films("Heat (1995)/CD2/b.avi", "Heat (1995)/CD1/a.avi") == [[["a.avi", "b.avi"]]]
    assert _only("Heat (1995)/CD2/b.avi", "Heat (1995)/CD1/a.avi").name.title == "Heat"


def test_the_heaviest_title_of_a_disc_is_the_film() -> None:
    weights = {"VTS_01_1.VOB": 10, "VTS_02_0.VOB": 90, "VTS_02_2.VOB": 9, "VTS_02_1.VOB": 8}
    files = [Listed(("Heat (1995)", "VIDEO_TS", name), size) for name, size in weights.items()]
    (film,) = films_of(files).films
    assert film.versions[0].files == (3, 2)
    assert (film.home, film.versions[0].disc) == (("Heat (1995)",), Disc.DVD)


def test_two_discs_play_one_after_the_other() -> None:
    names = _films("Heat (1995)/Disc 2/BDMV/STREAM/1.m2ts", "Heat (1995)/Disc 1/BDMV/STREAM/9.m2ts")
    assert names == [[["9.m2ts", "1.m2ts"]]]


def test_a_stub_is_a_version_on_a_disc_elsewhere() -> None:
    film = _only(HOME + "Heat (1995).bluray.disc", HOME + "Heat (1995).mkv")
    stub = next(version for version in film.versions if version.is_stub)
    assert (stub.disc, stub.files) == (Disc.BLURAY, (0,))
    assert film.name.title == "Heat"


def test_3d_versions_say_how() -> None:
    film = _only(HOME + "Heat (1995).3D.HSBS.mkv", HOME + "Heat (1995).mkv")
    assert [version.format_3d for version in film.versions] == [None, "hsbs"]


def _beside(paths: list[str]) -> dict[str, object]:
    found: Films = films_of(_listed(*paths))
    return {
        paths[beside.file]: (film.name.title, beside.what)
        for film in found.films
        for beside in (*film.extras, *film.artwork)
    } | {paths[beside.file]: (None, beside.what) for beside in found.loose_extras}


def test_extras_and_pictures_go_to_their_film() -> None:
    paths = {
        "Heat.mkv": None,
        "Ronin.mkv": None,
        "Heat-trailer.mkv": ("Heat", ExtraKind.TRAILER),
        "Alien-trailer.mkv": (None, ExtraKind.TRAILER),
        "Ronin-poster.jpg": ("Ronin", ArtKind.POSTER),
        "Ronin.png": ("Ronin", ArtKind.POSTER),
        "Heat-fanart2.jpg": ("Heat", ArtKind.BACKDROP),
        "poster.jpg": None,
        "Brazil (1985)/Brazil.mkv": None,
        "Brazil (1985)/Extras/making of.mkv": ("Brazil", ExtraKind.OTHER),
        "Brazil (1985)/poster.webp": ("Brazil", ArtKind.POSTER),
        "Brazil (1985)/clearlogo.png": ("Brazil", ArtKind.LOGO),
        "Brazil (1985)/extrafanart/holiday.jpg": ("Brazil", ArtKind.BACKDROP),
        "Brazil (1985)/holiday.jpg": None,
    }
    wanted = {path: what for path, what in paths.items() if what}
    assert _beside(list(paths)) == wanted


def test_subtitles_go_to_their_version() -> None:
    paths = [
        HOME + "Heat (1995).mkv",
        HOME + "Heat (1995) - 720p.mkv",
        HOME + "Heat (1995).en.forced.srt",
        HOME + "Heat (1995) - 720p.de.srt",
        HOME + "Subs/2_French.srt",
        HOME + "Heat (1995).eng.dts",
        HOME + "movie.nfo",
        HOME + "readme.txt",
    ]
    found = {
        paths[beside.file].removeprefix(HOME): (beside.what.language, beside.video)
        for beside in _only(*paths).sidecars
    }
    assert found == {
        "Heat (1995).en.forced.srt": ("eng", 0),
        "Heat (1995) - 720p.de.srt": ("ger", 1),
        "Subs/2_French.srt": ("fre", None),
        "Heat (1995).eng.dts": ("eng", 0),
        "movie.nfo": (None, None),
    }


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("Heat/Heat.mkv", "Heat"),
        ("Heat/CD1/a.avi", "Heat"),
        ("Heat/Trailers/a.mkv", "Heat"),
        ("Heat/Disc 1/VIDEO_TS/VTS_01_1.VOB", "Heat"),
        ("Heat/Subs/a.srt", "Heat"),
        ("Heat/notes.txt", "Heat"),
    ],
)
def test_the_home_of_a_file_is_its_films_folder(path: str, home: str) -> None:
    assert home_of(path.split("/")) == (home,)


_NAMES = st.sampled_from(
    ["Heat", "Heat (1995)", " - 720p", "[x]", " cd1", " cd2", "-trailer", ".en", "poster", "VIDEO_TS", "İ", "ß", ""]
)  # fmt: skip
_ENDINGS = st.sampled_from([".mkv", ".avi", ".srt", ".jpg", ".nfo", ".disc", ".VOB", ""])
_PART = st.builds(lambda words, end: "".join(words) + end, st.lists(_NAMES, max_size=3), _ENDINGS)


@given(st.lists(st.lists(_PART | st.text(max_size=40), max_size=4), max_size=12))
def test_any_listing_becomes_films_and_no_file_is_used_twice(paths: list[list[str]]) -> None:
    found = films_of([Listed(tuple(parts)) for parts in paths])
    used = [index for film in found.films for version in film.versions for index in version.files]
    for film in found.films:
        beside = (*film.extras, *film.sidecars, *film.artwork)
        used += [each.file for each in beside]
        assert film.versions
        assert all(version.files for version in film.versions)
    used += [each.file for each in found.loose_extras]
    assert len(used) == len(set(used))
    assert len({(film.home, film.identity) for film in found.films}) == len(found.films)
