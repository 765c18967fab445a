"""How far a scan is, in memory and, twice a second at most, in the database."""

import time
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from server.kernel.db import Db
from server.services.library import store
from server.services.library.model import Phase
from server.services.library.store import LeftOut
from server.services.library.work import Advance

_SAVE_EVERY_S: Final = 0.5

type Tell = Callable[[int, int], Awaitable[None]]
"""Called with how many files are through, and of how many: 0 while they are still being counted."""


class Tally:
    """The counters of one scan; `advance` is to be called when something is done for good."""

    def __init__(self, db: Db, scan_id: UUID, advance: Advance, tell: Tell) -> None:
        self.advance = advance
        self.found_count = 0
        self.done_count = 0
        self.error_count = 0
        self.left_out: list[LeftOut] = []
        self._db = db
        self._scan_id = scan_id
        self._tell = tell
        self._phase: Phase = "walk"
        self._saved_s = 0.0

    async def enter(self, phase: Phase) -> None:
        """Note that a phase begins."""
        self._phase = phase
        await self.save()

    async def note(self) -> None:
        """Save the counters if that was not done just now."""
        if time.monotonic() - self._saved_s >= _SAVE_EVERY_S:
            await self.save()

    async def save(self) -> None:
        """Save the counters."""
        self._saved_s = time.monotonic()
        await self._db.execute(
            store.SAVE_SCAN,
            self._scan_id,
            self._phase,
            self.found_count,
            self.done_count,
            self.error_count,
        )
        total_count = 0 if self._phase == "walk" else self.found_count
        await self._tell(self.done_count, total_count)
