"""Sound that is copied as it is, with silence where some lacks: a player stops at a hole."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.bitstream import BitStreamFilterContext
from av.codec.context import CodecContext
from av.packet import Packet

from server.kernel.workers import WorkerFailed
from server.media.hls.cutter import Cutter
from server.media.hls.film import CodedPacket, Film
from server.media.hls.model import Segment
from server.media.hls.silence import silent_frame
from server.media.hls.track import BEHIND_MS, LATE_MS, LOST_MS, STEP_MS
from server.media.model import Reason

_SETTLED: Final = 4
"""How many packets it takes until an encoder has nothing but silence in it."""

_ENCODERS: Final = {"mp3": "libmp3lame", "opus": "libopus"}


class CopiedSound:
    """A track of sound without holes."""

    def __init__(self, film: Film, stream: Any, cutter: Cutter) -> None:
        self._film = film
        self._stream = stream
        self._cutter = cutter
        self._shift = film.shift(stream)
        self._unit_ms = 1_000 * float(stream.time_base)
        self._next_ms: float = cutter.span_ms[0]
        self._silence: tuple[bytes, float] | None = None
        self._unframed = _Unframed(stream) if _is_framed(stream) else None
        self._template: Any = None if self._unframed else stream
        self.streams = {stream.index}

    @property
    def is_done(self) -> bool:
        """Return whether the last segment is written."""
        return self._cutter.is_done

    def feed(self, packet: CodedPacket) -> Iterator[Segment]:
        """Take a packet; yield the segment that is complete by it."""
        at_ms = self._film.at_ms(packet)
        if at_ms is None or packet.pts is None:
            return
        if not -LATE_MS <= at_ms - self._next_ms <= LOST_MS:
            return
        if self._unframed is not None:
            packet, self._template = self._unframed.of(packet)
        yield from self._fill(at_ms)
        packet.pts = (packet.pts or 0) - self._shift
        yield from self._add(packet, at_ms, (packet.duration or 0) * self._unit_ms)

    def tick(self, at_ms: float) -> Iterator[Segment]:
        """Make silence where the sound stays behind the film; yield the segments that are complete by it."""
        if at_ms - self._next_ms > BEHIND_MS:
            yield from self._fill(self._next_ms + STEP_MS)

    def finish(self, until_ms: float) -> Iterator[Segment]:
        """Yield the last segments, silent where the sound ended before the film."""
        yield from self._fill(min(until_ms, self._cutter.timeline.end_ms))
        yield from self._cutter.write_rest(self._template)

    def _fill(self, to_ms: float) -> Iterator[Segment]:
        if to_ms - self._next_ms <= LATE_MS or self._template is None:
            return
        if self._silence is None:
            self._silence = _silent_packet(self._stream)
        content, length_ms = self._silence
        while self._next_ms + length_ms <= to_ms and not self.is_done:
            packet = Packet(content)
            packet.time_base = self._stream.time_base
            packet.pts = round(self._next_ms / self._unit_ms)
            packet.duration = round(length_ms / self._unit_ms)
            packet.is_keyframe = True
            yield from self._add(packet, self._next_ms, length_ms)

    def _add(self, packet: CodedPacket, at_ms: float, length_ms: float) -> Iterator[Segment]:
        self._next_ms = at_ms + length_ms
        yield from self._cutter.add(packet, at_ms, self._template, may_start=True)


class _Unframed:
    """AAC without the header that transport streams have before each packet: it is said once, for all."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._filter = BitStreamFilterContext("aac_adtstoasc", stream)
        self._holder = av.open(BytesIO(), "w", format="mp4")
        self._template: Any = None

    def of(self, packet: CodedPacket) -> tuple[CodedPacket, Any]:
        """Return a packet without its header, and a stream that says what that said. Raises: WorkerFailed."""
        try:
            (bare,) = self._filter.filter(packet)
        except (av.FFmpegError, ValueError) as error:
            raise WorkerFailed(reason=Reason.DAMAGED, detail="AAC without headers") from error
        bare.time_base = self._stream.time_base
        if self._template is None:
            self._template = self._holder.add_stream_from_template(self._stream)
            self._template.codec_context.extradata = bytes(bare.get_sidedata("new_extradata"))
            self._holder.start_encoding()
        return bare, self._template


def _is_framed(stream: Any) -> bool:
    context = stream.codec_context
    return context.codec.canonical_name == "aac" and not context.extradata


def _silent_packet(stream: Any) -> tuple[bytes, float]:
    """Return a packet of silence that fits a stream, and how long it lasts. Raises: WorkerFailed."""
    name, origin = stream.codec_context.codec.canonical_name, stream.codec_context
    try:
        encoder = cast(AudioCodecContext, CodecContext.create(_ENCODERS.get(name, name), "w"))
        encoder.sample_rate, encoder.layout = origin.sample_rate, origin.layout
        formats = [known.name for known in encoder.codec.audio_formats or []]
        encoder.format = origin.format.name if origin.format.name in formats else formats[0]
        encoder.time_base = stream.time_base
        encoder.open()
        size = encoder.frame_size or 1_024
        frames = [*(silent_frame(encoder, size) for _ in range(_SETTLED)), None]
        packets = [packet for frame in frames for packet in encoder.encode(frame)]
        return bytes(packets[_SETTLED - 1]), 1_000 * size / encoder.sample_rate
    except (av.FFmpegError, ValueError, IndexError, TypeError) as error:
        raise WorkerFailed(reason=Reason.UNSUPPORTED, detail=f"no silence in {name}") from error
