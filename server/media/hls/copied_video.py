"""Pictures that are copied as they are."""

from collections.abc import Iterator
from typing import Any

from server.media.hls.cutter import Cutter
from server.media.hls.film import CodedPacket, Film
from server.media.hls.model import Segment


class CopiedVideo:
    """A track of pictures, cut at the key frames that the timeline was made of."""

    def __init__(self, film: Film, stream: Any, cutter: Cutter) -> None:
        self._film = film
        self._stream = stream
        self._cutter = cutter
        self._shift = film.shift(stream)
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
        packet.pts -= self._shift
        yield from self._cutter.add(packet, at_ms, self._stream, may_start=packet.is_keyframe)

    def tick(self, _at_ms: float) -> Iterator[Segment]:
        """Yield nothing: where pictures lack there is nothing to copy."""
        yield from ()

    def finish(self, _until_ms: float) -> Iterator[Segment]:
        """Yield the last segment."""
        yield from self._cutter.write_rest(self._stream)
