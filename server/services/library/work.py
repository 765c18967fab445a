"""Working in the way of a scan: a few workers at once, again when one dies, and again when the database goes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from server.kernel.errors import Unavailable
from server.kernel.jobs import Run
from server.kernel.log import get_log
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import Fingerprint

log = get_log(__name__)

AT_ONCE: Final = 4
_TRIES: Final = 3
_FINGERPRINT_TIMEOUT_S: Final = 60.0

# PostgreSQL may be restarting, which takes it seconds, or minutes after a crash on a slow disk.
PAUSES_S: Final = (1, 2, 5, 10, 30, 60)

type Advance = Callable[[], Awaitable[None]]
"""Called whenever something is done for good, which nobody will have to do again."""

type Room = Callable[[int], int]
"""Returns how large a portion may be now, where it is so large when nobody streams."""


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


async def patiently(
    run: Run, work: Callable[[Advance], Awaitable[None]], waits_s: Sequence[float] = PAUSES_S
) -> None:
    """Do the work of a job that goes on where it was, again whenever the database goes.

    Raises: Unavailable, when it goes again and again without that anything gets done.
    """
    pauses_s = iter(waits_s)

    async def advance() -> None:
        nonlocal pauses_s
        pauses_s = iter(waits_s)
        await run.advance()

    while True:
        try:
            return await work(advance)
        except Unavailable as error:
            pause_s = next(pauses_s, None)
            if pause_s is None:
                raise
            log.warning("work waits", job_id=run.job_id, code=error.code)
        await asyncio.sleep(pause_s)


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
