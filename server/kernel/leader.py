"""Who leads: of several processes on one database, one alone does what must not be done twice."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

import asyncpg

from server.kernel.log import get_log

log = get_log(__name__)

Work = Callable[[], Awaitable[None]]

_TIMEOUT_S: Final = 5.0
_BROKEN: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_TRY: Final = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"

type Connection = asyncpg.Connection[asyncpg.Record]


class Leader(Protocol):
    """Leads now and then, or waits for it."""

    async def lead(self, work: Work) -> None:
        """Do `work` whenever this process leads, until cancelled; `work` is cancelled when it leads no more."""
        ...


class LockLeader:
    """Leads while its own connection holds an advisory lock, which PostgreSQL releases when that dies.

    A connection can die at the server before this side knows: what leaders write must bear two of them
    for a moment. Another takes over within `look_s`.
    """

    def __init__(self, dsn: str, name: str, *, look_s: float = 5.0) -> None:
        self._dsn = dsn
        self._name = name
        self._look_s = look_s

    async def lead(self, work: Work) -> None:
        """Do `work` while the lock is held, until cancelled."""
        while True:
            try:
                await self._serve(work)
            except _BROKEN as error:
                log.debug("cannot try to lead", reason=repr(error))
            except ExceptionGroup:  # it must go on, whatever it was
                log.exception("what the leader did broke and starts again")
            await asyncio.sleep(self._look_s)

    async def _serve(self, work: Work) -> None:
        """Wait for the lock, then do `work` until the connection ends."""
        connection: Connection = await asyncpg.connect(
            self._dsn, timeout=_TIMEOUT_S, server_settings={"application_name": "revenge leader"}
        )
        try:
            while not await connection.fetchval(_TRY, self._name, timeout=_TIMEOUT_S):  # noqa: ASYNC110 - a wait for the lock would hold back vacuum
                await asyncio.sleep(self._look_s)
            log.info("leads")
            async with asyncio.TaskGroup() as group:
                working = group.create_task(_whole(work), name="leader")
                await self._until_lost(connection)
                working.cancel()
            log.info("leads no more")
        finally:
            connection.terminate()

    async def _until_lost(self, connection: Connection) -> None:
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        with suppress(*_BROKEN):
            while not connection.is_closed():
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), self._look_s)
                await connection.execute("SELECT", timeout=_TIMEOUT_S)  # a dead line says nothing


async def _whole(work: Work) -> None:
    await work()
