"""What is known of a film and of the two streams that would play, by the names that clients' conditions use. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from server.media.model import Probed, Stream


class Fact(StrEnum):
    """What a condition may ask for; the last two are never known."""

    STREAM_COUNT = "stream_count"
    VIDEO_STREAM_COUNT = "video_stream_count"
    AUDIO_STREAM_COUNT = "audio_stream_count"
    VIDEO_PROFILE = "video_profile"
    VIDEO_LEVEL = "video_level"
    VIDEO_RANGE = "video_range"
    VIDEO_TAG = "video_tag"
    VIDEO_BIT_DEPTH = "video_bit_depth"
    VIDEO_BITRATE = "video_bitrate_bps"
    WIDTH = "width_px"
    HEIGHT = "height_px"
    FRAME_RATE = "frame_rate"
    ROTATION = "rotation_deg"
    IS_INTERLACED = "is_interlaced"
    IS_ANAMORPHIC = "is_anamorphic"
    AUDIO_PROFILE = "audio_profile"
    AUDIO_CHANNELS = "audio_channel_count"
    AUDIO_BITRATE = "audio_bitrate_bps"
    AUDIO_SAMPLE_RATE = "audio_sample_rate_hz"
    IS_SECONDARY_AUDIO = "is_secondary_audio"
    AUDIO_BIT_DEPTH = "audio_bit_depth"
    REFERENCE_FRAMES = "reference_frame_count"


type Value = str | int | float | bool
type Facts = Mapping[Fact, Value]

# Dolby Vision's bl_signal_compatibility_id: what its picture is to a screen that knows nothing of it.
_BASE_LAYERS = {"1": "hdr10", "2": "sdr", "4": "hlg", "6": "hdr10"}
_RANGES = {"sdr": "sdr", "pq": "hdr10", "hlg": "hlg"}


def facts_of(media: Probed, video: Stream, audio: Stream | None) -> Facts:
    """Return what is known; words are in lower case."""
    known = _of_file(media) | _of_video(media, video)
    if audio:
        known |= _of_audio(media, audio)
    return {fact: value for fact, value in known.items() if value is not None}


def video_bitrate_bps(media: Probed, video: Stream) -> int | None:
    """Return the stream's bit rate, else what the other streams leave of the file's; None when unknown."""
    if video.bitrate_bps or not media.bitrate_bps:
        return video.bitrate_bps
    others = sum(stream.bitrate_bps or 0 for stream in media.streams if stream is not video)
    return max(media.bitrate_bps - others, 0) or None


def video_range(video: Stream) -> str | None:
    """Return how bright and wide the colours are: sdr, hdr10, hlg, dolby_vision, dolby_vision_hdr10 …."""
    if video.dolby_vision is None:
        return _RANGES.get(video.transfer or "")
    base = _BASE_LAYERS.get(video.dolby_vision.rpartition(".")[2])
    return f"dolby_vision_{base}" if base else "dolby_vision"


def _of_file(media: Probed) -> dict[Fact, Value | None]:
    kinds = [stream.kind for stream in media.streams if stream.kind != "attachment"]
    return {
        Fact.STREAM_COUNT: len(kinds),
        Fact.VIDEO_STREAM_COUNT: kinds.count("video"),
        Fact.AUDIO_STREAM_COUNT: kinds.count("audio"),
    }


def _of_video(media: Probed, video: Stream) -> dict[Fact, Value | None]:
    return {
        Fact.VIDEO_PROFILE: video.profile and video.profile.lower(),
        Fact.VIDEO_LEVEL: video.level,
        Fact.VIDEO_RANGE: video_range(video),
        Fact.VIDEO_TAG: video.codecs and video.codecs.partition(".")[0].lower(),
        Fact.VIDEO_BIT_DEPTH: video.bit_depth,
        Fact.VIDEO_BITRATE: video_bitrate_bps(media, video),
        Fact.WIDTH: video.width_px,
        Fact.HEIGHT: video.height_px,
        Fact.FRAME_RATE: video.frame_rate,
        Fact.ROTATION: video.rotation_deg,
        Fact.IS_INTERLACED: video.is_interlaced,
        Fact.IS_ANAMORPHIC: None if video.sample_aspect is None else video.sample_aspect != 1,
    }


def _of_audio(media: Probed, audio: Stream) -> dict[Fact, Value | None]:
    first = next((stream for stream in media.streams if stream.kind == "audio"), None)
    return {
        Fact.AUDIO_PROFILE: audio.profile and audio.profile.lower(),
        Fact.AUDIO_CHANNELS: audio.channel_count,
        Fact.AUDIO_BITRATE: audio.bitrate_bps,
        Fact.AUDIO_SAMPLE_RATE: audio.sample_rate_hz,
        Fact.IS_SECONDARY_AUDIO: audio is not first,
    }
