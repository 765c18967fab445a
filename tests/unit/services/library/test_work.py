import asyncio
from collections.abc import AsyncIterator

import pytest

from server.kernel.workers import WorkerLost
from server.services.library.work import AT_ONCE, closing, each, persistently


async def test_results_come_in_order_and_a_few_at_once() -> None:
    running = most = 0

    async def ask(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return number * 2

    assert await each(range(50), ask) == [number * 2 for number in range(50)]
    assert most == AT_ONCE


async def test_the_first_error_is_raised_as_it_is() -> None:
    async def ask(number: int) -> int:
        await asyncio.sleep(0)
        if number == 3:
            raise WorkerLost
        return number

    with pytest.raises(WorkerLost):
        await each(range(50), ask)


@pytest.mark.parametrize(("deaths", "expected"), [(0, 1), (2, 3), (3, None)])
async def test_work_is_asked_three_times(deaths: int, expected: int | None) -> None:
    tries = 0

    async def ask() -> int:
        nonlocal tries
        tries += 1
        if tries <= deaths:
            raise WorkerLost
        return tries

    if expected is None:
        with pytest.raises(WorkerLost):
            await persistently(ask)
    else:
        assert await persistently(ask) == expected


async def test_a_stream_that_is_left_early_is_closed() -> None:
    closed = False

    async def replies() -> AsyncIterator[int]:
        nonlocal closed
        try:
            yield 1
            yield 2
        finally:
            closed = True

    async with closing(replies()) as numbers:
        async for _ in numbers:
            break
    assert closed
