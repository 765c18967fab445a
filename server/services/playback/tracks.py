"""What a session may ask for: the tracks of a film on one timeline, and the playlists that name them. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import msgspec
from msgspec import Struct

from server.media.hls import model as hls
from server.media.hls.model import INIT_NAME
from server.media.hls.playlists import (
    Rendition,
    Variant,
    media_playlist,
    multivariant_playlist,
)
from server.media.hls.timeline import Timeline
from server.media.model import Stream
from server.services.playback.plans import AudioPlan, VideoPlan

TEXT_CODECS: Final = {"subrip", "ass", "mov_text", "webvtt", "text"}
"""Subtitles that workers turn into WebVTT."""

_TEXT_SEGMENT_MS: Final = 30_000
_STEREO, _SURROUND = 2, 6
_UNKNOWN_VIDEO_BPS: Final = 8_000_000
_PEAK_TO_MEAN: Final = 1.5
_SOUND_BPS: Final = 200_000
_COPIED_SOUND: Final = {
    "aac": "mp4a.40.2",
    "ac3": "ac-3",
    "eac3": "ec-3",
    "mp3": "mp4a.40.34",
    "opus": "Opus",
    "flac": "fLaC",
    "alac": "alac",
}

type TrackKind = Literal["video", "audio", "text"]


class Track(Struct, frozen=True, kw_only=True):
    """A track of a session: `name` in its addresses, `made` as workers are asked for it."""

    name: str
    kind: TrackKind
    made: hls.Track

    @property
    def folder(self) -> str:
        """Return the name of the folder that all tracks share which are made alike."""
        return digest(self.made)

    @property
    def ending(self) -> str:
        """Return how the names of its segments end."""
        return "vtt" if self.kind == "text" else "m4s"


class Tracks(Struct, frozen=True, kw_only=True):
    """The tracks of a film by name, on one timeline; `main` are those that a player begins with."""

    timeline: Timeline
    by_name: Mapping[str, Track]
    main: tuple[Track, ...]
    master: str | None = None

    def playlist(self, name: str) -> str | None:
        """Return the playlist of a track; None where there is no such track."""
        track = self.by_name.get(name)
        if track is None:
            return None
        init_uri = None if track.kind == "text" else INIT_NAME
        return media_playlist(
            self.timeline, lambda number: f"{number}.{track.ending}", init_uri=init_uri
        )


class PlannedSound(Struct, frozen=True, kw_only=True):
    """A sound of a film and what happens to it."""

    stream: Stream
    plan: AudioPlan


class PlannedPicture(Struct, frozen=True, kw_only=True):
    """The picture of a film and what happens to it; `burnt_in` is a stream of subtitles."""

    stream: Stream
    plan: VideoPlan
    made: hls.CopyVideo | hls.EncodeVideo


def digest(thing: object) -> str:
    """Return a short name that equal things share."""
    return hashlib.blake2b(msgspec.msgpack.encode(thing), digest_size=8).hexdigest()


def text_timeline(length_ms: int) -> Timeline:
    """Return the timeline of subtitles beside a file that plays as it lies."""
    starts_ms = tuple(range(0, max(length_ms, 1), _TEXT_SEGMENT_MS))
    return Timeline(starts_ms=starts_ms, end_ms=max(length_ms, 1))


def text_tracks(streams: Iterable[Stream], timeline: Timeline) -> Tracks:
    """Return the subtitles of a film that are text; nothing else of it is made."""
    tracks = [_text(stream) for stream in streams if is_text(stream)]
    return Tracks(timeline=timeline, by_name={track.name: track for track in tracks}, main=())


def film_tracks(
    timeline: Timeline,
    picture: PlannedPicture,
    sounds: Sequence[PlannedSound],
    sound_index: int | None,
    streams: Sequence[Stream],
    sidecars: Sequence[Stream],
) -> Tracks:
    """Return all tracks of a film in segments: its picture, every sound, every subtitle that is text.

    Subtitles in files of their own are named in the playlist only: they are no tracks of the film.
    """
    video = Track(name="v", kind="video", made=picture.made)
    audio = {sound.stream.index: _sound(sound) for sound in sounds}
    texts = [stream for stream in streams if is_text(stream)]
    all_tracks = (video, *audio.values(), *map(_text, texts))
    chosen = audio.get(sound_index) if sound_index is not None else None
    return Tracks(
        timeline=timeline,
        by_name={track.name: track for track in all_tracks},
        main=(video, chosen) if chosen else (video,),
        master=multivariant_playlist(
            [_variant(picture, sounds, has_texts=bool(texts or sidecars))],
            [
                *(_rendition_of_sound(sound, sound_index) for sound in sounds),
                *(_rendition_of_text(stream) for stream in [*texts, *sidecars]),
            ],
        ),
    )


def is_text(stream: Stream) -> bool:
    """Return whether a stream is subtitles that can become WebVTT."""
    return stream.kind == "subtitle" and stream.codec in TEXT_CODECS


def text_name(index: int) -> str:
    """Return the name of a track of subtitles."""
    return f"t{index}"


def _text(stream: Stream) -> Track:
    made = hls.ConvertText(stream=stream.index)
    return Track(name=text_name(stream.index), kind="text", made=made)


def _sound(sound: PlannedSound) -> Track:
    index, encoding = sound.stream.index, sound.plan.encoding
    made: hls.Track = hls.CopyAudio(stream=index)
    if encoding is not None:
        made = hls.EncodeAudio(
            stream=index,
            channel_count=_channel_count(encoding.channel_count),
            bitrate_bps=encoding.bitrate_bps,
        )
    return Track(name=f"a{index}", kind="audio", made=made)


def _channel_count(most: int) -> Literal[1, 2, 6]:
    if most >= _SURROUND:
        return 6
    return 2 if most >= _STEREO else 1


def _variant(
    picture: PlannedPicture, sounds: Sequence[PlannedSound], *, has_texts: bool
) -> Variant:
    stream, made = picture.stream, picture.made
    sound_bps = max((_bitrate_bps(sound) for sound in sounds), default=0)
    if isinstance(made, hls.EncodeVideo):
        codecs, peak_bps = made.codecs, made.peak_bps
        width_px, height_px = made.width_px, made.height_px
    else:
        # The segments carry the tag that Apple's players accept, whatever the file says.
        codecs = (stream.codecs or stream.codec).replace("hev1", "hvc1")
        peak_bps = round((stream.bitrate_bps or _UNKNOWN_VIDEO_BPS) * _PEAK_TO_MEAN)
        width_px, height_px = stream.width_px or 0, stream.height_px or 0
    is_hdr = isinstance(made, hls.CopyVideo) and stream.transfer in {"pq", "hlg"}
    return Variant(
        uri="v/index.m3u8",
        peak_bps=peak_bps + sound_bps,
        codecs=[codecs, *(_codecs(sound) for sound in sounds)],
        width_px=width_px,
        height_px=height_px,
        frame_rate=stream.frame_rate,
        video_range={"pq": "PQ", "hlg": "HLG"}[stream.transfer or ""] if is_hdr else "SDR",  # type: ignore[arg-type]
        audio_group="sound" if sounds else None,
        subtitle_group="text" if has_texts else None,
    )


def _rendition_of_sound(sound: PlannedSound, default_index: int | None) -> Rendition:
    stream, encoding = sound.stream, sound.plan.encoding
    return Rendition(
        kind="AUDIO",
        group="sound",
        name=stream.title or stream.language or f"{stream.index}",
        uri=f"a{stream.index}/index.m3u8",
        language=stream.language,
        is_default=stream.index == default_index,
        channel_count=encoding.channel_count if encoding else stream.channel_count,
    )


def _rendition_of_text(stream: Stream) -> Rendition:
    return Rendition(
        kind="SUBTITLES",
        group="text",
        name=stream.title or stream.language or f"{stream.index}",
        uri=f"{text_name(stream.index)}/index.m3u8",
        language=stream.language,
        is_forced=stream.is_forced,
        is_hearing_impaired=stream.is_hearing_impaired,
    )


def _codecs(sound: PlannedSound) -> str:
    if sound.plan.encoding is not None:
        return _COPIED_SOUND["aac"]
    return sound.stream.codecs or _COPIED_SOUND.get(sound.stream.codec, sound.stream.codec)


def _bitrate_bps(sound: PlannedSound) -> int:
    if sound.plan.encoding is not None:
        return sound.plan.encoding.bitrate_bps
    return sound.stream.bitrate_bps or _SOUND_BPS
