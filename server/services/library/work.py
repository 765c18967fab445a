"""Asking workers in the way of a scan: a few at once, and again when a worker dies."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import Fingerprint

AT_ONCE: Final = 4
_TRIES: Final = 3
_FINGERPRINT_TIMEOUT_S: Final = 60.0


async def each[Thing, Result](
    things: Sequence[Thing], ask: Callable[[Thing], Awaitable[Result]]
) -> list[Result]:
    """Return what `ask` gives for each thing, in order; its first error ends the rest and is raised."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(thing: Thing) -> Result:
        async with free:
            return await ask(thing)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(thing)) for thing in things]
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [task.result() for task in tasks]


async def persistently[Result](ask: Callable[[], Awaitable[Result]]) -> Result:
    """Return what `ask` gives, asked again when a worker died under it. Raises: WorkerLost.

    A worker can die of something else than its input, such as a computer short of memory.
    """
    for _ in range(_TRIES - 1):
        try:
            return await ask()
        except WorkerLost:
            continue
    return await ask()


async def fingerprint_of(workers: Workers, work: Fingerprint) -> bytes | None:
    """Return the fingerprint of a file; None when it cannot be read, which only hides its moves."""
    try:
        return await persistently(lambda: workers.run(work, timeout_s=_FINGERPRINT_TIMEOUT_S))
    except (WorkerFailed, WorkerLost):
        return None


@asynccontextmanager
async def closing[Reply](replies: AsyncIterator[Reply]) -> AsyncIterator[AsyncIterator[Reply]]:
    """Close a stream of replies on leaving, so that its worker does not go on for nobody."""
    try:
        yield replies
    finally:
        if isinstance(replies, AsyncGenerator):
            await replies.aclose()
