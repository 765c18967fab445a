"""Subtitles, sound and facts that lie beside a film in files of their own."""

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from server.media.video_names.endings import AUDIO, SUBTITLE, ending
from server.media.video_names.languages import language


class SidecarKind(StrEnum):
    """What a file beside a film holds."""

    AUDIO = "audio"
    NFO = "nfo"
    SUBTITLE = "subtitle"


class Sidecar(Struct, frozen=True, kw_only=True):
    """What the name of a file beside a film says; `language` as ISO 639-2/B, None where the name has none."""

    kind: SidecarKind
    language: str | None = None
    title: str | None = None
    is_default: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False


_FORMATS: Final = {
    **dict.fromkeys(("ass", "ssa"), "ass"),
    **dict.fromkeys(("sami", "smi"), "sami"),
    **dict.fromkeys(("idx", "sub"), "dvd_subtitle"),
    "srt": "subrip",
    "sup": "hdmv_pgs_subtitle",
    "vtt": "webvtt",
}
_DEFAULT: Final = frozenset({"default"})
_FORCED: Final = frozenset({"forced", "foreign"})
_IMPAIRED: Final = frozenset({"sdh", "cc"})
_HINDI: Final = "hi"  # also "hearing impaired", where another language is named
_WORDS = re.compile(r"[\s._()\[\]{}]+|-(?![a-z]{2}$|[A-Z]{2}$)")
_NUMBER = re.compile(r"\d{1,3}")


def sidecar_kind(name: str) -> SidecarKind | None:
    """Return what a file holds that may lie beside a film, by its ending."""
    match ending(name):
        case "nfo":
            return SidecarKind.NFO
        case found if found in SUBTITLE:
            return SidecarKind.SUBTITLE
        case found if found in AUDIO:
            return SidecarKind.AUDIO
        case _:
            return None


def subtitle_format(name: str) -> str:
    """Return FFmpeg's name for the format of a subtitle's file, by its ending."""
    return _FORMATS.get(ending(name), ending(name))


def sidecar(kind: SidecarKind, rest: str) -> Sidecar:
    """Return what the rest of a name says, that is what stands between the film's name and the ending.

    Language and flags come in any order; with several languages the last one counts. What is neither is the title.
    """
    if kind is SidecarKind.NFO:
        return Sidecar(kind=kind)
    words = [word for word in _split(rest) if word]
    folded = [word.casefold() for word in words]
    spoken = _language_at(folded)
    is_hindi = spoken is not None and folded[spoken] == _HINDI
    impaired = _IMPAIRED if is_hindi or spoken is None else _IMPAIRED | {_HINDI}
    flags = _DEFAULT | _FORCED | impaired
    title = [word for at, word in enumerate(words) if at != spoken and folded[at] not in flags]
    return Sidecar(
        kind=kind,
        language=None if spoken is None else language(words[spoken]),
        title=".".join(title) or None,
        is_default=not _DEFAULT.isdisjoint(folded),
        is_forced=not _FORCED.isdisjoint(folded),
        is_hearing_impaired=not impaired.isdisjoint(folded),
    )


def _split(rest: str) -> list[str]:
    """Return the words; dots part them where there are dots, so that a title may have spaces."""
    if rest.startswith("."):
        return [word.strip() for word in rest.split(".")]
    words = _WORDS.split(rest)
    return words[1:] if words and _NUMBER.fullmatch(words[0]) else words  # "2_English.srt"


def _language_at(words: list[str]) -> int | None:
    spoken = [at for at, word in enumerate(words) if language(word)]
    others = [at for at in spoken if words[at] != _HINDI]
    return next(iter([*others[::-1], *spoken[::-1]]), None)
