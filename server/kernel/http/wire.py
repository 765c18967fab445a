"""What ASGI has no words for: wishes that Hypercorn's own objects fulfil."""

from collections.abc import Callable
from typing import Any, Final

from hypercorn.protocol.ws_stream import FrameTooLargeError, WebsocketBuffer
from wsproto.events import Message

_SEND: Final = "revenge.send"


def note_wire(scope: Any, send: Any) -> None:
    """Note in the scope what answers it, before anything wraps that."""
    scope[_SEND] = send


def cut(scope: Any) -> None:
    """Drop a connection with all that waits to be sent: Hypercorn waits forever for a client that does not read."""
    protocol = scope[_SEND].__self__.send.__self__
    protocol.send.__self__.writer.transport.abort()


def bound_messages(scope: Any, max_length: int, on_too_long: Callable[[], None]) -> None:
    """Let a WebSocket that is about to be accepted hold one message of so many characters, and no window.

    Hypercorn closes after a message that is too long, but goes on to collect it. And it takes permessage-deflate from
    every browser: 0.1 MB a connection (docs/benchmarks.md), and 64 KB unpack to 64 MB before any limit is looked at.
    """
    stream = scope[_SEND].__self__
    stream.handshake.extensions = None
    stream.buffer = _Bounded(max_length, on_too_long)


class _Bounded(WebsocketBuffer):
    """Collects the parts of a message, and nothing of one that is too long."""

    def __init__(self, max_length: int, on_too_long: Callable[[], None]) -> None:
        super().__init__(max_length)
        self._on_too_long = on_too_long

    def extend(self, event: Message[Any]) -> None:
        """Keep a part. Raises: FrameTooLargeError."""
        if self.length + len(event.data) > self.max_length:
            self.clear()
            self._on_too_long()
            raise FrameTooLargeError
        super().extend(event)
