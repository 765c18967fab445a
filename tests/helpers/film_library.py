"""A library of any size as people have them: versions, parts, extras, subtitles, artwork, and what is broken.

The same number of files gives the same names, and each film a content of its own.
"""

import tempfile
from collections.abc import Iterator, Mapping
from itertools import chain, count, islice
from pathlib import Path
from typing import Final

import pyvips
from msgspec.structs import replace

from tests.helpers.media import Recipe, make_film
from tests.helpers.subtitles import Subtitles

SHELF: Final = "Shelf"
"""The folder of the films that have none of their own."""

_SMALL: Final = Recipe(length_s=1, width_px=64, height_px=36, fps=6)
_RECIPES: Final[Mapping[str, Recipe]] = {
    "film.mp4": _SMALL,
    "film.mkv": replace(
        _SMALL,
        audio=None,
        chapters=("Opening", "End"),
        subtitles=(Subtitles(format="srt", language="eng", is_forced=True),),
    ),
    "film.vob": replace(_SMALL, fps=24, video="mpeg2video", audio="mp2"),
}
# Players skip these: a free box, a void element, a packet of padding.
_TAILS: Final[Mapping[str, bytes]] = {
    "film.mp4": b"\0\0\0\x10free%08d",
    "film.mkv": b"\xec\x88%08d",
    "film.vob": b"\0\0\x01\xbe\0\x08%08d",
}
_PICTURES: Final = {"poster.jpg": (60, 90), "fanart.jpg": (160, 90), "logo.png": (80, 30)}

# What lies in the folder of a film, and what it is made of.
_HOMES: Final[tuple[Mapping[str, str], ...]] = (
    {"{film}.mp4": "film.mp4", "{film}.de.forced.srt": "srt", "movie.nfo": "empty"},
    {"{film} - 1080p.mkv": "film.mkv", "{film} - 720p.mp4": "film.mp4", "{film} - 720p.en.srt": "srt"},
    {"{film} cd1.mp4": "film.mp4", "{film} cd2.mp4": "film.mp4"},
    {
        "{film}.mkv": "film.mkv",
        "Trailers/Teaser.mp4": "film.mp4",
        "{film}-behindthescenes.mp4": "film.mp4",
        "Subs/{film}.fr.srt": "srt",
    },
    {"{film}.mp4": "film.mp4", **{name: name for name in _PICTURES}},
    {"CD 1/film.mp4": "film.mp4", "CD 2/film.mp4": "film.mp4", "poster.jpg": "poster.jpg"},
    {"{film}.mkv": "noise", "poster.jpg": "noise"},
    {"{film} - Director's Cut.mkv": "film.mkv", "{film}.mp4": "empty"},
    {"{film}.mp4": "cut"},
    {"{film}.bluray.disc": "empty", "logo.png": "logo.png"},
    {"VIDEO_TS/VTS_01_1.VOB": "film.vob", "VIDEO_TS/VTS_01_0.IFO": "empty"},
)  # fmt: skip


def make_library(folder: Path, *, file_count: int) -> None:
    """Fill a folder, which must exist, with so many files."""
    contents = _contents()
    films = chain.from_iterable(map(_film, count()))
    for number, (name, kind) in enumerate(islice(films, file_count)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        tail = _TAILS[kind] % number if kind in _TAILS else b""
        path.write_bytes(contents[kind] + tail)


def _film(number: int) -> Iterator[tuple[str, str]]:
    """Yield the files of a film and what each is made of; every second film lies on the shelf.

    Those there have titles of many first words, between which a large home can be cut.
    """
    year = 1930 + number % 95
    if number % 2:
        yield f"{SHELF}/{number % 97:02} Nights of {number:05} ({year}).mp4", "film.mp4"
        return
    film = f"Film {number:05} ({year})"
    place = f"{film} {{imdb-tt{number:07}}}" if number % 3 else film
    for name, kind in _HOMES[number // 2 % len(_HOMES)].items():
        yield f"{place}/{name.format(film=film)}", kind


def _contents() -> dict[str, bytes]:
    """Return what files are made of, by kind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contents = {
            kind: make_film(folder / kind, recipe).read_bytes() for kind, recipe in _RECIPES.items()
        }
    for kind, (width, height) in _PICTURES.items():
        shade = pyvips.Image.xyz(width, height)[0] * 255 / width
        contents[kind] = shade.cast("uchar").write_to_buffer(Path(kind).suffix)
    return contents | {
        "srt": b"1\n00:00:00,100 --> 00:00:00,900\nHello\n",
        "noise": b"no film " * 200,
        "cut": contents["film.mp4"][:400],
        "empty": b"",
    }
