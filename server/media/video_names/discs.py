"""Discs: stubs that stand for one in a cupboard, and the folders of a copied DVD or Blu-ray."""

import re
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from server.media.video_names.endings import STUB, ending, stem


class Disc(StrEnum):
    """The kind of a disc, tape or recording."""

    BLURAY = "bluray"
    DVD = "dvd"
    HDDVD = "hddvd"
    TV = "tv"
    VHS = "vhs"
    UNKNOWN = "unknown"


_STUBS = {
    **dict.fromkeys(("bluray", "brrip", "bd25", "bd50"), Disc.BLURAY),
    **dict.fromkeys(("hdtv", "pdtv", "dsr", "tv"), Disc.TV),
    "dvd": Disc.DVD,
    "hddvd": Disc.HDDVD,
    "vhs": Disc.VHS,
}
_NUMBERED = re.compile(r"(?:cd|dvd|dis[ck])[ ._-]?(\d{1,2})", re.IGNORECASE)
_STRUCTURE = {
    "video_ts": Disc.DVD,
    "audio_ts": Disc.DVD,
    "hvdvd_ts": Disc.HDDVD,
    "bdmv": Disc.BLURAY,
    "stream": Disc.BLURAY,
    "playlist": Disc.BLURAY,
    "certificate": Disc.BLURAY,
    "ssif": Disc.BLURAY,
}
_ROOTS = frozenset({"video_ts", "audio_ts", "hvdvd_ts", "bdmv", "certificate"})
_MENU = re.compile(r"(?:video_ts|vts_\d\d_0)\.vob", re.IGNORECASE)
_TITLE_SET = re.compile(r"vts_(\d\d)_(\d)\.vob", re.IGNORECASE)


class Place(Struct, frozen=True):
    """Where a file belongs: the folder of its film, how many deep; the disc around it, and that disc's number."""

    depth: int
    disc: Disc | None = None
    number: int | None = None


def stub_disc(name: str) -> Disc | None:
    """Return what a stub ("Film.bluray.disc") stands for, None for other files."""
    if ending(name) != STUB:
        return None
    return _STUBS.get(ending(stem(name)), Disc.UNKNOWN)


def stub_stem(name: str) -> str:
    """Return a stub's name without both of its endings."""
    return stem(stem(name)) if ending(stem(name)) in _STUBS else stem(name)


def place_of(folders: Sequence[str]) -> Place:
    """Return where the film of a file in `folders` is at home: above a disc's own folders and above "CD 2"."""
    root = _disc_root(folders)
    depth = len(folders) if root is None else root
    disc = None if root is None else _STRUCTURE[folders[root].casefold()]
    numbered = _NUMBERED.fullmatch(folders[depth - 1]) if depth else None
    if numbered and depth > 1:
        return Place(depth - 1, disc, int(numbered[1]))
    return Place(depth, disc)


def title_set(name: str) -> tuple[int, int] | None:
    """Return title set and chunk of a DVD's file ("VTS_02_1.VOB"); None for menus and other files."""
    found = _TITLE_SET.fullmatch(name)
    if not found or found[2] == "0":
        return None
    return int(found[1]), int(found[2])


def is_menu(name: str) -> bool:
    """Return whether a file is a menu of a DVD."""
    return _MENU.fullmatch(name) is not None


def is_structure(folder: str) -> bool:
    """Return whether a folder says how a film is stored, not which one it is."""
    return folder.casefold() in _STRUCTURE or bool(_NUMBERED.fullmatch(folder))


def _disc_root(folders: Sequence[str]) -> int | None:
    """Return at which depth a disc's own folders begin; at the top there is no film's folder above them."""
    return next((at for at, name in enumerate(folders) if at and name.casefold() in _ROOTS), None)
