"""Events: what happened, told once the change is committed, to everybody who declared interest."""

from server.kernel.events.dispatcher import Dispatcher
from server.kernel.events.model import (
    Consumer,
    Event,
    Happened,
    LibraryEvent,
    Stretch,
    kind_of,
)
from server.kernel.events.outbox import emit

__all__ = [
    "Consumer",
    "Dispatcher",
    "Event",
    "Happened",
    "LibraryEvent",
    "Stretch",
    "emit",
    "kind_of",
]
