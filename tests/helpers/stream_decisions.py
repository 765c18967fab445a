"""Jellyfin's test cases of stream decisions read as ours: its media as a probe would find it, its words for reasons."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from server.media.containers import container_name
from server.media.model import Probed, Stream
from server.services.playback.capabilities import Form
from server.services.playback.case import Limits, Machine, Packaging
from server.services.playback.decision import decide
from server.services.playback.device_profiles import capabilities_of_device, read_device_profile
from server.services.playback.plans import Action, Decision, Method, all_reasons
from server.services.playback.selection import Wish

type Json = Mapping[str, Any]

_FOLDER: Final = "jellyfin_stream_data"
_KINDS: Final[Mapping[Any, Literal["video", "audio", "subtitle"]]] = {
    "Audio": "audio",
    "Video": "video",
    "Subtitle": "subtitle",
    0: "audio",
    1: "video",
    2: "subtitle",
}
_TRANSFERS: Final[Mapping[str, Literal["pq", "hlg"]]] = {"smpte2084": "pq", "arib-std-b67": "hlg"}
_MODES: Final = {"Remux": "remux", "DirectStream": "audio encoded", "Transcode": "video encoded"}
_PROTOCOLS: Final = {"": "hls/mpegts", "HLS.mp4": "hls/mp4", "http": "http"}

# What Jellyfin can make: also MPEG-TS, files that are written while they are sent, and every codec of a whole FFmpeg.
_HLS_VIDEO: Final = frozenset({"h264", "hevc", "vp9", "av1"})
_TS_AUDIO: Final = frozenset({"aac", "ac3", "eac3", "mp3"})
_MP4_AUDIO: Final = _TS_AUDIO | {"alac", "flac", "opus", "dts", "truehd"}
_WEBM_VIDEO: Final = frozenset({"vp8", "vp9", "av1"})
_WEBM_AUDIO: Final = frozenset({"vorbis", "opus"})
_JELLYFIN: Final = Machine(
    packagings=tuple(
        Packaging(form=form, video_codecs=video, audio_codecs=audio)
        for form, video, audio in (
            (Form("hls", "mpegts"), _HLS_VIDEO, _TS_AUDIO),
            (Form("hls", "mp4"), _HLS_VIDEO, _MP4_AUDIO),
            (Form("http", "mp4"), _HLS_VIDEO, _MP4_AUDIO | _WEBM_AUDIO),
            (Form("http", "webm"), _WEBM_VIDEO, _WEBM_AUDIO),
        )
    ),
    video_encoders=_HLS_VIDEO | _WEBM_VIDEO,
    audio_encoders=_MP4_AUDIO | _WEBM_AUDIO,
)


def asked_of(case: Json, folder: Path) -> Decision:
    """Return what we decide where Jellyfin's test asks; `folder` holds the case files."""
    client, media = case["input"]["deviceName"], case["input"]["mediaSource"]
    profile = read_device_profile((folder / _FOLDER / f"DeviceProfile-{client}.json").read_bytes())
    source = json.loads((folder / _FOLDER / f"MediaSourceInfo-{media}.json").read_bytes())
    streams = [(raw, _stream(raw)) for raw in source["MediaStreams"]]
    return decide(
        Probed(
            container=_container(source["Container"]),
            media_type="",
            length_ms=None,
            bitrate_bps=source["Bitrate"],
            streams=[stream for raw, stream in streams if not raw.get("IsExternal")],
            chapters=[],
        ),
        capabilities_of_device(profile),
        wish=_wish(case["test"], len(streams)),
        limits=Limits(machine=_JELLYFIN),
        sidecars=[
            stream for raw, stream in streams if raw.get("IsExternal") and stream.kind == "subtitle"
        ],
    )


def method_of(decision: Decision) -> tuple[str, str]:
    """Return what is done, and the form in which a stream of it goes."""
    form = decision.form
    sent = form.protocol if form.protocol == "http" else f"{form.protocol}/{form.container}"
    for plan, word in ((decision.video, "video encoded"), (decision.audio, "audio encoded")):
        if plan and plan.action is Action.TRANSCODE:
            return word, sent
    return str(decision.method), sent if decision.method is Method.REMUX else ""


def wanted_method(expected: Json) -> tuple[str, str]:
    """Return the same of Jellyfin's expectation."""
    match expected["playMethod"]:
        case "DirectPlay":
            return "direct_play", ""
        case "Transcode":
            return _MODES[expected["transcodeMode"]], _PROTOCOLS[expected["transcodeProtocol"]]
        case _:
            return "impossible", ""


def reasons_of(decision: Decision) -> list[str]:
    """Return the codes of all reasons that Jellyfin has a word for."""
    codes = {str(reason.code) for reason in all_reasons(decision)}
    return sorted(codes - {"transcoding_not_offered", "video_resolution_exceeds_limit"})


def wanted_reasons(expected: Json) -> list[str]:
    """Return Jellyfin's reasons in our words."""
    words = expected["why"] or []
    return sorted(_reason(word) for word in ([words] if isinstance(words, str) else words))


def _reason(word: str) -> str:
    if word == "DirectPlayError":
        return "direct_play_not_offered"
    return re.sub(r"(?<!^)([A-Z])", r"_\1", word).lower()


def _wish(test: str, stream_count: int) -> Wish:
    last = stream_count - 1
    if test == "BuildVideoItemWithFirstExplicitStream":
        return Wish(audio_index=1, subtitle_index=last)
    if test == "BuildVideoItemWithDirectPlayExplicitStreams":
        return Wish(audio_index=last - 1, subtitle_index=last)
    return Wish()


def _container(name: str) -> str:
    known = {"mkv": "matroska", "mkv,webm": "webm"}.get(name)
    return known or container_name(name, head=b"")


def _stream(raw: Json) -> Stream:
    level = raw.get("Level", 0)
    is_dolby = raw.get("DvProfile") is not None
    return Stream(
        index=raw.get("Index", 0),
        kind=_KINDS[raw.get("Type", 0)],
        codec="subrip" if raw["Codec"] == "srt" else raw["Codec"],
        codecs=raw.get("CodecTag"),
        profile=raw.get("Profile"),
        level=level if level > 0 else None,
        language=raw.get("Language"),
        is_default=raw.get("IsDefault", False),
        is_forced=raw.get("IsForced", False),
        bitrate_bps=raw.get("BitRate"),
        width_px=raw.get("Width"),
        height_px=raw.get("Height"),
        sample_aspect=1.5 if raw.get("IsAnamorphic") else 1.0,
        rotation_deg=raw.get("Rotation", 0),
        frame_rate=raw.get("ReferenceFrameRate", raw.get("RealFrameRate")),
        bit_depth=raw.get("BitDepth"),
        is_interlaced=raw.get("IsInterlaced", False),
        transfer=_TRANSFERS.get(raw.get("ColorTransfer", ""), "sdr"),
        dolby_vision=f"{raw['DvProfile']}.{raw['DvBlSignalCompatibilityId']}" if is_dolby else None,
        channel_count=raw.get("Channels"),
        sample_rate_hz=raw.get("SampleRate"),
    )
