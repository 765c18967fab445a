import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.video_names import FilmName, film_name, text_of


def _read(path: str) -> FilmName:
    return film_name(path.split("/"))


@pytest.mark.parametrize(
    ("path", "title", "year"),
    [
        ("Stalker (1979).mkv", "Stalker", 1979),
        ("Stalker [1979].mkv", "Stalker", 1979),
        ("Stalker.1979.mkv", "Stalker", 1979),
        ("Stalker_1979.avi", "Stalker", 1979),
        ("(1979) Stalker.mkv", "Stalker", 1979),
        ("Stalker.mkv", "Stalker", None),
        ("1917.mkv", "1917", None),
        ("1917 (2019).mkv", "1917", 2019),
        ("1984.1984.1080p.mkv", "1984", 1984),
        ("2001.A.Space.Odyssey.1968.2160p.UHD.BluRay.x265-GRP.mkv", "2001 A Space Odyssey", 1968),
        ("Blade Runner 2049.mkv", "Blade Runner 2049", None),
        ("Blade.Runner.2049.2017.1080p.mkv", "Blade Runner 2049", 2017),
        ("Solaris (1972) - GoodGroup 2011.mkv", "Solaris", 1972),
        ("Holiday 2019-12-24.mp4", "Holiday 2019-12-24", None),
        ("A.Trip.to.the.Moon.1902.mkv", "A Trip to the Moon", 1902),
        ("Ancient Times 1650.mkv", "Ancient Times 1650", None),
        ("Stalker.1080p.BluRay.1979.mkv", "Stalker", 1979),
    ],
)
def test_the_last_plausible_year_is_the_films(path: str, title: str, year: int | None) -> None:
    assert (_read(path).title, _read(path).year) == (title, year)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("Paris.Texas.German.DL.1080p.BluRay.x264-GRP.mkv", "Paris Texas"),
        ("Paris.Texas.PROPER.1984.720p.mkv", "Paris Texas"),
        ("Paris.Texas.FRENCH.1984.DVDRip.XviD.avi", "Paris Texas"),
        ("Paris, Texas (1984) [1080p] [x264 AAC].mkv", "Paris, Texas"),
        ("Paris Texas 1920x1080.mkv", "Paris Texas"),
        ("Paris.Texas.REMASTERED.1984.mkv", "Paris Texas"),
        ("[Group] Paris Texas [BD 1080p FLAC] [0A1B2C3D].mkv", "Paris Texas"),
        ("[Group] Paris Texas - 02 [1080p].mkv", "Paris Texas"),
        ("www.example.org - Paris.Texas.1984.mkv", "Paris Texas"),
        ("[example.org] Paris.Texas.1984.mkv", "Paris Texas"),
        ("Paris Texas CD1.avi", "Paris Texas"),
        ("Paris.Texas.3D.HSBS.1080p.mkv", "Paris Texas"),
        ("Paris.Texas-trailer.mkv", "Paris Texas"),
        ("the-long-goodbye-1973-1080p.mkv", "the long goodbye"),
    ],
)
def test_release_words_are_cut(path: str, title: str) -> None:
    assert _read(path).title == title


@pytest.mark.parametrize(
    "title",
    [
        "Charlotte's Web",
        "The Final Cut",
        "The Spanish Prisoner",
        "Uncut Gems",
        "X-Men",
        "WALL-E",
        "[REC] 2",
        "(500) Days of Summer",
        "Life in a Day",
        "Kill Bill Vol. 1",
        "Proper Manners",
        "Real Steel",
        "The Real Thing",
        "東京物語",
        "Amélie",
        "9",
        "M",
        "What's Up, Doc?",
        "Se7en",
    ],
)
def test_words_of_a_title_stay(title: str) -> None:
    assert _read(f"{title} (1999).mkv").title == title


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("The.Man.from.U.N.C.L.E.2015.mkv", "The Man from U.N.C.L.E."),
        ("L.A.Confidential.1997.mkv", "L.A. Confidential"),
        ("Dr.Strangelove.1964.mkv", "Dr. Strangelove"),
        ("Plan.A.2021.mkv", "Plan A"),
        ("Mr. Turner (2014).mkv", "Mr. Turner"),
    ],
)
def test_dots_become_spaces_but_acronyms_keep_theirs(path: str, title: str) -> None:
    assert _read(path).title == title


