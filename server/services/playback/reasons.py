"""Why a film is not sent as it is: as data, with the values that clashed. Pure."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from msgspec import Struct

from server.services.playback.capabilities import Alternatives, Condition, Names
from server.services.playback.facts import Fact, Facts, Value


class ReasonCode(StrEnum):
    """What stands against sending a file or a stream as it is; the sentence is the page's."""

    CONTAINER_NOT_SUPPORTED = "container_not_supported"
    CONTAINER_BITRATE_EXCEEDS_LIMIT = "container_bitrate_exceeds_limit"
    STREAM_COUNT_EXCEEDS_LIMIT = "stream_count_exceeds_limit"
    DIRECT_PLAY_NOT_OFFERED = "direct_play_not_offered"

    VIDEO_CODEC_NOT_SUPPORTED = "video_codec_not_supported"
    VIDEO_CODEC_TAG_NOT_SUPPORTED = "video_codec_tag_not_supported"
    VIDEO_PROFILE_NOT_SUPPORTED = "video_profile_not_supported"
    VIDEO_LEVEL_NOT_SUPPORTED = "video_level_not_supported"
    VIDEO_RANGE_TYPE_NOT_SUPPORTED = "video_range_type_not_supported"
    VIDEO_BIT_DEPTH_NOT_SUPPORTED = "video_bit_depth_not_supported"
    VIDEO_BITRATE_NOT_SUPPORTED = "video_bitrate_not_supported"
    VIDEO_RESOLUTION_NOT_SUPPORTED = "video_resolution_not_supported"
    VIDEO_FRAMERATE_NOT_SUPPORTED = "video_framerate_not_supported"
    VIDEO_ROTATION_NOT_SUPPORTED = "video_rotation_not_supported"
    INTERLACED_VIDEO_NOT_SUPPORTED = "interlaced_video_not_supported"
    ANAMORPHIC_VIDEO_NOT_SUPPORTED = "anamorphic_video_not_supported"
    REF_FRAMES_NOT_SUPPORTED = "ref_frames_not_supported"
    VIDEO_RESOLUTION_EXCEEDS_LIMIT = "video_resolution_exceeds_limit"

    AUDIO_CODEC_NOT_SUPPORTED = "audio_codec_not_supported"
    AUDIO_PROFILE_NOT_SUPPORTED = "audio_profile_not_supported"
    AUDIO_CHANNELS_NOT_SUPPORTED = "audio_channels_not_supported"
    AUDIO_BITRATE_NOT_SUPPORTED = "audio_bitrate_not_supported"
    AUDIO_SAMPLE_RATE_NOT_SUPPORTED = "audio_sample_rate_not_supported"
    AUDIO_BIT_DEPTH_NOT_SUPPORTED = "audio_bit_depth_not_supported"
    SECONDARY_AUDIO_NOT_SUPPORTED = "secondary_audio_not_supported"

    SUBTITLE_CODEC_NOT_SUPPORTED = "subtitle_codec_not_supported"

    NO_VIDEO = "no_video"
    FAILED_BEFORE = "failed_before"
    KEYFRAMES_UNKNOWN = "keyframes_unknown"
    TRANSCODING_NOT_OFFERED = "transcoding_not_offered"
    TRANSCODING_NOT_ALLOWED = "transcoding_not_allowed"
    ENCODER_MISSING = "encoder_missing"
    MACHINE_TOO_SLOW = "machine_too_slow"


class Reason(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reason: what was `found`, and what the client, a limit or this machine takes instead."""

    code: ReasonCode
    found: Value | None = None
    any_of: tuple[Value, ...] = ()
    none_of: tuple[Value, ...] = ()
    at_most: float | None = None
    at_least: float | None = None


_CODES: Final = {
    Fact.STREAM_COUNT: ReasonCode.STREAM_COUNT_EXCEEDS_LIMIT,
    Fact.VIDEO_STREAM_COUNT: ReasonCode.STREAM_COUNT_EXCEEDS_LIMIT,
    Fact.AUDIO_STREAM_COUNT: ReasonCode.STREAM_COUNT_EXCEEDS_LIMIT,
    Fact.VIDEO_PROFILE: ReasonCode.VIDEO_PROFILE_NOT_SUPPORTED,
    Fact.VIDEO_LEVEL: ReasonCode.VIDEO_LEVEL_NOT_SUPPORTED,
    Fact.VIDEO_RANGE: ReasonCode.VIDEO_RANGE_TYPE_NOT_SUPPORTED,
    Fact.VIDEO_TAG: ReasonCode.VIDEO_CODEC_TAG_NOT_SUPPORTED,
    Fact.VIDEO_BIT_DEPTH: ReasonCode.VIDEO_BIT_DEPTH_NOT_SUPPORTED,
    Fact.VIDEO_BITRATE: ReasonCode.VIDEO_BITRATE_NOT_SUPPORTED,
    Fact.WIDTH: ReasonCode.VIDEO_RESOLUTION_NOT_SUPPORTED,
    Fact.HEIGHT: ReasonCode.VIDEO_RESOLUTION_NOT_SUPPORTED,
    Fact.FRAME_RATE: ReasonCode.VIDEO_FRAMERATE_NOT_SUPPORTED,
    Fact.ROTATION: ReasonCode.VIDEO_ROTATION_NOT_SUPPORTED,
    Fact.IS_INTERLACED: ReasonCode.INTERLACED_VIDEO_NOT_SUPPORTED,
    Fact.IS_ANAMORPHIC: ReasonCode.ANAMORPHIC_VIDEO_NOT_SUPPORTED,
    Fact.REFERENCE_FRAMES: ReasonCode.REF_FRAMES_NOT_SUPPORTED,
    Fact.AUDIO_PROFILE: ReasonCode.AUDIO_PROFILE_NOT_SUPPORTED,
    Fact.AUDIO_CHANNELS: ReasonCode.AUDIO_CHANNELS_NOT_SUPPORTED,
    Fact.AUDIO_BITRATE: ReasonCode.AUDIO_BITRATE_NOT_SUPPORTED,
    Fact.AUDIO_SAMPLE_RATE: ReasonCode.AUDIO_SAMPLE_RATE_NOT_SUPPORTED,
    Fact.AUDIO_BIT_DEPTH: ReasonCode.AUDIO_BIT_DEPTH_NOT_SUPPORTED,
    Fact.IS_SECONDARY_AUDIO: ReasonCode.SECONDARY_AUDIO_NOT_SUPPORTED,
}


def clashes(demands: Iterable[Alternatives], facts: Facts) -> Iterator[Reason]:
    """Yield why demands are not met, of each by the alternative that comes nearest."""
    for alternatives in demands:
        failing = (
            [one for one in alternative if not one.holds(facts.get(one.fact))]
            for alternative in alternatives
        )
        for condition in min(failing, key=len, default=[]):
            yield _unmet(condition, facts.get(condition.fact))


def not_among(code: ReasonCode, found: str, names: Names) -> Reason:
    """Return the reason that a name is not among those that are taken."""
    taken = tuple(sorted(names.names))
    if names.is_all_but:
        return Reason(code=code, found=found, none_of=taken)
    return Reason(code=code, found=found, any_of=taken)


def _unmet(condition: Condition, found: Value | None) -> Reason:
    return Reason(
        code=_CODES[condition.fact],
        found=found,
        any_of=condition.any_of,
        none_of=condition.none_of,
        at_most=condition.at_most,
        at_least=condition.at_least,
    )
