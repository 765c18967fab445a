"""A slice of the drill's own: jobs with an effect that can be counted, told live and to a consumer."""

import asyncio
from typing import Final

from msgspec import Struct

from server.kernel.db import Db, Query, Tx
from server.kernel.events import Consumer, Event, Happened, emit
from server.kernel.http.api import Permission, route
from server.kernel.jobs import METADATA, Jobs, job
from server.kernel.module import Module
from server.kernel.parts import Parts
from server.kernel.sql import load
from server.services.catalog.offer import ContentBuilt

TABLES: Final = """
CREATE TABLE public.chaos_marks (number bigint NOT NULL);
CREATE TABLE public.chaos_counts (number bigint NOT NULL);
CREATE INDEX ON public.chaos_marks (number);
GRANT SELECT, INSERT ON public.chaos_marks, public.chaos_counts TO PUBLIC;
"""
"""Without unique keys: what is written twice is there twice."""

sql = load(__file__)
IS_MARKED: Final = Query(sql("is_marked"), bool)
MARK: Final = Query(sql("mark"))
COUNT: Final = Query(sql("count"))
MARKS: Final = Query(sql("marks"), int)

WRITE: Final = Permission("chaos:mark", "Have marks made, and read them")


class Wish(Struct, frozen=True, kw_only=True):
    """Make the mark of a number, by a job that takes so long."""

    number: int
    takes_ms: int


class Marks(Struct, frozen=True, kw_only=True):
    """All marks, by number."""

    numbers: list[int]


class Marked(Event, frozen=True, kw_only=True, tag="chaos.marked"):
    """A mark was made."""

    number: int


class MarkRoutes:
    """Wishes for marks, and the marks."""

    def __init__(self, db: Db, jobs: Jobs) -> None:
        self._db = db
        self._jobs = jobs

    @route("POST", "/chaos/marks", permission=WRITE)
    async def wish(self, body: Wish) -> None:
        """Have a mark made; whoever does not hear that it is promised asks again with the same number."""
        async with self._db.transaction() as tx:
            await self._jobs.add(tx, body)

    @route("GET", "/chaos/marks", permission=WRITE)
    async def marks(self) -> Marks:
        """All marks."""
        return Marks(numbers=await self._db.all(MARKS))


class MarkJobs:
    """Makes marks as jobs should: looks whether it is done, does it, notes it with what it tells."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @job("chaos.mark", queue=METADATA, unique=("number",))
    async def mark(self, wish: Wish) -> None:
        """Make a mark."""
        if await self._db.value(IS_MARKED, wish.number):
            return
        await asyncio.sleep(wish.takes_ms / 1000)
        async with self._db.transaction() as tx:
            await tx.execute(MARK, wish.number)
            await emit(tx, Marked(number=wish.number))


def build(parts: Parts, _catalog: object) -> ContentBuilt:
    """Return the slice; it has no items."""
    return ContentBuilt(
        kinds=(),
        routes=(MarkRoutes(parts.db, parts.jobs),),
        jobs=(MarkJobs(parts.db),),
        consumers=(Consumer(name="chaos", events=(Marked,), handle=_count),),
    )


async def _count(tx: Tx, happened: Happened) -> None:
    assert isinstance(happened.event, Marked)  # noqa: S101 (the only kind that it asked for)
    await tx.execute(COUNT, happened.event.number)


MODULE: Final = Module(name="chaos", permissions=(WRITE,), events={Marked: WRITE}, build=build)
