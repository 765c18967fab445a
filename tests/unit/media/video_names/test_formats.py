import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.video_names import Disc, format_3d, stub_disc
from server.media.video_names.discs import place_of
from server.media.video_names.formats import line_count


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Heat 3D HSBS", "hsbs"),
        ("Heat.3d.sbs", "sbs"),
        ("Heat.tab.mkv", "tab"),
        ("Heat [ftab]", "ftab"),
        ("Heat.MVC", "mvc"),
        ("Heat 3D", None),
        ("Picking Up the Tab", None),
        ("Heat.sbsx", None),
        ("", None),
    ],
)
def test_3d_formats(name: str, expected: str | None) -> None:
    assert format_3d(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1080p", 1080),
        ("576i", 576),
        ("4K", 2160),
        ("x.UHD.x", 2160),
        ("1920x800", 800),
        ("2049", 0),
    ],
)
def test_lines_of_the_picture(name: str, expected: int) -> None:
    assert line_count(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Heat.dvd.disc", Disc.DVD),
        ("Heat.BD50.disc", Disc.BLURAY),
        ("Heat.dsr.disc", Disc.TV),
        ("Heat.disc", Disc.UNKNOWN),
        ("Heat.dvd", None),
        ("disc", None),
    ],
)
def test_stubs_stand_for_discs(name: str, expected: Disc | None) -> None:
    assert stub_disc(name) is expected


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=4))
def test_any_name_gets_an_answer(name: str, folders: list[str]) -> None:
    format_3d(name)
    stub_disc(name)
    assert line_count(name) >= 0
    assert 0 <= place_of(folders).depth <= len(folders)
