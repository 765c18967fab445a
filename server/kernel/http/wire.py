"""What ASGI has no words for: two wishes that Hypercorn's own objects fulfil."""

from typing import Any, Final

_SEND: Final = "revenge.send"


def note_wire(scope: Any, send: Any) -> None:
    """Note in the scope what answers it, before anything wraps that."""
    scope[_SEND] = send


def cut(scope: Any) -> None:
    """Drop a connection with all that waits to be sent: Hypercorn waits forever for a client that does not read."""
    protocol = scope[_SEND].__self__.send.__self__
    protocol.send.__self__.writer.transport.abort()


def refuse_compression(scope: Any) -> None:
    """Accept a WebSocket without permessage-deflate, which Hypercorn takes from every browser.

    It costs 0.1 MB a connection (docs/benchmarks.md), and a frame of 64 KB unpacks to 64 MB before any limit is looked at.
    """
    scope[_SEND].__self__.handshake.extensions = None
