"""Sound made anew as AAC, with silence where some lacks.

A frame of AAC has 1024 samples and is decoded with the help of the one before. All frames of a film stand on one grid
that begins at its start, and each run begins two frames early: so the segments of any two runs join without a seam.
"""

import math
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from server.media.hls.cutter import Cutter
from server.media.hls.film import UNREADABLE, CodedPacket, Film
from server.media.hls.model import EncodeAudio, Segment
from server.media.hls.silence import silent_frame
from server.media.hls.track import BEHIND_MS, LATE_MS, LOST_MS, STEP_MS

_FRAME: Final = 1_024
_EARLY_FRAMES: Final = 2
_EARLY_MS: Final = 500.0
_LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1"}
_RATES_HZ: Final = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)


class EncodedSound:
    """A track of AAC without holes; places are counted in samples from the film's start."""

    def __init__(self, film: Film, stream: Any, cutter: Cutter, track: EncodeAudio) -> None:
        context = stream.codec_context
        self._film = film
        self._decoder = context
        self._cutter = cutter
        self._rate_hz = context.sample_rate if context.sample_rate in _RATES_HZ else _RATES_HZ[0]
        self._layout = _LAYOUTS[track.channel_count]
        self._holder = av.open(BytesIO(), "w", format="mp4")
        self._stream = self._holder.add_stream(
            "aac", rate=self._rate_hz, layout=self._layout, bit_rate=track.bitrate_bps
        )
        self._holder.start_encoding()
        self._encoder: AudioCodecContext = self._stream.codec_context
        self._resampler: tuple[object, AudioResampler] | None = None
        first = math.ceil(cutter.span_ms[0] * self._rate_hz / 1_000 / _FRAME)
        self._next = (first - _EARLY_FRAMES) * _FRAME
        self._has_begun = False
        self.streams = {stream.index}

    @property
    def is_done(self) -> bool:
        """Return whether the last segment is written."""
        return self._cutter.is_done

    def feed(self, packet: CodedPacket) -> Iterator[Segment]:
        """Take a packet; yield the segments that are complete by it."""
        at_ms = self._film.at_ms(packet)
        if at_ms is not None and at_ms < self._next * 1_000 / self._rate_hz - _EARLY_MS:
            return
        for frame in self._decoded(packet):
            for converted in self._converted(frame):
                yield from self._place(converted)

    def tick(self, at_ms: float) -> Iterator[Segment]:
        """Make silence where the sound stays behind the film; yield the segments that are complete by it."""
        if at_ms - self._ms(self._next) > BEHIND_MS:
            yield from self._fill(self._next + self._samples(STEP_MS))

    def finish(self, until_ms: float) -> Iterator[Segment]:
        """Yield the last segments, silent where the sound ended before the film."""
        yield from self._fill(self._samples(min(until_ms, self._cutter.timeline.end_ms)))
        yield from self._cut(self._encoder.encode(None))
        yield from self._cutter.write_rest(self._stream)

    def _decoded(self, packet: CodedPacket) -> list[AudioFrame]:
        try:
            frames: list[AudioFrame] = self._decoder.decode(packet)
        except UNREADABLE:
            return []  # what lacks by it becomes silence
        return frames

    def _converted(self, frame: AudioFrame) -> list[AudioFrame]:
        """Return a frame in the rate and layout of the track; a film may change its own in the middle."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or self._resampler[0] != shape:
            fitting = AudioResampler(format="fltp", layout=self._layout, rate=self._rate_hz)
            self._resampler = shape, fitting
        return self._resampler[1].resample(frame)

    def _place(self, frame: AudioFrame) -> Iterator[Segment]:
        """Put a frame where it belongs: drop what is late, fill what lacks, take small differences as they are."""
        at = self._next
        if frame.pts is not None and frame.time_base is not None:
            at = round(frame.pts * float(frame.time_base) * self._rate_hz) - self._samples(
                self._film.start_ms
            )
        ahead_ms = self._ms(at - self._next)
        if not self._has_begun:
            yield from self._begin(frame, at)
        elif -LATE_MS <= ahead_ms <= LOST_MS:
            if ahead_ms > LATE_MS:
                yield from self._fill(at)
            yield from self._encode(frame)

    def _begin(self, frame: AudioFrame, at: int) -> Iterator[Segment]:
        """Take the first samples, exactly from the place where the track starts."""
        if at + frame.samples <= self._next or self._ms(at - self._next) > LOST_MS:
            return
        self._has_begun = True
        yield from self._fill(at)
        if self._next > at:
            frame = _without_start(frame, self._next - at)
        yield from self._encode(frame)

    def _fill(self, to: int) -> Iterator[Segment]:
        self._has_begun = True
        while self._next < to and not self.is_done:
            yield from self._encode(silent_frame(self._encoder, min(_FRAME, to - self._next)))

    def _encode(self, frame: AudioFrame) -> Iterator[Segment]:
        frame.pts, frame.time_base = self._next, self._encoder.time_base
        self._next += frame.samples
        yield from self._cut(self._encoder.encode(frame))

    def _cut(self, packets: list[CodedPacket]) -> Iterator[Segment]:
        for packet in packets:
            at_ms = self._ms(packet.pts or 0)
            yield from self._cutter.add(packet, at_ms, self._stream, may_start=True)

    def _ms(self, samples: int) -> float:
        return samples * 1_000 / self._rate_hz

    def _samples(self, at_ms: float) -> int:
        return round(at_ms * self._rate_hz / 1_000)


def _without_start(frame: AudioFrame, sample_count: int) -> AudioFrame:
    fifo = AudioFifo()
    frame.pts = None
    fifo.write(frame)
    fifo.read(sample_count)
    rest = fifo.read(partial=True)
    return rest if rest is not None else frame