@pytest.mark.parametrize(
    ("path", "title", "year"),
    [
        ("Brazil (1985)/movie.mkv", "Brazil", 1985),
        ("Brazil (1985)/VIDEO_TS/VTS_01_1.VOB", "Brazil", 1985),
        ("Brazil (1985)/BDMV/STREAM/00000.m2ts", "Brazil", 1985),
        ("Brazil (1985)/CD2/brazil.avi", "Brazil", 1985),
        ("Brazil (1985)/f00dfeedf00dfeedf00dfeedf00dfeed.mkv", "Brazil", 1985),
        ("Brazil (1985)/Brazil - Director's Cut.mkv", "Brazil", 1985),
        ("Brazil.1985.1080p.BluRay.x264-GRP/grp-brzl.mkv", "Brazil", 1985),
        ("Brazil/Brazil (1985).mkv", "Brazil", 1985),
        ("Gilliam 1985/Time Bandits.mkv", "Time Bandits", None),
        ("300 (2007)/300 (2006).mkv", "300", 2006),
        ("B/Brazil.mkv", "Brazil", None),
        ("Brazil.1985.1080p-GRP/brazil.1985.1080p.mkv", "Brazil", 1985),
        ("Brazil/Brazil - Love Conquers All.mkv", "Brazil", None),
        ("Brazil/Brazil - Again (2001).mkv", "Brazil - Again", 2001),
        ("movie.mkv", "movie", None),
        ("VIDEO_TS/movie.mkv", "movie", None),
    ],
)
def test_the_folder_helps_where_it_names_the_same_film(
    path: str, title: str, year: int | None
) -> None:
    assert (_read(path).title, _read(path).year) == (title, year)


@pytest.mark.parametrize(
    ("path", "edition"),
    [
        ("Brazil (1985) Director's Cut.mkv", "Director's Cut"),
        ("Brazil.Extended.Cut.1985.1080p.mkv", "Extended Cut"),
        ("Brazil (1985) {edition-Love Conquers All}.mkv", "Love Conquers All"),
        ("Brazil (1985)/Brazil - Theatrical.mkv", "Theatrical"),
        ("Brazil.1985.30th.Anniversary.Edition.mkv", "30th Anniversary Edition"),
        ("The Final Cut (2004).mkv", None),
        ("Uncut Gems (2019).mkv", None),
        ("Brazil (1985).mkv", None),
    ],
)
def test_an_edition_is_read_but_never_out_of_the_title(path: str, edition: str | None) -> None:
    assert _read(path).edition == edition


@pytest.mark.parametrize(
    ("path", "titles"),
    [
        ("Ran AKA Chaos (1985).mkv", ("Ran", "Chaos")),
        ("Ran.a.k.a.Chaos.1985.mkv", ("Ran", "Chaos")),
        ("AKA (2002).mkv", ("AKA",)),
        ("Aka Rebel (1985).mkv", ("Aka Rebel",)),
    ],
)
def test_other_titles_are_told_apart(path: str, titles: tuple[str, ...]) -> None:
    name = _read(path)
    assert (name.title, *name.other_titles) == titles


@pytest.mark.parametrize(
    ("path", "revision"),
    [
        ("[Grp] Ran - 01v3 [1080p].mkv", 3),
        ("Ran.1985.REPACK.1080p.mkv", 2),
        ("Ran.1985.PROPER.1080p.mkv", 2),
        ("Ran (1985).mkv", 1),
        ("Proper Manners (1985).mkv", 1),
    ],
)
def test_corrected_releases_are_counted(path: str, revision: int) -> None:
    assert _read(path).revision == revision


def test_subtitles_in_the_picture_and_the_group_are_noted() -> None:
    name = _read("[Grp] Ran (1985) [1080p] [HC].mkv")
    assert (name.has_burned_in_subtitles, name.release_group) == (True, "Grp")
    assert not _read("Ran.1985.1080p.mkv").has_burned_in_subtitles


def test_ids_come_from_folder_and_file_and_leave_the_title() -> None:
    name = _read("Brazil (1985) [imdbid-tt0088846]/Brazil (1985) {tmdb-68}.mkv")
    assert name == FilmName(title="Brazil", year=1985, ids={"imdb": "tt0088846", "tmdb": "68"})


def test_names_of_no_known_encoding_become_text() -> None:
    assert text_of("Amélie.mkv".encode()) == "Amélie.mkv"
    assert text_of("Amélie.mkv".encode("latin-1")) == "Amélie.mkv"
    assert text_of(b"a\x00b\n\x81.mkv").isprintable()


@given(st.lists(st.binary(max_size=120), max_size=4))
def test_any_path_gets_a_name(parts: list[bytes]) -> None:
    name = film_name([text_of(part) for part in parts])
    assert name.title.isprintable()
    assert name.title == name.title.strip()


_WORDS = st.sampled_from(
    ["The", "German", "Extended", "2010", "(1999)", "[x264]", "1080p", "a", ".", "-", "_", "[", ")", "Cut", "{tmdb-1}", "é"]
)  # fmt: skip


@given(st.lists(_WORDS, min_size=1, max_size=12).map(" ".join), st.sampled_from(["", ".mkv"]))
def test_any_mixture_of_release_words_leaves_a_title(text: str, ending: str) -> None:
    name = film_name([text + ending])
    assert name.title
    assert name.year in {None, 2010, 1999}
