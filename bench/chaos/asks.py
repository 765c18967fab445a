"""Requests whose answers are noted, repeated as somebody does who wants an answer."""

import asyncio
import time
from typing import Any, Final

import httpx

from bench.chaos.ledger import Ledger, Verdict, verdict

AGAIN_S: Final = 0.25


class Asks:
    """The requests of one client of the ledger."""

    def __init__(self, client: httpx.AsyncClient, ledger: Ledger, name: str) -> None:
        self._client = client
        self._ledger = ledger
        self.name = name

    async def once(
        self, method: str, path: str, *, expected: bytes | None = None, **more: Any
    ) -> httpx.Response | None:
        """Return the answer, whatever it is; None where there was none. Other bytes than expected are a failure."""
        began_s = time.monotonic()
        try:
            answer = await self._client.request(method, path, **more)
        except httpx.TransportError as error:
            self.note(Verdict.FAILED, began_s, f"{method} {path}: {error!r}")
            return None
        retry_after = answer.headers.get("Retry-After")
        worth = verdict(
            answer.status_code, took_s=time.monotonic() - began_s, retry_after=retry_after
        )
        if expected is not None and answer.is_success and answer.content != expected:
            worth = Verdict.FAILED
        self.note(worth, began_s, f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    async def given(
        self, method: str, path: str, *, expected: bytes | None = None, **more: Any
    ) -> httpx.Response:
        """Return the answer that was wished for, asked for again and again."""
        while True:
            answer = await self.once(method, path, expected=expected, **more)
            is_given = answer is not None and answer.is_success
            if answer is not None and is_given and expected in {None, answer.content}:
                return answer
            await asyncio.sleep(AGAIN_S)

    async def json(self, method: str, path: str, **more: Any) -> Any:
        """Return what such an answer says."""
        answer = await self.given(method, path, **more)
        return answer.json() if answer.content else None

    def note(self, worth: Verdict, began_s: float, reason: str = "") -> None:
        """Note an answer that has just come."""
        self._ledger.note(
            self.name, worth, began_s=began_s, ended_s=time.monotonic(), reason=reason
        )
