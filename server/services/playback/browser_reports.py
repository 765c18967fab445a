"""What a browser reports of itself, as capabilities. Pure."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from server.services.playback.capabilities import (
    Capabilities,
    Condition,
    DirectPlay,
    Form,
    Rule,
    SubtitleFormat,
    Target,
    these,
)
from server.services.playback.facts import Fact

_Name = Annotated[str, Meta(pattern="^[a-z0-9_]{1,40}$")]
type _Transfer = Literal["sdr", "pq", "hlg"]
_Count = Annotated[int, Meta(ge=1, le=2**53)]


class ContainerReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A container and the codecs that the browser plays in it."""

    container: _Name
    video_codecs: Annotated[tuple[_Name, ...], Meta(max_length=50)]
    audio_codecs: Annotated[tuple[_Name, ...], Meta(max_length=50)]


class VideoReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a codec the browser plays smoothly; without a profile it is true of all profiles.

    Profiles and levels are FFmpeg's: "main 10", 153. Several of one codec are alternatives.
    """

    codec: _Name
    profile: Annotated[str, Meta(pattern="^[a-z0-9: ]{1,40}$")] | None = None
    max_level: _Count | None = None
    max_width_px: _Count | None = None
    max_height_px: _Count | None = None
    max_frame_rate: Annotated[float, Meta(gt=0, le=1_000)] | None = None
    max_bit_depth: Annotated[int, Meta(ge=8, le=16)] = 8
    transfers: Annotated[tuple[_Transfer, ...], Meta(min_length=1, max_length=3)] = ("sdr",)


class AudioReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many channels of a codec the browser plays."""

    codec: _Name
    max_channel_count: _Count | None = None


class BrowserReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a browser found out about itself by MediaCapabilities.

    A codec counts only with a report of its own; `hls` is what it takes in segments of fragmented MP4.
    """

    files: Annotated[tuple[ContainerReport, ...], Meta(max_length=20)] = ()
    hls: ContainerReport | None = None
    video: Annotated[tuple[VideoReport, ...], Meta(max_length=100)] = ()
    audio: Annotated[tuple[AudioReport, ...], Meta(max_length=50)] = ()
    subtitles: Annotated[tuple[_Name, ...], Meta(max_length=20)] = ("webvtt",)
    max_bitrate_bps: _Count | None = None


# No browser smooths an interlaced picture, or plays another sound of a file than the first.
_NO_COMBING: Final = Condition(fact=Fact.IS_INTERLACED, none_of=(True,))
_FIRST_SOUND: Final = Rule(
    of="audio", alternatives=((Condition(fact=Fact.IS_SECONDARY_AUDIO, none_of=(True,)),),)
)
_RANGES: Final = {
    "sdr": ("sdr", "dolby_vision_sdr"),
    "pq": ("hdr10", "dolby_vision_hdr10"),
    "hlg": ("hlg", "dolby_vision_hlg"),
}


def capabilities_of_browser(report: BrowserReport) -> Capabilities:
    """Return what a browser can do."""
    video, audio = {one.codec for one in report.video}, {one.codec for one in report.audio}
    return Capabilities(
        direct_play=tuple(
            DirectPlay(
                containers=these([file.container]),
                video_codecs=these(video.intersection(file.video_codecs)),
                audio_codecs=these(audio.intersection(file.audio_codecs)),
            )
            for file in report.files
        ),
        targets=(_hls_target(report.hls, video, audio),) if report.hls else (),
        rules=(
            _FIRST_SOUND,
            *(_video_rule(codec, report.video) for codec in sorted(video)),
            *(_audio_rule(codec, report.audio) for codec in sorted(audio)),
        ),
        subtitles=tuple(SubtitleFormat(format=name) for name in report.subtitles),
        max_bitrate_bps=report.max_bitrate_bps,
    )


def _hls_target(hls: ContainerReport, video: set[str], audio: set[str]) -> Target:
    return Target(
        form=Form("hls", hls.container),
        video_codecs=tuple(codec for codec in hls.video_codecs if codec in video),
        audio_codecs=tuple(codec for codec in hls.audio_codecs if codec in audio),
    )


def _video_rule(codec: str, reports: Iterable[VideoReport]) -> Rule:
    alternatives = tuple(_video_conditions(one) for one in reports if one.codec == codec)
    return Rule(of="video", codecs=these([codec]), alternatives=alternatives)


def _video_conditions(report: VideoReport) -> tuple[Condition, ...]:
    ranges = tuple(name for transfer in report.transfers for name in _RANGES[transfer])
    most = {
        Fact.VIDEO_LEVEL: report.max_level,
        Fact.WIDTH: report.max_width_px,
        Fact.HEIGHT: report.max_height_px,
        Fact.FRAME_RATE: report.max_frame_rate,
        Fact.VIDEO_BIT_DEPTH: report.max_bit_depth,
    }
    profiles = (report.profile,) if report.profile else ()
    return (
        Condition(fact=Fact.VIDEO_PROFILE, any_of=profiles),
        *(Condition(fact=fact, at_most=limit) for fact, limit in most.items() if limit is not None),
        Condition(fact=Fact.VIDEO_RANGE, any_of=ranges),
        _NO_COMBING,
    )


def _audio_rule(codec: str, reports: Iterable[AudioReport]) -> Rule:
    return Rule(
        of="audio",
        codecs=these([codec]),
        alternatives=tuple(
            (Condition(fact=Fact.AUDIO_CHANNELS, at_most=one.max_channel_count),)
            for one in reports
            if one.codec == codec
        ),
    )
