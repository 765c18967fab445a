"""Which streams a viewer gets."""

from collections.abc import Sequence

import pytest

from server.media.model import Stream
from server.services.playback.selection import Wish, sounds, subtitle
from tests.helpers.playback import picture, sound, text

ENGLISH = sound("ac3", 1, is_default=True)
GERMAN = sound("ac3", 2, language="deu", is_default=False)
COMMENT = sound("aac", 3, is_default=True, is_commentary=True)


def _indexes(streams: Sequence[Stream | None]) -> list[int | None]:
    return [stream.index if stream else None for stream in streams]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(), [1]),
        (Wish(audio_index=3), [3]),
        (Wish(audio_index=77), [1]),
        (Wish(audio_languages=("de",)), [2]),
        (Wish(audio_languages=("fr", "ger")), [2]),
        (Wish(audio_languages=("fr",)), [1]),
        (Wish(audio_languages=("en-US", "de")), [1]),
    ],
)
def test_the_sound_is_the_one_wished_for(wish: Wish, expected: list[int]) -> None:
    assert _indexes(sounds([picture(), ENGLISH, GERMAN, COMMENT], wish)) == expected


def test_sounds_that_serve_as_well_are_all_offered() -> None:
    second = sound("aac", 4, language="en", is_default=True)
    assert _indexes(sounds([ENGLISH, GERMAN, second], Wish())) == [1, 4]


def test_another_language_never_serves_as_well() -> None:
    french = sound("aac", 4, language="fre", is_default=True)
    assert _indexes(sounds([ENGLISH, french], Wish())) == [1]


def test_a_silent_film_has_no_sound() -> None:
    assert sounds([picture()], Wish(audio_index=1)) == [None]


def test_five_hundred_sounds_are_not_all_tried() -> None:
    many = [sound(index=index, is_default=False) for index in range(500)]
    assert len(sounds(many, Wish())) < 10


FULL = text(index=10)
FORCED = text(index=11, is_forced=True)
GERMAN_TEXT = text(index=12, language="ger")
DEAF = text(index=13, is_hearing_impaired=True)
TEXTS = [DEAF, FULL, FORCED, GERMAN_TEXT]


@pytest.mark.parametrize(
    ("heard", "wish", "expected"),
    [
        (ENGLISH, Wish(), 11),
        (GERMAN, Wish(), None),
        (None, Wish(), None),
        (ENGLISH, Wish(subtitle_index=-1), None),
        (ENGLISH, Wish(subtitle_index=12), 12),
        (ENGLISH, Wish(subtitle_index=77), 11),
        (ENGLISH, Wish(subtitle_languages=("de",)), 12),
        (GERMAN, Wish(subtitle_languages=("de",)), None),
        (GERMAN, Wish(subtitle_languages=("en",)), 10),
        (ENGLISH, Wish(subtitle_languages=("en", "de")), 11),
        (GERMAN, Wish(subtitle_languages=("fr",)), None),
        (None, Wish(subtitle_languages=("de", "en")), 12),
    ],
)
def test_subtitles_are_those_wished_for_or_needed(
    heard: Stream | None, wish: Wish, expected: int | None
) -> None:
    chosen = subtitle(TEXTS, heard, wish)
    assert (chosen and chosen.index) == expected
