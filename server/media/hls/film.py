"""A film that is read from some moment on: time counted from its start, places found with and without an index."""

from collections.abc import Collection, Iterator
from itertools import chain, islice
from typing import Any, Final

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard

from server.kernel.workers import WorkerFailed
from server.media.model import Reason
from server.media.probe import is_film_stream

UNREADABLE: Final = (av.FFmpegError, ValueError)
"""What decoders raise on damaged packets; PyAV says ValueError of a codec that it does not know."""

_FURTHER: Final = 8
"""How many times further back to look for a key frame where the place that was found has none."""

_MOST_WITHOUT_KEYFRAME = 2_000
_MOST_BROKEN = 100
_LONGEST_US = 30 * 24 * 3_600_000_000


type CodedPacket = Packet[Any]
"""A packet of any stream."""


class Film:
    """An open film."""

    def __init__(self, container: InputContainer) -> None:
        start_us = container.start_time or 0
        self.container = container
        self.start_ms = start_us // 1_000 if abs(start_us) <= _LONGEST_US else 0
        self._is_at_start = True

    def stream(self, index: int, kind: str) -> Any:
        """Return a stream by its number. Raises: WorkerFailed when it is another than was probed."""
        streams = self.container.streams
        if not 0 <= index < len(streams) or streams[index].type != kind:
            raise WorkerFailed(reason=Reason.UNSUPPORTED, detail=f"stream {index} is no {kind}")
        if streams[index].codec_context is None:
            raise WorkerFailed(reason=Reason.UNSUPPORTED, detail=f"stream {index}: no decoder")
        return streams[index]

    def at_ms(self, packet: CodedPacket) -> float | None:
        """Return when a packet is shown or heard."""
        if packet.pts is None:
            return None
        base = packet.time_base
        return packet.pts * base.numerator * 1_000 / base.denominator - self.start_ms

    def ms_of(self, stream: Any, time: int) -> int:
        """Return in which millisecond a time in the unit of a stream is."""
        base = stream.time_base
        return int(time * base.numerator * 1_000 // base.denominator) - self.start_ms

    def shift(self, stream: Any) -> int:
        """Return what the start is in the stream's own unit: its times less that are those of the timeline."""
        return round(self.start_ms / 1_000 / float(stream.time_base))

    @property
    def main(self) -> Any:
        """Return the first stream of pictures; containers have an index of no others. Raises: WorkerFailed."""
        for stream in self.container.streams.video:
            if is_film_stream(stream):
                return stream
        raise WorkerFailed(reason=Reason.NO_VIDEO)

    def seek(self, from_ms: float, stream: Any) -> None:
        """Go to a key frame of a stream before a moment; stay where the container cannot be searched."""
        at_ms = max(0.0, from_ms) + self.start_ms
        try:
            self.container.seek(int(at_ms / 1_000 / float(stream.time_base)), stream=stream)
        except (av.FFmpegError, OverflowError):
            return

    def packets_from(
        self, at_ms: float, wanted: Collection[int], *, look_back_ms: int
    ) -> Iterator[CodedPacket]:
        """Yield the packets of streams, beginning with a key frame before `at_ms`, or where the film begins."""
        packets = self._packets(at_ms - look_back_ms, wanted)
        head = list(_to_keyframe(packets, self._anchor(wanted).index))
        if self._is_before(head, at_ms) or look_back_ms >= at_ms:
            yield from chain(head, packets)
        else:
            yield from self.packets_from(at_ms, wanted, look_back_ms=look_back_ms * _FURTHER)

    def _anchor(self, wanted: Collection[int]) -> Any:
        """Return the stream whose key frames count: pictures if there are any."""
        streams = [self.container.streams[index] for index in sorted(wanted)]
        return min(streams, key=lambda stream: stream.type != "video")

    def _is_before(self, head: list[CodedPacket], at_ms: float) -> bool:
        found_ms = self.at_ms(head[-1]) if head else None
        return found_ms is None or found_ms <= at_ms

    def _packets(self, from_ms: float, wanted: Collection[int]) -> Iterator[CodedPacket]:
        """Yield packets from somewhere before a moment, past what is broken."""
        self._go(from_ms, wanted)
        broken_count = 0
        while broken_count < _MOST_BROKEN:
            try:
                for packet in self.container.demux([self.container.streams[i] for i in wanted]):
                    if packet.size:  # at the end each stream has an empty one
                        yield packet
            except av.InvalidDataError:
                broken_count += 1  # FFmpeg goes on behind the damage
            else:
                return

    def _go(self, from_ms: float, wanted: Collection[int]) -> None:
        streams = self.container.streams
        if from_ms > 0 or not self._is_at_start:
            for stream in streams:
                stream.discard = Discard.default  # one that is left out cannot be searched by
            anchor = self._anchor(wanted)
            self.seek(from_ms, anchor if anchor.type == "video" else self.main)
        self._is_at_start = False
        for stream in streams:
            stream.discard = Discard.default if stream.index in wanted else Discard.all


def _to_keyframe(packets: Iterator[CodedPacket], anchor: int) -> Iterator[CodedPacket]:
    """Yield packets up to the first key frame of a stream, not too many where it has none."""
    for packet in islice(packets, _MOST_WITHOUT_KEYFRAME):
        yield packet
        if packet.stream.index == anchor and packet.is_keyframe:
            return
