"""What a client can play and what it takes instead, in one form however it was told. Pure.

Codecs, containers and subtitle formats go by FFmpeg's names ("hevc", "matroska", "subrip") in lower case.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct

from server.services.playback.facts import Fact, Facts, Value

type Protocol = Literal["file", "hls", "http"]


class Form(Struct, frozen=True):
    """How bytes reach a client: the file as it lies, or a stream made of it; and their container."""

    protocol: Protocol
    container: str


class Names(Struct, frozen=True):
    """These names, or all but these."""

    names: frozenset[str] = frozenset()
    is_all_but: bool = True

    def __contains__(self, name: str) -> bool:
        return (name in self.names) is not self.is_all_but


ANY: Final = Names()


def these(names: Iterable[str]) -> Names:
    """Return these names and no others."""
    return Names(frozenset(names), is_all_but=False)


class Condition(Struct, frozen=True, kw_only=True):
    """A demand on one fact; what is not known passes, unless `is_required`."""

    fact: Fact
    any_of: tuple[Value, ...] = ()
    none_of: tuple[Value, ...] = ()
    at_most: float | None = None
    at_least: float | None = None
    is_required: bool = False

    def holds(self, value: Value | None) -> bool:
        """Return whether a value passes; words have no size."""
        if value is None:
            return not self.is_required
        number = 0.0 if isinstance(value, str) else value
        return (
            (not self.any_of or value in self.any_of)
            and value not in self.none_of
            and (self.at_most is None or number <= self.at_most)
            and (self.at_least is None or number >= self.at_least)
        )


type Alternatives = Sequence[Sequence[Condition]]
type Subject = Literal["file", "video", "audio"]


class Rule(Struct, frozen=True, kw_only=True):
    """What a client demands of files, or of streams of some codecs in some containers.

    All conditions of one of the `alternatives` must hold, where all of `when` do. What a rule for HLS says of a fact
    outranks what other rules say of it.
    """

    of: Subject
    alternatives: tuple[tuple[Condition, ...], ...]
    when: tuple[Condition, ...] = ()
    codecs: Names = ANY
    containers: Names = ANY
    is_for_hls: bool = False


class DirectPlay(Struct, frozen=True, kw_only=True):
    """Files that the client plays as they are."""

    containers: Names = ANY
    video_codecs: Names = ANY
    audio_codecs: Names = ANY


class Target(Struct, frozen=True, kw_only=True):
    """A stream that the client takes instead of a file; codecs in the order in which it prefers them.

    `sound` is demanded of any sound in it, `picture` only of one that is encoded anew.
    """

    form: Form
    video_codecs: tuple[str, ...]
    audio_codecs: tuple[str, ...]
    sound: tuple[Condition, ...] = ()
    picture: tuple[Condition, ...] = ()


class SubtitleFormat(Struct, frozen=True, kw_only=True):
    """Subtitles that the client shows by itself: inside a file of some containers, or from a file of their own."""

    format: str
    is_embedded: bool = False
    containers: Names = ANY


class Capabilities(Struct, frozen=True, kw_only=True):
    """What a client can do; targets and subtitles in the order in which it prefers them."""

    direct_play: tuple[DirectPlay, ...] = ()
    targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    subtitles: tuple[SubtitleFormat, ...] = ()
    max_bitrate_bps: int | None = None

    def demands(self, of: Subject, codec: str, form: Form, facts: Facts) -> list[Alternatives]:
        """Return what is demanded in a form: of each element one alternative must hold, all conditions of it."""
        rules = [
            rule
            for rule in self.rules
            if rule.of == of
            and codec in rule.codecs
            and form.container in rule.containers
            and (form.protocol == "hls" or not rule.is_for_hls)
            and all(condition.holds(facts.get(condition.fact)) for condition in rule.when)
        ]
        ours = set[Fact]() if form.protocol == "file" else _OURS_IN_A_STREAM
        of_hls = _facts_of_hls(rules)
        return [
            [
                [
                    one
                    for one in alternative
                    if one.fact not in ours and (rule.is_for_hls or one.fact not in of_hls)
                ]
                for alternative in rule.alternatives
            ]
            for rule in rules
        ]


# Whoever makes the stream writes the tag that players know, and sends one sound only.
_OURS_IN_A_STREAM: Final = {Fact.VIDEO_TAG, Fact.IS_SECONDARY_AUDIO}


def _facts_of_hls(rules: Iterable[Rule]) -> set[Fact]:
    return {
        condition.fact
        for rule in rules
        if rule.is_for_hls
        for alternative in rule.alternatives
        for condition in alternative
    }
