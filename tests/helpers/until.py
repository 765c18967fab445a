"""Waits for what happens by itself."""

import time
from asyncio import iscoroutine, sleep
from collections.abc import Awaitable, Callable


async def until(
    happened: Callable[[], Awaitable[object]] | Callable[[], object], *, within_s: float = 10
) -> None:
    """Return as soon as it is true. Raises: AssertionError, when that takes too long."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        result = happened()
        if await result if iscoroutine(result) else result:
            return
        await sleep(0.01)
    raise AssertionError("it did not happen in time")
