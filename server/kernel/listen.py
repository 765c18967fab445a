"""Hears what PostgreSQL notifies, on a connection of its own that is made again whenever it breaks."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import asyncpg

from server.kernel.log import get_log

log = get_log(__name__)

Heard = Callable[[str], None]

_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_BROKEN: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Listener:
    """Calls back with the payload of each notification, and with "" whenever some may be lost."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._heard: dict[str, list[Heard]] = {}
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._is_listening = asyncio.Event()

    async def add(self, channel: str, heard: Heard) -> None:
        """Call `heard` from now on; waits for nothing where the database is away."""
        is_new = channel not in self._heard
        self._heard.setdefault(channel, []).append(heard)
        if is_new and self._connection is not None:
            with suppress(*_BROKEN):  # `run` connects anew, and listens to this channel too
                await self._connection.add_listener(channel, self._call)

    async def remove(self, channel: str, heard: Heard) -> None:
        """Stop calling `heard`."""
        with suppress(KeyError, ValueError):
            self._heard[channel].remove(heard)

    async def listening(self) -> None:
        """Return as soon as a connection listens."""
        await self._is_listening.wait()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause_s = _PAUSE_S
        while True:
            try:
                await self._listen()
                pause_s = _PAUSE_S
            except _BROKEN as error:
                log.debug("cannot listen", reason=repr(error))
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    async def _listen(self) -> None:
        """Listen until the connection ends."""
        ended = asyncio.Event()
        connection = await asyncpg.connect(
            self._dsn, timeout=5, server_settings={"application_name": "revenge listener"}
        )
        try:
            connection.add_termination_listener(lambda _: ended.set())
            self._connection = connection  # from here on `add` listens by itself
            for channel in list(self._heard):
                await connection.add_listener(channel, self._call)
            self._is_listening.set()
            for channel in list(self._heard):
                self._call(connection, 0, channel, "")
            await ended.wait()
        finally:
            self._connection = None
            self._is_listening.clear()
            connection.terminate()

    def _call(self, _connection: object, _pid: int, channel: str, payload: Any) -> None:
        for heard in list(self._heard.get(channel, ())):
            heard(payload)
