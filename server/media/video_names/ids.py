"""Ids of the big databases that people write into names: `[tmdbid-680]`, `{imdb-tt0110912}`, `(tvdb=79168)`."""

import re

_TAG = re.compile(
    r"""(?:\[(?P<square>[^\[\]]*)\] | \{(?P<curly>[^{}]*)\} | \((?P<round>[^()]*)\))""", re.VERBOSE
)
_ID = re.compile(
    r"(?:(?P<number_source>tmdb|tvdb)(?:id)?[-=](?P<number>\d{1,12})"
    r"|imdb(?:id)?[-=](?P<imdb>tt\d{1,12})|(?P<bare>tt\d{7,10}))",
    re.IGNORECASE,
)
_BARE_IMDB = re.compile(r"(?<![^\W_])(tt\d{7,10})(?![^\W_])")


def provider_ids(name: str) -> dict[str, str]:
    """Return the ids in a name by source (`imdb`, `tmdb`, `tvdb`); brackets must pair, the first of a source wins."""
    found: dict[str, str] = {}
    for tag in _TAG.finditer(name):
        match = _ID.fullmatch((tag["square"] or tag["curly"] or tag["round"] or "").strip())
        if match and match["number"]:
            found.setdefault(match["number_source"].lower(), match["number"])
        elif match:
            found.setdefault("imdb", (match["imdb"] or match["bare"]).lower())
    if "imdb" not in found and (bare := _BARE_IMDB.search(name)):
        found["imdb"] = bare[1]
    return found


def without_ids(name: str) -> str:
    """Return the name without its id tags, also those whose value is missing or odd."""
    return _BARE_IMDB.sub(" ", _ANY_ID_TAG.sub(" ", name))


_ANY_ID_TAG = re.compile(
    r"[\[{(]\s*(?:tmdb|tvdb|imdb|anidb|anilist|tvmaze)(?:id)?\d?[-=][^\[\]{}()]*[\]})]",
    re.IGNORECASE,
)
