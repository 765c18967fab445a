"""Versions of one film in one folder: "Film (1999) - 1080p.mkv" beside "Film (1999) - Director's Cut.mkv"."""

import re

from server.media.video_names.formats import line_count
from server.media.video_names.words import PLAUSIBLE_YEARS, YEAR

_LABEL = re.compile(r"\s*(?:\[[^\[\]]*\]|[-_.]).*", re.DOTALL)
_DIGITS = re.compile(r"(\d+)")


def version_label(stem: str, folder_name: str) -> str | None:
    """Return what a file's name has beyond the name of its folder: "" for the same name, None for another film.

    The label follows " - ", "-", "_", ".", or stands in brackets. A year of its own makes another film of it.
    """
    if len(folder_name) < 2 or not stem.casefold().startswith(folder_name.casefold()):  # noqa: PLR2004 (folders "A" to "Z")
        return None
    rest = stem[len(folder_name) :]
    if not rest.strip():
        return ""
    if not _LABEL.fullmatch(rest) or _names_a_year(rest, folder_name):
        return None
    return rest.strip(" -_.").removeprefix("[").removesuffix("]").strip() or ""


def in_order(stem: str, folder_name: str) -> tuple[bool, int, list[tuple[int, str]]]:
    """Return the key by which versions are sorted: the folder's own name, then by lines high to low, then by name."""
    label = version_label(stem, folder_name)
    lines = line_count(stem if label is None else label)
    return label != "", -lines, natural(stem)


def natural(text: str) -> list[tuple[int, str]]:
    """Return a key by which "9" comes before "10"."""
    pieces = _DIGITS.split(text.casefold())
    return [
        (int(piece), "") if piece.isdecimal() and len(piece) < 20 else (-1, piece)  # noqa: PLR2004 (no number, a serial)
        for piece in pieces
    ]


def _names_a_year(rest: str, folder_name: str) -> bool:
    has_year = YEAR.search(folder_name) is not None
    return any(
        int(found["round"] or found["square"] or found["bare"]) in PLAUSIBLE_YEARS
        and not (has_year and found["bare"])
        for found in YEAR.finditer(rest)
    )
