"""Tells films from what comes with them: trailers, deleted scenes, interviews."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from server.media.video_names.endings import AUDIO, VIDEO, ending, stem


class ExtraKind(StrEnum):
    """What an extra is."""

    BEHIND_THE_SCENES = "behind_the_scenes"
    CLIP = "clip"
    DELETED_SCENE = "deleted_scene"
    FEATURETTE = "featurette"
    INTERVIEW = "interview"
    OTHER = "other"
    SAMPLE = "sample"
    SCENE = "scene"
    SHORT = "short"
    THEME_SONG = "theme_song"
    THEME_VIDEO = "theme_video"
    TRAILER = "trailer"


_FOLDERS: Final = {
    "behind the scenes": ExtraKind.BEHIND_THE_SCENES,
    "deleted scenes": ExtraKind.DELETED_SCENE,
    "interviews": ExtraKind.INTERVIEW,
    "scenes": ExtraKind.SCENE,
    "samples": ExtraKind.SAMPLE,
    "shorts": ExtraKind.SHORT,
    "featurettes": ExtraKind.FEATURETTE,
    "clips": ExtraKind.CLIP,
    "other": ExtraKind.OTHER,
    "extras": ExtraKind.OTHER,
    "extra": ExtraKind.OTHER,
    "trailers": ExtraKind.TRAILER,
    "backdrops": ExtraKind.THEME_VIDEO,
}
_AUDIO_FOLDERS: Final = {"theme-music": ExtraKind.THEME_SONG}
_SUFFIXES: Final = {
    "trailer": ExtraKind.TRAILER,
    "sample": ExtraKind.SAMPLE,
    "scene": ExtraKind.SCENE,
    "clip": ExtraKind.CLIP,
    "interview": ExtraKind.INTERVIEW,
    "behindthescenes": ExtraKind.BEHIND_THE_SCENES,
    "deleted": ExtraKind.DELETED_SCENE,
    "deletedscene": ExtraKind.DELETED_SCENE,
    "featurette": ExtraKind.FEATURETTE,
    "short": ExtraKind.SHORT,
    "other": ExtraKind.OTHER,
    "extra": ExtraKind.OTHER,
}
# A bare space before the word is part of a title: "The Trailer", "The DNA Sample".
_SUFFIX = re.compile(
    r"(?:^|[-._]|\s-\s)(?:(trailer|sample)|(?<=-)"
    r"(scene|clip|interview|behindthescenes|deleted|deletedscene|featurette|short|other|extra))\d*$"
)


def extra_kind(parts: Sequence[str]) -> ExtraKind | None:
    """Return what kind of extra the file at `parts` is, None for a film.

    `parts` are relative to the library's root, whose own name means nothing; the last one is the file. The folder that
    holds the file decides; a folder of extras inside a film's folder decides for all below it.
    """
    found = extra_home(parts)
    return found[0] if found else None


def extra_home(parts: Sequence[str]) -> tuple[ExtraKind, int] | None:
    """Return the kind of the extra at `parts` and how deep the folder of its film lies; None for a film."""
    *folders, name = parts or ("",)
    if (end := ending(name)) in VIDEO:
        in_folder = _folder_kind(folders, _FOLDERS)
        if kind := _suffix_kind(name):
            return kind, in_folder[1] if in_folder else len(folders)
        return in_folder
    if end in AUDIO:
        if stem(name).casefold() == "theme":
            return ExtraKind.THEME_SONG, len(folders)
        return _folder_kind(folders, _AUDIO_FOLDERS)
    return None


def _folder_kind(
    folders: Sequence[str], kinds: dict[str, ExtraKind]
) -> tuple[ExtraKind, int] | None:
    """Return what the folders decide: the innermost alone at the top, deeper ones for all below."""
    deepest = len(folders) - 1
    deciding = [deepest, *range(deepest - 1, 0, -1)] if folders else []
    return next(
        ((kinds[name], at) for at in deciding if (name := folders[at].casefold()) in kinds), None
    )


def _suffix_kind(name: str) -> ExtraKind | None:
    found = _SUFFIX.search(stem(name).casefold())
    return _SUFFIXES[found[1] or found[2]] if found else None
