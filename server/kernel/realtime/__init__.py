"""Events live: tells each connected viewer what they may hear, from where they left off."""

from server.kernel.realtime.client import Ask, Client
from server.kernel.realtime.model import (
    MESSAGE_MAX,
    TOPICS_MAX,
    Close,
    Message,
    Pace,
    TooManyConnections,
)
from server.kernel.realtime.places import Places
from server.kernel.realtime.realtime import Realtime, ViewerOf

__all__ = [
    "MESSAGE_MAX",
    "TOPICS_MAX",
    "Ask",
    "Client",
    "Close",
    "Message",
    "Pace",
    "Places",
    "Realtime",
    "TooManyConnections",
    "ViewerOf",
]
