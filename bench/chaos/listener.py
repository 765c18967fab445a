"""Clients that hear live events: one that misses nothing, and one that never reads."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from wsproto.utilities import ProtocolError

from bench.chaos.asks import AGAIN_S, Asks
from bench.chaos.ledger import Hearing, Verdict, verdict
from tests.helpers.live import Closed, LiveClient, Refused, live

_QUIET_S: Final = 45.0  # the server pings every 30 s
_GONE: Final = (Closed, Refused, OSError, TimeoutError, ProtocolError)
_NEVER: Final = float("-inf")
_KIND: Final = "chaos.marked"


class Listener:
    """Hears marks; after a break it goes on behind the last event. `wished_s` is when each was wished for."""

    def __init__(
        self, url: str, headers: Mapping[str, str], wished_s: Mapping[int, float], asks: Asks
    ) -> None:
        self._url = url
        self._headers = headers
        self._wished_s = wished_s
        self._asks = asks
        self._last_id: str | None = None
        self.hearing = Hearing()

    async def hear(self) -> None:
        """Hear until the connection ends."""
        began_s = time.monotonic()
        try:
            query = "" if self._last_id is None else f"?after={self._last_id}"
            async with live(self._url, headers=self._headers, query=query) as client:
                hello = await client.next(within_s=_QUIET_S)
                self._asks.note(Verdict.TOLD, _NEVER)  # only a mark shows that events come
                self._last_id = self._last_id or hello["last_id"]
                while True:
                    await self._take(client, hello["last_id"])
        except Refused as refused:
            # its headers are not seen here: a 503 is taken for one that says when to come again
            worth = verdict(refused.status, took_s=0, retry_after="")
            self._asks.note(worth, began_s, f"refused: {refused.status} {refused.body!r:.200}")
        except _GONE as gone:
            self._asks.note(Verdict.FAILED, time.monotonic(), f"cut: {gone!r}")
        await asyncio.sleep(AGAIN_S)

    async def _take(self, client: LiveClient, began_id: str) -> None:
        message = await client.next(within_s=_QUIET_S)
        match message["type"]:
            case "ping":
                client.send({"type": "pong"})
            case "reset":
                marks = await self._asks.json("GET", "/api/v1/chaos/marks")
                self.hearing.read.update(marks["numbers"])
                self.hearing.reset_count += 1
                self._last_id = began_id
            case "event":
                self._last_id = message["id"]
                if message["event"]["kind"] == _KIND:
                    number = message["event"]["number"]
                    self.hearing.told[number] += 1
                    self._asks.note(Verdict.TOLD, self._wished_s[number])
            case _:
                pass


async def be_deaf(url: str, headers: Mapping[str, str], *, seconds: float) -> bool:
    """Subscribe to everything and read nothing; return whether that could begin."""
    with suppress(*_GONE):
        async with live(url, headers=headers) as client:
            client.send({"type": "subscribe", "kinds": None})
            await asyncio.sleep(seconds)
            return True
    return False
