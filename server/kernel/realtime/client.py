"""One live connection, as the server keeps it."""

import asyncio
from collections import deque
from typing import Final

from msgspec import Struct

from server.kernel.realtime.model import Close, Message
from server.kernel.viewer import Viewer

REPLIES_MAX: Final = 64


class Ask(Struct, frozen=True, kw_only=True):
    """What a client wants to hear: what came after an id, of some topics; None is only what is new, of all."""

    after: str | None = None
    topics: frozenset[str] | None = None


class Client:
    """A viewer, and how far in the order of events they are.

    No event waits here, only a few replies: a client that does not read costs no memory.
    """

    def __init__(self, token: str, viewer: Viewer, position: int, ask: Ask) -> None:
        self.token = token
        self.viewer = viewer
        self.position = position
        self.after = ask.after
        self.topics = ask.topics
        self.replies: deque[Message] = deque()
        self.woken = asyncio.Event()
        self.ended: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self.heard_s = asyncio.get_running_loop().time()
        self.said_count = 0  # since the last check
        self.behind_s: float | None = None  # since when it has not taken everything
        self.seen_s = float("-inf")  # the viewer was asked for before the position was taken

    def wake(self) -> None:
        """There is something to take."""
        if self.behind_s is None:
            self.behind_s = asyncio.get_running_loop().time()
        self.woken.set()

    def rest(self) -> None:
        """There is nothing to take."""
        self.behind_s = None

    def offer(self, reply: Message) -> None:
        """Let a reply wait for the client; one that asks and asks and never reads is cut off."""
        if len(self.replies) >= REPLIES_MAX:
            self.end(Close.TOO_SLOW)
            return
        self.replies.append(reply)
        self.woken.set()

    def end(self, why: Close) -> None:
        """End the connection; the first reason counts."""
        if not self.ended.done():
            self.ended.set_result(why)
            self.woken.set()

    def wants(self, kind: str) -> bool:
        """Return whether the client asked for events of this kind."""
        topics = self.topics
        return topics is None or kind in topics or kind.partition(".")[0] in topics
