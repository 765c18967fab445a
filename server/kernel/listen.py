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
_BROKEN: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that is ended while it begins
)


class Listener:
    """Calls back with the payload of each notification, and with "" whenever some may be lost."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._heard: dict[str, list[Heard]] = {}
        self._changed = asyncio.Event()
        self._is_listening = asyncio.Event()

    async def add(self, channel: str, heard: Heard) -> None:
        """Call `heard` from now on; waits for nothing where the database is away."""
        self._heard.setdefault(channel, []).append(heard)
        self._changed.set()

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
        """Listen until the connection ends; here alone, for a connection does one thing at a time."""
        connection = await asyncpg.connect(
            self._dsn, timeout=5, server_settings={"application_name": "revenge listener"}
        )
        try:
            connection.add_termination_listener(lambda _: self._changed.set())
            listened = set[str]()
            while not connection.is_closed():
                self._changed.clear()
                for channel in [one for one in self._heard if one not in listened]:
                    await connection.add_listener(channel, self._call)
                    listened.add(channel)
                    self._call(connection, 0, channel, "")
                self._is_listening.set()
                await self._changed.wait()
        finally:
            self._is_listening.clear()
            connection.terminate()

    def _call(self, _connection: object, _pid: int, channel: str, payload: Any) -> None:
        for heard in list(self._heard.get(channel, ())):
            heard(payload)
