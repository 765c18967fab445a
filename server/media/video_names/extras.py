"""Tells films from what comes with them: trailers, deleted scenes, interviews."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final


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


# fmt: off
_VIDEO: Final = frozenset({
    "3g2", "3gp", "asf", "avi", "divx", "dv", "dvr-ms", "f4v", "flv", "iso", "m1v", "m2t", "m2ts", "m2v", "m4v", "mk3d",
    "mkv", "mov", "mp4", "mpe", "mpeg", "mpg", "mts", "mxf", "nut", "ogm", "ogv", "qt", "rm", "rmvb", "ts", "vob", "webm",
    "wmv", "wtv",
})
_AUDIO: Final = frozenset({
    "aac", "aif", "aiff", "alac", "ape", "flac", "m4a", "mka", "mp3", "oga", "ogg", "opus", "wav", "wma", "wv",
})
# fmt: on

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


def is_video(name: str) -> bool:
    """Return whether a file's ending is one of a video."""
    return _ending(name) in _VIDEO


def extra_kind(parts: Sequence[str]) -> ExtraKind | None:
    """Return what kind of extra the file at `parts` is, None for a film.

    `parts` are relative to the library's root, whose own name means nothing; the last one is the file. The folder that
    holds the file decides; a folder of extras inside a film's folder decides for all below it.
    """
    *folders, name = parts or ("",)
    ending = _ending(name)
    if ending in _VIDEO:
        return _suffix_kind(name) or _folder_kind(folders, _FOLDERS)
    if ending in _AUDIO:
        is_theme = name.rpartition(".")[0].casefold() == "theme"
        return ExtraKind.THEME_SONG if is_theme else _folder_kind(folders, _AUDIO_FOLDERS)
    return None


def _folder_kind(folders: Sequence[str], kinds: dict[str, ExtraKind]) -> ExtraKind | None:
    deciding = [folders[-1], *reversed(folders[1:-1])] if folders else []
    return next((kinds[name] for folder in deciding if (name := folder.casefold()) in kinds), None)


def _suffix_kind(name: str) -> ExtraKind | None:
    found = _SUFFIX.search(name.rpartition(".")[0].casefold())
    return _SUFFIXES[found[1] or found[2]] if found else None


def _ending(name: str) -> str:
    return name.rpartition(".")[2].casefold() if "." in name else ""
