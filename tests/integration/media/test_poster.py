"""Posters out of real films, looked at with libvips."""

from fractions import Fraction
from pathlib import Path

import pytest
import pyvips

from server.kernel.workers import WorkerFailed
from server.media.model import MakePoster, Reason
from server.media.poster import _frames, make_poster
from server.media.probe import opened
from tests.helpers.media import FILMS, Recipe, broken_films, make_film


def _work(film: Path, **changes: int) -> MakePoster:
    target = film.parent / "images" / f"{film.name}.webp"
    return MakePoster(path=bytes(film), target_path=bytes(target), **changes)


@pytest.mark.parametrize("name", FILMS)
def test_every_kind_of_film_gets_a_poster(tmp_path: Path, name: str) -> None:
    film = make_film(tmp_path / name)
    poster = make_poster(_work(film))
    picture = pyvips.Image.new_from_file(str(tmp_path / "images" / f"{name}.webp"))
    assert (picture.width, picture.height) == (poster.width_px, poster.height_px) == (320, 180)
    assert picture.colourspace("b-w").deviate() > 20
    assert poster.at_ms is not None
    assert 900 <= poster.at_ms <= 4_600


def test_black_is_avoided(tmp_path: Path) -> None:
    film = make_film(tmp_path / "dark.mkv", Recipe(length_s=8, black_until_s=5))
    poster = make_poster(_work(film))
    assert poster.at_ms is not None
    assert poster.at_ms >= 5_000


def test_a_black_film_has_a_black_poster(tmp_path: Path) -> None:
    film = make_film(tmp_path / "black.mkv", Recipe(length_s=2, black_until_s=2))
    assert make_poster(_work(film)).width_px == 320


def test_a_film_of_one_frame_works(tmp_path: Path) -> None:
    film = make_film(tmp_path / "one.mp4", Recipe(length_s=1 / 24, audio=None))
    assert make_poster(_work(film)).at_ms == 0


def test_a_film_of_one_pixel_works(tmp_path: Path) -> None:
    recipe = Recipe(video="libvpx-vp9", audio=None, length_s=1, width_px=1, height_px=1)
    poster = make_poster(_work(make_film(tmp_path / "dot.webm", recipe)))
    assert (poster.width_px, poster.height_px) == (1, 1)


def test_a_film_without_a_length_works(tmp_path: Path) -> None:
    recipe = Recipe(video="libvpx", audio=None, length_s=2, container_options={"live": "1"})
    assert make_poster(_work(make_film(tmp_path / "live.webm", recipe))).width_px == 320


def test_a_recording_without_key_frames_is_not_read_to_its_end(tmp_path: Path) -> None:
    refreshed = {"x264-params": "intra-refresh=1", "g": "100000"}
    film = make_film(tmp_path / "dvb.ts", Recipe(length_s=30, video_options=refreshed))
    assert make_poster(_work(film)).width_px == 320
    with opened(bytes(film)) as (recording, _):
        assert sum(1 for _ in _frames(recording, recording.streams.video[0])) <= 600


def test_large_films_shrink_to_the_width_asked(tmp_path: Path) -> None:
    film = make_film(tmp_path / "large.mp4", Recipe(length_s=1, width_px=1280, height_px=720))
    poster = make_poster(_work(film, width_px=200))
    assert (poster.width_px, poster.height_px) == (200, 112)


@pytest.mark.parametrize(("rotation_deg", "size"), [(90, (180, 320)), (180, (320, 180))])
def test_a_turned_film_stands_upright(
    tmp_path: Path, rotation_deg: int, size: tuple[int, int]
) -> None:
    film = make_film(tmp_path / "turned.mp4", Recipe(length_s=2, rotation_deg=rotation_deg))
    poster = make_poster(_work(film))
    assert (poster.width_px, poster.height_px) == size
    picture = pyvips.Image.new_from_file(str(tmp_path / "images" / "turned.mp4.webp"))
    upright = pyvips.Image.new_from_file(str(_unturned(tmp_path)))
    turned_back = picture.rot(f"d{360 - rotation_deg}").colourspace("b-w")
    assert (turned_back - upright.colourspace("b-w")).abs().avg() < 6


def _unturned(folder: Path) -> Path:
    make_poster(_work(make_film(folder / "plain.mp4", Recipe(length_s=2))))
    return folder / "images" / "plain.mp4.webp"


def test_wide_pixels_become_square(tmp_path: Path) -> None:
    recipe = Recipe(length_s=1, width_px=360, height_px=288, sample_aspect=Fraction(16, 15))
    poster = make_poster(_work(make_film(tmp_path / "tape.mkv", recipe)))
    assert (poster.width_px, poster.height_px) == (384, 288)


@pytest.mark.parametrize("name", ["truncated.mkv", "holed.mkv"])
def test_a_damaged_film_gives_what_can_be_seen(tmp_path: Path, name: str) -> None:
    assert make_poster(_work(broken_films(tmp_path)[name])).width_px == 320


@pytest.mark.parametrize(
    ("name", "reason"), [("empty.mkv", Reason.EMPTY), ("text.mkv", Reason.UNKNOWN_FORMAT)]
)
def test_what_is_no_film_says_why_and_leaves_nothing(
    tmp_path: Path, name: str, reason: Reason
) -> None:
    with pytest.raises(WorkerFailed) as failed:
        make_poster(_work(broken_films(tmp_path)[name]))
    assert failed.value.context == {"reason": reason}
    assert not (tmp_path / "images").exists()


def test_a_poster_replaces_the_one_before_and_leaves_no_rest(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", Recipe(length_s=1))
    for _ in range(2):
        make_poster(_work(film))
    assert [path.name for path in (tmp_path / "images").iterdir()] == ["film.mkv.webp"]
