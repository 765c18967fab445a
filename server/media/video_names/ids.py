"""Ids of the big databases that people write into names: `[tmdbid-680]`, `{imdb-tt0110912}`, `(tvdb=79168)`."""

import re
from typing import Final

_TAG = re.compile(
    r"\[(?P<square>[^\[\]]*)\]|\{(?P<curly>[^{}]*)\}|\((?P<round>[^()]*)\)", re.DOTALL
)
_WORD_AND_VALUE = re.compile(
    r"\s*([a-z][a-z0-9 _-]*?)\s*(?:=|-(?=[^=-]*$))\s*([^\s=]+)\s*", re.IGNORECASE
)
_BARE_IMDB = re.compile(r"(?<![^\W_])(tt\d{7,10})(?![^\W_])")
_IMDB = re.compile(r"(?:tt)?(\d{1,12})", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,12}")
_IMDB_DIGITS: Final = 7
_ANY_ID_TAG = re.compile(
    r"[\[{(]\s*(?:tmdb|tvdb|imdb|anidb|anilist|tvmaze)(?:id)?\d?[-=][^\[\]{}()]*[\]})]",
    re.IGNORECASE,
)


def name_tags(name: str) -> dict[str, str]:
    """Return what stands as `[word=value]` or `{word-value}` in a name; brackets must pair, the first of a word wins."""
    found: dict[str, str] = {}
    for tag in _TAG.finditer(name):
        if pair := _WORD_AND_VALUE.fullmatch(tag["square"] or tag["curly"] or tag["round"] or ""):
            found.setdefault(pair[1].casefold(), pair[2])
    return found


def provider_ids(name: str) -> dict[str, str]:
    """Return the ids in a name by source (`imdb`, `tmdb`, `tvdb`); the first of a source wins."""
    found: dict[str, str] = {}
    for word, value in name_tags(name).items():
        source = word.removesuffix("id")
        if source in {"tmdb", "tvdb"} and _NUMBER.fullmatch(value):
            found.setdefault(source, value)
        elif source == "imdb" and value[:2].casefold() == "tt" and (number := imdb_id(value)):
            found.setdefault(source, number)
    if "imdb" not in found and (bare := _BARE_IMDB.search(name)):
        found["imdb"] = bare[1]
    return found


def imdb_id(text: str) -> str | None:
    """Return IMDb's own spelling of an id ("tt0000123" for "123"), None for what is none."""
    found = _IMDB.fullmatch(text.strip())
    return f"tt{found[1].zfill(_IMDB_DIGITS)}" if found else None


def without_ids(name: str) -> str:
    """Return the name without its id tags, also those whose value is missing or odd."""
    return _BARE_IMDB.sub(" ", _ANY_ID_TAG.sub(" ", name))
