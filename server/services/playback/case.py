"""One film for one client: what stands against sending its streams as they are. Pure."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from server.media.hls.ladder import shown_size
from server.media.model import Probed, Stream
from server.services.playback.capabilities import Capabilities, Condition, Form, Names, these
from server.services.playback.facts import Facts, facts_of, video_bitrate_bps
from server.services.playback.plans import Action, Method, SubtitlePlan, distinct
from server.services.playback.reasons import Reason, ReasonCode, clashes, not_among


class Packaging(Struct, frozen=True, kw_only=True):
    """A stream that this machine can make, and the codecs that go into it."""

    form: Form
    video_codecs: frozenset[str]
    audio_codecs: frozenset[str]


HLS_FMP4: Final = Packaging(
    form=Form("hls", "mp4"),
    video_codecs=frozenset({"h264", "hevc", "vp9", "av1"}),
    audio_codecs=frozenset({"aac", "ac3", "eac3", "mp3", "opus", "flac", "alac"}),
)


class Machine(Struct, frozen=True, kw_only=True):
    """What this machine can make; `px_per_s` is how fast it encodes, None where nobody measured."""

    packagings: tuple[Packaging, ...] = (HLS_FMP4,)
    video_encoders: frozenset[str] = frozenset({"h264"})
    audio_encoders: frozenset[str] = frozenset({"aac"})
    px_per_s: float | None = None


class Limits(Struct, frozen=True, kw_only=True):
    """What a viewer may have and this machine can do; `max_height_px` is of the picture's shorter side.

    `failed` are ways that the client tried in vain. Without known key frames a picture cannot be cut into segments.
    """

    max_bitrate_bps: int | None = None
    max_height_px: int | None = None
    may_transcode: bool = True
    has_keyframes: bool = True
    failed: frozenset[Method] = frozenset()
    machine: Machine = Machine()


_PICTURES: Final = {"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub"}
_TEXTS: Final = {"subrip", "ass", "webvtt", "mov_text", "text", "microdvd", "sami", "eia_608"}
_TEXTS_MADE: Final = {"webvtt", "subrip"}


class Case(Struct, frozen=True, kw_only=True, dict=True):
    """A film with the streams that are wanted of it; `dict` keeps what is computed once."""

    media: Probed
    client: Capabilities
    limits: Limits
    video: Stream
    audio: Stream | None
    subtitle: Stream | None

    @cached_property
    def facts(self) -> Facts:
        """What is known of the film."""
        return facts_of(self.media, self.video, self.audio)

    @cached_property
    def most_bps(self) -> int | None:
        """The narrower of the client's line and the viewer's limit."""
        given = (self.client.max_bitrate_bps, self.limits.max_bitrate_bps)
        return min((limit for limit in given if limit is not None), default=None)

    @cached_property
    def video_bps(self) -> int:
        """The picture's bit rate; 0 when unknown."""
        return video_bitrate_bps(self.media, self.video) or 0

    @cached_property
    def audio_bps(self) -> int:
        """The sound's bit rate; 0 when unknown."""
        return (self.audio and self.audio.bitrate_bps) or 0

    def against_file(self, form: Form) -> tuple[Reason, ...]:
        """Return what stands against the file as a whole."""
        demands = self.client.demands("file", "", form, self.facts)
        return (*self.against_bitrate(self.media.bitrate_bps or 0), *clashes(demands, self.facts))

    def against_bitrate(self, found_bps: int) -> tuple[Reason, ...]:
        """Return whether a bit rate is too much for the line."""
        if self.most_bps is None or found_bps <= self.most_bps:
            return ()
        code = ReasonCode.CONTAINER_BITRATE_EXCEEDS_LIMIT
        return (Reason(code=code, found=found_bps, at_most=self.most_bps),)

    def against_trying(self, method: Method) -> tuple[Reason, ...]:
        """Return whether the client tried a way in vain."""
        return (Reason(code=ReasonCode.FAILED_BEFORE),) if method in self.limits.failed else ()

    def against_cutting(self, form: Form) -> tuple[Reason, ...]:
        """Return whether it is not known where the picture can be cut into segments."""
        is_cut = form.protocol == "hls" and not self.limits.has_keyframes
        return (Reason(code=ReasonCode.KEYFRAMES_UNKNOWN),) if is_cut else ()

    def against_video(self, form: Form, codecs: Names) -> tuple[Reason, ...]:
        """Return what stands against the picture; of a codec that is not taken nothing more is asked."""
        codec = self.video.codec
        if codec not in codecs:
            return (not_among(ReasonCode.VIDEO_CODEC_NOT_SUPPORTED, codec, codecs),)
        demands = self.client.demands("video", codec, form, self.facts)
        return distinct(clashes(demands, self.facts), self._against_height())

    def against_audio(
        self, form: Form, codecs: Names, also: Sequence[Condition] = ()
    ) -> tuple[Reason, ...]:
        """Return what stands against the sound, like `against_video`; nothing in a silent film."""
        if self.audio is None:
            return ()
        codec = self.audio.codec
        if codec not in codecs:
            return (not_among(ReasonCode.AUDIO_CODEC_NOT_SUPPORTED, codec, codecs),)
        demands = self.client.demands("audio", codec, form, self.facts)
        return distinct(clashes([*demands, [also]], self.facts))

    def subtitle_plan(self, form: Form) -> SubtitlePlan | None:
        """Return how the subtitles are shown: by the client where it can, text turned into a text that it knows."""
        read = self.subtitle
        if read is None:
            return None
        if form.protocol == "file" and self._shows_inside(read):
            return SubtitlePlan(index=read.index, action=Action.COPY)
        taken = [one.format for one in self.client.subtitles if not one.is_embedded]
        made = _TEXTS_MADE if read.codec in _TEXTS else set[str]()
        format_name = next((name for name in taken if name == read.codec), None) or next(
            (name for name in taken if name in made), None
        )
        if format_name:
            return SubtitlePlan(index=read.index, action=Action.EXTERNAL, format=format_name)
        code = ReasonCode.SUBTITLE_CODEC_NOT_SUPPORTED
        return SubtitlePlan(
            index=read.index,
            action=Action.BURN_IN if read.codec in _PICTURES else Action.DROP,
            reasons=(not_among(code, read.codec, these(taken)),),
        )

    def _shows_inside(self, read: Stream) -> bool:
        is_inside = any(read is stream for stream in self.media.streams)
        return is_inside and any(
            one.is_embedded and one.format == read.codec and self.media.container in one.containers
            for one in self.client.subtitles
        )

    def _against_height(self) -> tuple[Reason, ...]:
        most, found = self.limits.max_height_px, min(shown_size(self.video))
        if most is None or found <= most:
            return ()
        code = ReasonCode.VIDEO_RESOLUTION_EXCEEDS_LIMIT
        return (Reason(code=code, found=found, at_most=most),)
