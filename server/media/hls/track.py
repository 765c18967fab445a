"""What all tracks of a run have in common: packets go in, segments come out."""

from collections.abc import Iterator
from typing import Final, Protocol

from server.media.hls.film import CodedPacket
from server.media.hls.model import Segment

LATE_MS: Final = 50.0
"""How far sound may be off its place: containers round, and ears are not that exact."""

LOST_MS: Final = 10_000.0
"""A time this far ahead is taken for an error, until the film as a whole has come near it."""

BEHIND_MS: Final = 5_000.0
"""What is this far behind the rest of the film lacks; files are interleaved more closely."""

STEP_MS: Final = 1_000.0
"""How much of what lacks is made up for at once: a single wrong time does little harm."""


class Track(Protocol):
    """One output of a run. It yields None where the run may be stopped in the middle of its work."""

    @property
    def streams(self) -> set[int]:
        """Return the numbers of the streams that it is fed with."""
        ...

    @property
    def is_done(self) -> bool:
        """Return whether its last segment is written."""
        ...

    def feed(self, packet: CodedPacket) -> Iterator[Segment | None]:
        """Take a packet of one of its streams; yield the segments that are complete by it."""
        ...

    def tick(self, at_ms: float) -> Iterator[Segment | None]:
        """Hear how far the film has been read; yield the segments that are complete by it."""
        ...

    def finish(self, until_ms: float) -> Iterator[Segment | None]:
        """Hear that the film ends there; yield the segments that are left."""
        ...
