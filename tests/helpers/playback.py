"""Films and clients that tests decide about: as a probe finds them, as they report themselves."""

from typing import Any

from msgspec.structs import replace

from server.media.model import Probed, Stream
from server.services.playback.browser_reports import (
    AudioReport,
    BrowserReport,
    ContainerReport,
    VideoReport,
)


def picture(codec: str = "h264", **changes: Any) -> Stream:
    """Return a film's video: plain 1080p of 6 Mbit/s."""
    plain = Stream(
        index=0,
        kind="video",
        codec=codec,
        profile="High" if codec == "h264" else "Main",
        level=40,
        bitrate_bps=6_000_000,
        width_px=1920,
        height_px=1080,
        sample_aspect=1.0,
        rotation_deg=0,
        frame_rate=24.0,
        bit_depth=8,
        is_interlaced=False,
        transfer="sdr",
    )
    return replace(plain, **changes)


def sound(codec: str = "aac", index: int = 1, **changes: Any) -> Stream:
    """Return a film's sound: English stereo."""
    plain = Stream(
        index=index,
        kind="audio",
        codec=codec,
        language="eng",
        bitrate_bps=192_000,
        channel_count=2,
        sample_rate_hz=48_000,
        is_default=index == 1,
    )
    return replace(plain, **changes)


def text(codec: str = "subrip", index: int = 9, **changes: Any) -> Stream:
    """Return subtitles: English."""
    plain = Stream(index=index, kind="subtitle", codec=codec, language="eng")
    return replace(plain, **changes)


def film(*streams: Stream, container: str = "mp4", bitrate_bps: int | None = None) -> Probed:
    """Return a film of an hour, a plain one if no streams are given."""
    streams = streams or (picture(), sound())
    known = [stream.bitrate_bps or 0 for stream in streams]
    return Probed(
        container=container,
        media_type="",
        length_ms=3_600_000,
        bitrate_bps=sum(known) if bitrate_bps is None else bitrate_bps,
        streams=list(streams),
        chapters=[],
    )


CHROMIUM = BrowserReport(
    files=(
        ContainerReport(
            container="mp4",
            video_codecs=("h264", "vp9", "av1"),
            audio_codecs=("aac", "mp3", "opus", "flac"),
        ),
        ContainerReport(
            container="webm",
            video_codecs=("vp8", "vp9", "av1"),
            audio_codecs=("opus", "vorbis"),
        ),
    ),
    hls=ContainerReport(
        container="mp4",
        video_codecs=("h264", "vp9", "av1"),
        audio_codecs=("aac", "mp3", "opus", "flac"),
    ),
    video=(
        *(
            VideoReport(codec="h264", profile=profile, max_level=52)
            for profile in ("constrained baseline", "main", "high")
        ),
        VideoReport(codec="vp8"),
        VideoReport(codec="vp9", profile="profile 0"),
        VideoReport(codec="vp9", profile="profile 2", max_bit_depth=10, transfers=("sdr", "pq")),
        VideoReport(codec="av1", max_bit_depth=10, max_width_px=3840, transfers=("sdr", "pq")),
    ),
    audio=tuple(AudioReport(codec=codec) for codec in ("aac", "mp3", "opus", "flac", "vorbis")),
)
