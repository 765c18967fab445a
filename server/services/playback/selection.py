"""Which streams of a film a viewer gets. Pure."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from server.media.model import Stream
from server.media.video_names.languages import language

_MOST_SOUNDS: Final = 4
"""A broken file may have five hundred."""


class Wish(Struct, frozen=True, kw_only=True):
    """What a viewer asked for and prefers; languages as codes of two or three letters, the best first.

    An index that no such stream has counts as none; a negative one of subtitles switches them off.
    """

    audio_index: int | None = None
    subtitle_index: int | None = None
    audio_languages: tuple[str, ...] = ()
    subtitle_languages: tuple[str, ...] = ()


def sounds(streams: Sequence[Stream], wish: Wish) -> Sequence[Stream | None]:
    """Return the sound to play, or several in one language that serve as well as each other; None in a silent film."""
    audio = [stream for stream in streams if stream.kind == "audio"]
    for stream in audio:
        if stream.index == wish.audio_index:
            return [stream]
    if not audio:
        return [None]

    def worth(stream: Stream) -> tuple[int, bool, bool]:
        place = _place(stream, wish.audio_languages)
        return place, stream.is_commentary, not stream.is_default

    best = min(audio, key=worth)
    spoken = _language(best)
    alike = [one for one in audio if worth(one) == worth(best) and _language(one) == spoken]
    return alike[:_MOST_SOUNDS]


def subtitle(streams: Sequence[Stream], sound: Stream | None, wish: Wish) -> Stream | None:
    """Return the subtitles to show: those asked for, else a preferred language that is not heard, else forced ones."""
    found = [stream for stream in streams if stream.kind == "subtitle"]
    if wish.subtitle_index is not None:
        if wish.subtitle_index < 0:
            return None
        for stream in found:
            if stream.index == wish.subtitle_index:
                return stream
    heard = _language(sound) if sound else None
    preferred = {_code(word) for word in wish.subtitle_languages}
    if not preferred or heard in preferred:
        forced = (one for one in found if one.is_forced and _language(one) in {heard, None})
        return next(forced, None)
    readable = [one for one in found if _language(one) in preferred]
    return min(readable, key=lambda one: _worth_reading(one, wish), default=None)


def _worth_reading(stream: Stream, wish: Wish) -> tuple[int, bool, bool, bool, bool]:
    return (
        _place(stream, wish.subtitle_languages),
        stream.is_commentary,
        stream.is_forced,
        stream.is_hearing_impaired,
        not stream.is_default,
    )


def _place(stream: Stream, languages: Sequence[str]) -> int:
    spoken = _language(stream)
    codes = [_code(word) for word in languages]
    return codes.index(spoken) if spoken in codes else len(codes)


def _language(stream: Stream) -> str | None:
    return _code(stream.language) if stream.language else None


def _code(word: str) -> str:
    return language(word) or word.lower()
