"""Who comes first: while somebody streams, work that can wait gives way to it, each class as far as its rank says."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from server.kernel.log import get_log

log = get_log(__name__)

HOLD_S: Final = 30.0
"""A player that has enough for now asks again after less than that, and tells every 10 s that it plays."""


class Rank(Struct, frozen=True, kw_only=True):
    """A class of work; `share` is how much of its room it keeps while somebody streams."""

    name: str
    share: float

    def room(self, most: int) -> int:
        """Return how many may go on at once where `most` do else: at least one, unless the class rests."""
        return max(1, int(most * self.share)) if self.share else 0


# fmt: off
ANSWERS: Final = Rank(name="answers", share=1.0)        # pages, and pictures on them
STREAMS: Final = Rank(name="streams", share=1.0)        # what somebody watches
ASKED: Final = Rank(name="asked", share=0.5)            # what somebody asked for and does not wait for
BACKGROUND: Final = Rank(name="background", share=0.2)  # what the server does by itself
UPKEEP: Final = Rank(name="upkeep", share=0.0)          # what can be done tomorrow
# fmt: on
RANKS: Final = (ANSWERS, STREAMS, ASKED, BACKGROUND, UPKEEP)


class Precedence:
    """Knows whether work gives way: from the first sign of a stream until there was none for `hold_s`."""

    def __init__(self, *, hold_s: float = HOLD_S) -> None:
        self._hold_s = hold_s
        self._until_s = 0.0
        self._ending: asyncio.TimerHandle | None = None
        self._calm = asyncio.Event()
        self._calm.set()
        self._followers: list[Callable[[], None]] = []

    @property
    def gives_way(self) -> bool:
        """Return whether somebody streams, or did a moment ago."""
        return self._ending is not None

    def room(self, rank: Rank, most: int) -> int:
        """Return how many of a class may go on at once now, where `most` do when nobody streams."""
        return rank.room(most) if self.gives_way else most

    def follow(self, changed: Callable[[], None]) -> None:
        """Call back whenever work begins to give way, and when it goes on as ever."""
        self._followers.append(changed)

    def streamed(self) -> None:
        """Note that somebody streams right now. To be called at any rate, from the event loop."""
        self._until_s = time.monotonic() + self._hold_s
        if self._ending is None:
            self._look_again(self._hold_s)
            self._calm.clear()
            self._tell()

    async def calm(self, *, patience_s: float) -> None:
        """Wait until nobody streams, but no longer than that."""
        try:
            async with asyncio.timeout(patience_s):
                await self._calm.wait()
        except TimeoutError:
            return

    def _look_again(self, after_s: float) -> None:
        self._ending = asyncio.get_running_loop().call_later(after_s, self._look)

    def _look(self) -> None:
        left_s = self._until_s - time.monotonic()
        if left_s > 0:
            self._look_again(left_s)
            return
        self._ending = None
        self._calm.set()
        self._tell()

    def _tell(self) -> None:
        log.info("background work gives way" if self.gives_way else "background work goes on")
        for changed in self._followers:
            changed()
