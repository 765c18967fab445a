"""What a client says of itself in Jellyfin's form, as capabilities. Pure.

The form is `DeviceProfile` of Jellyfin's API (MediaBrowser.Model.Dlna, version 10.11). Only what says something of films
is read. Reading is lenient, as clients are not careful: anything may be absent or null, numbers may be texts, what is
not known is passed over.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from server.kernel.errors import FieldError, Invalid
from server.services.playback.capabilities import (
    Capabilities,
    Condition,
    DirectPlay,
    Form,
    Names,
    Rule,
    Subject,
    SubtitleFormat,
    Target,
)
from server.services.playback.facts import Fact, Value

type Loose = str | int | float | bool | None
# Real clients have a quarter of it; more would only keep the server busy.
type Conditions = Annotated[list[ProfileCondition], Meta(max_length=20)] | None
type Few[T] = Annotated[list[T], Meta(max_length=100)] | None


class ProfileCondition(Struct, frozen=True, rename="pascal"):
    """A demand on one property."""

    condition: Loose = None
    property: Loose = None
    value: Loose = None
    is_required: Loose = None


class DirectPlayProfile(Struct, frozen=True, rename="pascal"):
    """Files that the client plays as they are; lists are joined by commas, an empty one means all."""

    type: Loose = None
    container: Loose = None
    video_codec: Loose = None
    audio_codec: Loose = None


class TranscodingProfile(Struct, frozen=True, rename="pascal"):
    """A stream that the client takes."""

    type: Loose = None
    context: Loose = None
    protocol: Loose = None
    container: Loose = None
    video_codec: Loose = None
    audio_codec: Loose = None
    max_audio_channels: Loose = None
    conditions: Conditions = None


class ContainerProfile(Struct, frozen=True, rename="pascal"):
    """Demands on files."""

    type: Loose = None
    container: Loose = None
    conditions: Conditions = None


class CodecProfile(Struct, frozen=True, rename="pascal"):
    """Demands on streams of some codecs, made where the apply conditions hold."""

    type: Loose = None
    codec: Loose = None
    container: Loose = None
    sub_container: Loose = None
    conditions: Conditions = None
    apply_conditions: Conditions = None


class SubtitleProfile(Struct, frozen=True, rename="pascal"):
    """A format of subtitles and how the client takes it."""

    format: Loose = None
    method: Loose = None
    container: Loose = None


class DeviceProfile(Struct, frozen=True, rename="pascal"):
    """A client."""

    max_streaming_bitrate: Loose = None
    direct_play_profiles: Few[DirectPlayProfile] = None
    transcoding_profiles: Annotated[list[TranscodingProfile], Meta(max_length=40)] | None = None
    container_profiles: Few[ContainerProfile] = None
    codec_profiles: Few[CodecProfile] = None
    subtitle_profiles: Few[SubtitleProfile] = None


def read_device_profile(text: bytes) -> DeviceProfile:
    """Return a profile out of JSON. Raises: Invalid, when it is not of the form at all."""
    try:
        return msgspec.json.decode(text, type=DeviceProfile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(errors=(FieldError("$", str(error)),)) from error


def capabilities_of_device(profile: DeviceProfile) -> Capabilities:
    """Return what a client can do."""
    most = _number(profile.max_streaming_bitrate)
    return Capabilities(
        direct_play=tuple(
            DirectPlay(
                containers=_names(one.container, _CONTAINERS),
                video_codecs=_names(one.video_codec, _CODECS),
                audio_codecs=_names(one.audio_codec, _CODECS),
            )
            for one in profile.direct_play_profiles or ()
            if _word(one.type) == "video" and _word(one.container) != "hls"
        ),
        targets=tuple(
            _target(one)
            for one in profile.transcoding_profiles or ()
            if _word(one.type) == "video" and _word(one.context) in {"", "streaming"}
        ),
        rules=(
            *(
                _file_rule(one)
                for one in profile.container_profiles or ()
                if _word(one.type) == "video"
            ),
            *(
                _stream_rule(one, subject)
                for one in profile.codec_profiles or ()
                if (subject := _SUBJECTS.get(_word(one.type)))
            ),
        ),
        subtitles=tuple(
            _subtitle_format(one)
            for one in profile.subtitle_profiles or ()
            if _word(one.method) in {"embed", "external", "hls"}
        ),
        max_bitrate_bps=int(most) if most and most > 0 else None,
    )


_CONTAINERS: Final = {
    "mkv": "matroska",
    "ts": "mpegts",
    "m2ts": "mpegts",
    "mts": "mpegts",
    "m4v": "mp4",
    "mpg": "mpeg",
    "vob": "mpeg",
    "wmv": "asf",
    "ogv": "ogg",
    "ogm": "ogg",
}
_CODECS: Final = {
    "h265": "hevc",
    "mpeg2": "mpeg2video",
    "dca": "dts",
    "wmv": "wmv3",
    "wma": "wmav2",
}
_SUBTITLES: Final = {
    "srt": "subrip",
    "vtt": "webvtt",
    "ssa": "ass",
    "pgs": "hdmv_pgs_subtitle",
    "pgssub": "hdmv_pgs_subtitle",
    "dvdsub": "dvd_subtitle",
    "vobsub": "dvd_subtitle",
    "sub": "dvd_subtitle",
    "dvbsub": "dvb_subtitle",
}
_FACTS: Final = {
    "numstreams": Fact.STREAM_COUNT,
    "numvideostreams": Fact.VIDEO_STREAM_COUNT,
    "numaudiostreams": Fact.AUDIO_STREAM_COUNT,
    "videoprofile": Fact.VIDEO_PROFILE,
    "videolevel": Fact.VIDEO_LEVEL,
    "videorangetype": Fact.VIDEO_RANGE,
    "videocodectag": Fact.VIDEO_TAG,
    "videobitdepth": Fact.VIDEO_BIT_DEPTH,
    "videobitrate": Fact.VIDEO_BITRATE,
    "width": Fact.WIDTH,
    "height": Fact.HEIGHT,
    "videoframerate": Fact.FRAME_RATE,
    "videorotation": Fact.ROTATION,
    "isinterlaced": Fact.IS_INTERLACED,
    "isanamorphic": Fact.IS_ANAMORPHIC,
    "refframes": Fact.REFERENCE_FRAMES,
    "audioprofile": Fact.AUDIO_PROFILE,
    "audiochannels": Fact.AUDIO_CHANNELS,
    "audiobitrate": Fact.AUDIO_BITRATE,
    "audiosamplerate": Fact.AUDIO_SAMPLE_RATE,
    "audiobitdepth": Fact.AUDIO_BIT_DEPTH,
    "issecondaryaudio": Fact.IS_SECONDARY_AUDIO,
}
_WORDS: Final = {Fact.VIDEO_PROFILE, Fact.VIDEO_RANGE, Fact.VIDEO_TAG, Fact.AUDIO_PROFILE}
_CLAIMS: Final = {Fact.IS_INTERLACED, Fact.IS_ANAMORPHIC, Fact.IS_SECONDARY_AUDIO}
_SUBJECTS: Final[dict[str, Subject]] = {"video": "video", "videoaudio": "audio"}


def _target(profile: TranscodingProfile) -> Target:
    """Return a stream; where no codec is named, those that every client plays."""
    most, name = _number(profile.max_audio_channels), _word(profile.container)
    return Target(
        form=Form(
            "hls" if _word(profile.protocol) == "hls" else "http", _CONTAINERS.get(name, name)
        ),
        video_codecs=tuple(_list(profile.video_codec, _CODECS)) or ("h264",),
        audio_codecs=tuple(_list(profile.audio_codec, _CODECS)) or ("aac",),
        sound=(Condition(fact=Fact.AUDIO_CHANNELS, at_most=most),) if most and most > 0 else (),
        picture=_conditions(profile.conditions),
    )


def _file_rule(profile: ContainerProfile) -> Rule:
    return Rule(
        of="file",
        containers=_names(profile.container, _CONTAINERS),
        alternatives=(_conditions(profile.conditions),),
    )


def _stream_rule(profile: CodecProfile, subject: Subject) -> Rule:
    """Return the demands on streams; in a profile for HLS the sub-container is what the segments are."""
    is_for_hls = _word(profile.container) == "hls"
    container = profile.sub_container if is_for_hls else profile.container
    return Rule(
        of=subject,
        codecs=_names(profile.codec, _CODECS),
        containers=_names(container, _CONTAINERS),
        is_for_hls=is_for_hls,
        when=_conditions(profile.apply_conditions),
        alternatives=(_conditions(profile.conditions),),
    )


def _subtitle_format(profile: SubtitleProfile) -> SubtitleFormat:
    name = _word(profile.format)
    return SubtitleFormat(
        format=_SUBTITLES.get(name, name),
        is_embedded=_word(profile.method) == "embed",
        containers=_names(profile.container, _CONTAINERS),
    )


def _conditions(profiles: Iterable[ProfileCondition] | None) -> tuple[Condition, ...]:
    return tuple(condition for one in profiles or () if (condition := _condition(one)))


def _condition(profile: ProfileCondition) -> Condition | None:
    """Return a condition; None for a property that is not known here, or for a value that makes no sense."""
    fact = _FACTS.get(_word(profile.property))
    if fact is None:
        return None
    words = (word.strip() for word in _word(profile.value).split("|"))
    values = tuple(value for word in words if (value := _value(fact, word)) is not None)
    number = next((value for value in values if isinstance(value, float)), None)
    condition = Condition(fact=fact, is_required=_word(profile.is_required) == "true")
    match _word(profile.condition):
        case "equals" | "equalsany":
            condition = replace(condition, any_of=values)
        case "notequals":
            condition = replace(condition, none_of=values)
        case "lessthanequal":
            condition = replace(condition, at_most=number)
        case "greaterthanequal":
            condition = replace(condition, at_least=number)
        case _:
            return None
    return condition if values else None


def _value(fact: Fact, word: str) -> Value | None:
    if fact is Fact.VIDEO_RANGE:  # "doviwithhdr10"
        return word.replace("dovi", "dolby_vision").replace("with", "_") or None
    if fact in _WORDS:
        return word or None
    if fact in _CLAIMS:
        return {"true": True, "false": False}.get(word)
    return _number(word)


def _names(text: Loose, usual: Mapping[str, str]) -> Names:
    """Return the names of a list; one that begins with a minus means all but these, an empty one all."""
    word = _word(text)
    names = frozenset(_list(word.removeprefix("-"), usual))
    return Names(names, is_all_but=word.startswith("-") or not names)


def _list(text: Loose, usual: Mapping[str, str]) -> list[str]:
    words = (word.strip() for word in _word(text).split(","))
    return [usual.get(word, word) for word in words if word]


def _word(value: Loose) -> str:
    return "" if value is None else str(value).strip().lower()


def _number(value: Loose) -> float | None:
    """Return a finite number; None for what is none."""
    try:
        number = float(_word(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
