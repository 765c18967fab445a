"""What is said over a live connection, how often, and why it ends."""

from enum import IntEnum
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from server.kernel.clock import Instant
from server.kernel.errors import Limited

MESSAGE_MAX: Final = 16 * 1024  # characters that a client may say at once
TOPICS_MAX: Final = 100


class TooManyConnections(Limited):
    """A user has as many live connections as anybody may have."""

    code = "realtime.too_many_connections"


class Close(IntEnum):
    """Why the server ends a connection (RFC 6455, section 7.4; from 4000 on our own)."""

    GOING_AWAY = 1001
    TOO_BIG = 1009
    SESSION_ENDED = 4401
    SILENT = 4408
    TOO_MUCH = 4413
    TOO_SLOW = 4429


class Pace(Struct, frozen=True, kw_only=True):
    """How often the server pings, after how long a silent client is dead, how often a session is checked.

    Who has not taken everything for `slow_s` is cut off, and who says more than `messages` from one check
    to the next. A user has at most `connections_a_user`.
    """

    ping_s: float = 30.0
    silent_s: float = 90.0
    session_s: float = 15.0
    slow_s: float = 30.0
    messages: int = 300
    connections_a_user: int = 10


class Hello(Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message; what comes after `last_id` follows. It is empty where a reset comes next."""

    last_id: str
    ping_s: float


class Told(Struct, frozen=True, kw_only=True, tag="event"):
    """An event; give the latest id as `after` when you connect again, and you miss nothing."""

    id: str
    at: Instant
    event: Any


class Reset(Struct, frozen=True, kw_only=True, tag="reset"):
    """What you missed is no longer known, or is too much: read everything anew; `last_id` is where you go on."""

    last_id: str


class Ping(Struct, frozen=True, kw_only=True, tag="ping"):
    """Are you there? Either side may ask; the server's brings the latest id, also where nothing was told."""

    last_id: str = ""


class Pong(Struct, frozen=True, kw_only=True, tag="pong"):
    """The answer to a ping."""


class Wrong(Struct, frozen=True, kw_only=True, tag="error"):
    """A message from the client made no sense, or names more topics than there may be."""

    code: Literal["invalid_message", "too_many_topics"] = "invalid_message"


class Subscribe(Struct, frozen=True, kw_only=True, tag="subscribe"):
    """From now on tell only these topics; null: all that the session may hear.

    A topic is a kind of event, such as `items.added`, or what stands before its dot.
    """

    topics: list[str] | None


class Subscribed(Struct, frozen=True, kw_only=True, tag="subscribed"):
    """The answer to a subscribe: what follows is of these topics only."""

    topics: list[str] | None


type FromClient = Ping | Pong | Subscribe
type Message = Hello | Told | Reset | Ping | Pong | Wrong | Subscribed

encode: Final = msgspec.json.Encoder().encode
decode: Final = msgspec.json.Decoder(FromClient).decode
