"""Pictures made anew as H.264: every segment of the timeline gets a key frame at its start, and one picture at least.

The first segments of a run are made in haste, so that a viewer waits little; then x264 takes its time.
"""

from collections.abc import Iterator
from typing import Any, Final

from av.video.frame import PictureType, VideoFrame

from server.media.hls.burnt_in import BurntIn
from server.media.hls.cutter import Cutter
from server.media.hls.film import CodedPacket, Film
from server.media.hls.filters import SCREEN
from server.media.hls.model import EncodeVideo, Segment
from server.media.hls.pictures import CLOCK_HZ, UNIT, Pictures
from server.media.hls.track import BEHIND_MS, LOST_MS
from server.media.hls.x264 import Encoder

_HASTY_SEGMENTS: Final = 2
_USUAL_FPS: Final = 25
_CLOSEST: Final = CLOCK_HZ // 250
_ROUNDING: Final = 1.01
_EARLY: Final = 0.25
"""How much of the time that a picture stands it may come early: containers round."""

_MS: Final = CLOCK_HZ // 1_000
_LATE_START: Final = CLOCK_HZ // 2


class EncodedVideo:
    """A track of H.264."""

    def __init__(
        self,
        film: Film,
        stream: Any,
        cutter: Cutter,
        track: EncodeVideo,
        burnt_in: BurntIn | None,
    ) -> None:
        self._film = film
        self._burnt_in = burnt_in
        self._cutter = cutter
        self._track = track
        self._rate = float(stream.average_rate or stream.guessed_rate or _USUAL_FPS)
        self._pictures = Pictures(film, stream, track.width_px, track.height_px)
        self._since_keyframe: list[CodedPacket] | None = []
        self._encoder: Encoder | None = None
        self._begun_count = 0
        self._number = cutter.number - 1
        self._shown: VideoFrame | None = None
        self._last_at = -CLOCK_HZ
        self.streams = {stream.index} | ({burnt_in.stream} if burnt_in else set())

    @property
    def is_done(self) -> bool:
        """Return whether the last segment is written."""
        return self._cutter.is_done

    def feed(self, packet: CodedPacket) -> Iterator[Segment | None]:
        """Take a packet; yield the segments that are complete by it."""
        if self._burnt_in is not None and packet.stream.index == self._burnt_in.stream:
            self._burnt_in.feed(packet)
            return
        for ready in self._from_keyframe(packet):
            yield from self._decode(ready)

    def tick(self, at_ms: float) -> Iterator[Segment | None]:
        """Let a picture stand where no other comes; yield the segments that are complete by it."""
        if self._shown is not None and at_ms - self._last_at / _MS > BEHIND_MS:
            yield from self._stand(self._number + 2, at_ms - BEHIND_MS)

    def finish(self, until_ms: float) -> Iterator[Segment | None]:
        """Yield the last segments; the last picture stands where the pictures end before the film."""
        for packet in [*(self._since_keyframe or []), None]:
            yield from self._decode(packet)
        yield from self._stand(None, until_ms)
        if self._encoder is not None:
            yield from self._cut(self._encoder.encode(None))
            yield from self._cutter.write_rest(self._encoder.stream)

    def _from_keyframe(self, packet: CodedPacket) -> list[CodedPacket]:
        """Return what is to be decoded now: nothing until the first segment begins, then from the last key frame on."""
        if self._since_keyframe is None:
            return [packet]
        at_ms = self._film.at_ms(packet)
        is_before = at_ms is None or at_ms < self._cutter.span_ms[0]
        if packet.is_keyframe and is_before:
            self._since_keyframe = []
        if packet.is_keyframe or self._since_keyframe:
            self._since_keyframe.append(packet)
        if is_before or not self._since_keyframe:
            return []
        ready, self._since_keyframe = self._since_keyframe, None
        return ready

    def _decode(self, packet: CodedPacket | None) -> Iterator[Segment | None]:
        for at, picture in self._pictures.of(packet):
            yield None
            if self._is_wanted(at):
                yield from self._take(picture, at)

    def _is_wanted(self, at: int) -> bool:
        """Return whether a picture has a place: not before the run, not among those already there, not far away."""
        if self._shown is None:
            return at >= 0 and self._cutter.timeline.number_at(at / _MS) > self._number
        return _CLOSEST < at - self._last_at <= LOST_MS * _MS and not self._is_too_many(at)

    def _is_too_many(self, at: int) -> bool:
        """Return whether a picture has to share its time with the one before, in a film that has more than are wanted."""
        most_fps = self._track.most_fps
        times = [int(time * most_fps / CLOCK_HZ + _EARLY) for time in (self._last_at, at)]
        return self._rate > most_fps * _ROUNDING and times[0] == times[1]

    def _take(self, picture: VideoFrame, at: int) -> Iterator[Segment]:
        timeline = self._cutter.timeline
        number = timeline.number_at(at / _MS)
        if self._burnt_in is not None:
            picture = self._burnt_in.onto(picture, at)
        if self._shown is None:
            self._shown = picture
        yield from self._stand(number, at / _MS)
        if number > self._number and at - timeline.starts_ms[number] * _MS > _LATE_START:
            yield from self._stand(number + 1, at / _MS)
        yield from self._encode(picture, at, number)
        self._shown = picture

    def _stand(self, before: int | None, until_ms: float) -> Iterator[Segment]:
        """Show the last picture again where segments start that have none of their own."""
        starts_ms = self._cutter.timeline.starts_ms[:before]
        while self._shown is not None and self._number + 1 < len(starts_ms):
            start_ms = starts_ms[self._number + 1]
            if start_ms > until_ms:
                break
            yield from self._encode(self._shown, start_ms * _MS, self._number + 1)

    def _encode(self, picture: VideoFrame, at: int, number: int) -> Iterator[Segment]:
        is_start = number > self._number
        if is_start:
            yield from self._begin_segment(at)
        picture.pts, picture.time_base = at, UNIT
        picture.pict_type = PictureType.I if is_start else PictureType.NONE
        self._number, self._last_at = number, at
        if self._encoder is not None:
            yield from self._cut(self._encoder.encode(picture))

    def _begin_segment(self, at: int) -> Iterator[Segment]:
        """Write what was made in haste before, and take the encoder that the next segment is made with."""
        if self._begun_count <= _HASTY_SEGMENTS:
            if self._encoder is not None:
                yield from self._cut(self._encoder.encode(None))
                yield from self._cutter.write_rest(self._encoder.stream, at)
                self._encoder.close()
            is_hasty = self._begun_count < _HASTY_SEGMENTS
            colours = self._pictures.colours or SCREEN
            self._encoder = Encoder(self._track, self._rate, colours, is_hasty=is_hasty)
        self._begun_count += 1

    def _cut(self, packets: list[CodedPacket]) -> Iterator[Segment]:
        if self._encoder is None:
            return
        for packet in packets:
            at_ms = (packet.pts or 0) / _MS
            template = self._encoder.stream
            yield from self._cutter.add(packet, at_ms, template, may_start=packet.is_keyframe)
