"""What is decided about a film: how it is played, and what happens to each of its streams and why."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from server.media.h264 import Profile
from server.services.playback.capabilities import Form
from server.services.playback.reasons import Reason, ReasonCode


class Method(StrEnum):
    """How a film is played: from its file, from copied streams, with a stream encoded anew, or not at all."""

    DIRECT_PLAY = "direct_play"
    REMUX = "remux"
    TRANSCODE = "transcode"
    IMPOSSIBLE = "impossible"


class Action(StrEnum):
    """What happens to a stream; subtitles may also become a file of their own or a part of the picture."""

    COPY = "copy"
    TRANSCODE = "transcode"
    EXTERNAL = "external"
    BURN_IN = "burn_in"
    DROP = "drop"


class VideoEncoding(Struct, frozen=True, kw_only=True):
    """How video is encoded: 8 bits deep, BT.709, progressive, upright, square pixels, never larger than it was.

    The profile is H.264's, None of other codecs; without a highest level the encoder chooses it.
    """

    codec: str
    profile: Profile | None
    max_level: int | None
    width_px: int
    height_px: int
    frame_rate: float | None
    bitrate_bps: int


class AudioEncoding(Struct, frozen=True, kw_only=True):
    """How sound is encoded."""

    codec: str
    channel_count: int
    sample_rate_hz: int
    bitrate_bps: int


class VideoPlan(Struct, frozen=True, kw_only=True):
    """What happens to the picture; it has an encoding if it is transcoded.

    Reasons, here and below, are what keeps the stream from being played as it lies in the file.
    """

    index: int
    action: Action
    encoding: VideoEncoding | None = None
    reasons: tuple[Reason, ...] = ()


class AudioPlan(Struct, frozen=True, kw_only=True):
    """What happens to the sound; it has an encoding if it is transcoded."""

    index: int
    action: Action
    encoding: AudioEncoding | None = None
    reasons: tuple[Reason, ...] = ()


class SubtitlePlan(Struct, frozen=True, kw_only=True):
    """What happens to the subtitles; they have a format if they become a file of their own."""

    index: int
    action: Action
    format: str | None = None
    reasons: tuple[Reason, ...] = ()


class Decision(Struct, frozen=True, kw_only=True):
    """How a film is played; `reasons` are those of the file, each stream has its own."""

    method: Method
    form: Form
    video: VideoPlan | None = None
    audio: AudioPlan | None = None
    subtitle: SubtitlePlan | None = None
    reasons: tuple[Reason, ...] = ()


def all_reasons(decision: Decision) -> tuple[Reason, ...]:
    """Return the reasons of the file and of its streams, each code once."""
    plans = (decision.video, decision.audio, decision.subtitle)
    return distinct(decision.reasons, *(plan.reasons for plan in plans if plan))


def distinct(*groups: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return reasons in their order, the first of each code."""
    found: dict[ReasonCode, Reason] = {}
    for group in groups:
        for reason in group:
            found.setdefault(reason.code, reason)
    return tuple(found.values())
