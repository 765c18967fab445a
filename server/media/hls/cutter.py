"""Cuts a track into segments: each is written when the first packet of the next one has come."""

import os
from collections.abc import Iterator
from pathlib import Path

from av.stream import Stream

from server.kernel.storage import write_whole
from server.kernel.workers import WorkerFailed
from server.media.hls.film import CodedPacket
from server.media.hls.fragments import write_fragment
from server.media.hls.model import Output, Segment
from server.media.hls.timeline import Timeline
from server.media.model import Reason

_LATE_MS = 1_000  # pictures that lead a key frame are shown before it, by less
_MOST_PACKETS = 20_000
MOST_OVERTIME_MS = 15_000


class Cutter:
    """The segments of one track, from `output.first` on; `place` is the output's in the request."""

    def __init__(self, timeline: Timeline, output: Output, place: int) -> None:
        self._folder = Path(os.fsdecode(output.folder))
        self._place = place
        self._packets: list[CodedPacket] = []
        self.timeline = timeline
        self.number = output.first

    @property
    def is_done(self) -> bool:
        """Return whether the last segment is written."""
        return self.number >= self.timeline.count

    @property
    def span_ms(self) -> tuple[int, int]:
        """Return where the segment starts and ends that is written next."""
        return self.timeline.span_ms(min(self.number, self.timeline.count - 1))

    def add(
        self, packet: CodedPacket, at_ms: float, template: Stream, *, may_start: bool
    ) -> Iterator[Segment]:
        """Take a packet that is shown at `at_ms`; yield the segment that is complete by it.

        `may_start` says that a segment may begin with it. Packets come in the order of decoding.
        Raises: WorkerFailed, OSError.
        """
        number = self.timeline.number_at(at_ms)
        if self._is_outside(at_ms, may_start=may_start):
            return
        if may_start and number > self.number:
            if self._packets:
                yield self.write(template, packet.pts)
            if number > self.number:
                raise WorkerFailed(reason=Reason.DAMAGED, detail=f"segment {self.number} is empty")
        self._packets.append(packet)
        if at_ms > self.span_ms[1] + MOST_OVERTIME_MS or len(self._packets) > _MOST_PACKETS:
            raise WorkerFailed(reason=Reason.DAMAGED, detail=f"segment {self.number} has no end")

    def write(self, template: Stream, end: int | None = None) -> Segment:
        """Write what came so far as a segment, up to `end` in the unit of the packets. Raises: WorkerFailed, OSError."""
        if end is None:
            end = max((packet.pts or 0) + (packet.duration or 0) for packet in self._packets)
        size_bytes = write_fragment(self._folder, self.number, self._packets, template, end)
        self._packets = []
        return self._next(size_bytes)

    def write_rest(self, template: Stream, end: int | None = None) -> Iterator[Segment]:
        """Yield the segment that has begun, if any, as `write` does."""
        if self._packets:
            yield self.write(template, end)

    def write_text(self, text: str) -> Segment:
        """Write a segment of subtitles. Raises: OSError."""
        content = text.encode()
        write_whole(self._folder / f"{self.number}.vtt", content, is_lasting=False)
        return self._next(len(content))

    def _next(self, size_bytes: int) -> Segment:
        self.number += 1
        return Segment(output=self._place, number=self.number - 1, size_bytes=size_bytes)

    def _is_outside(self, at_ms: float, *, may_start: bool) -> bool:
        """Return whether a packet belongs to no segment that is still to be written."""
        if self.is_done or not 0 <= at_ms <= self.timeline.end_ms + MOST_OVERTIME_MS:
            return True
        if self._packets:
            return at_ms < self.span_ms[0] - _LATE_MS
        return not may_start or self.timeline.number_at(at_ms) < self.number
