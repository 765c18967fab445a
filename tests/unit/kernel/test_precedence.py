"""Who gives way to whom, and for how long."""

import asyncio

import pytest

from server.kernel.precedence import (
    ANSWERS,
    ASKED,
    BACKGROUND,
    RANKS,
    STREAMS,
    UPKEEP,
    Precedence,
    Rank,
)

# Features 4.9: workers of a class, and workers while somebody streams.
WORKERS = [(STREAMS, 50, 50), (ASKED, 20, 10), (BACKGROUND, 10, 2), (UPKEEP, 5, 0)]


@pytest.mark.parametrize(("rank", "most", "left"), WORKERS)
async def test_a_class_keeps_as_much_room_as_is_written(rank: Rank, most: int, left: int) -> None:
    precedence = Precedence()
    assert precedence.room(rank, most) == most
    precedence.streamed()
    assert precedence.room(rank, most) == left


async def test_whoever_does_not_rest_keeps_one_place() -> None:
    assert [rank.room(1) for rank in RANKS] == [1, 1, 1, 1, 0]
    assert ANSWERS.room(8) == 8


async def test_work_gives_way_once_and_goes_on_once() -> None:
    precedence = Precedence(hold_s=0.05)
    told: list[bool] = []
    precedence.follow(lambda: told.append(precedence.gives_way))
    assert not precedence.gives_way
    for _ in range(5):
        precedence.streamed()
    assert told == [True]
    await precedence.calm(patience_s=10)
    assert told == [True, False]


async def test_each_sign_of_a_stream_begins_the_time_anew() -> None:
    precedence = Precedence(hold_s=0.2)
    told: list[bool] = []
    precedence.follow(lambda: told.append(precedence.gives_way))
    loop = asyncio.get_running_loop()
    precedence.streamed()
    begun_s = loop.time()
    loop.call_later(0.15, precedence.streamed)
    await precedence.calm(patience_s=10)
    assert told == [True, False]
    assert loop.time() - begun_s >= 0.34


async def test_patience_ends_while_somebody_streams_on() -> None:
    precedence = Precedence()
    precedence.streamed()
    await precedence.calm(patience_s=0.01)
    assert precedence.gives_way
