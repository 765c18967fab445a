"""How far a scan is, in memory and, twice a second at most, in the database."""

import time
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from server.kernel.db import Db
from server.services.library import store
from server.services.library.model import Phase, ScanState
from server.services.library.store import LeftOut

_SAVE_EVERY_S: Final = 0.5
_LEFT_OUT_MAX: Final = 200
"""So many are named; whoever has more has one cause."""


class Tally:
    """The counters of one scan."""

    def __init__(self, db: Db, scan_id: UUID) -> None:
        self.found_count = 0
        self.done_count = 0
        self.error_count = 0
        self.left_out: list[LeftOut] | None = None  # known once every folder was walked
        self._db = db
        self._scan_id = scan_id
        self._phase: Phase = "walk"
        self._saved_s = 0.0

    async def enter(self, phase: Phase) -> None:
        """Note that a phase begins."""
        self._phase = phase
        await self._save("running")

    async def note(self) -> None:
        """Save the counters if that was not done just now."""
        if time.monotonic() - self._saved_s >= _SAVE_EVERY_S:
            await self._save("running")

    async def end(self, state: ScanState, now: datetime, *, code: str | None = None) -> None:
        """Note how the scan ended; `code` says why it failed."""
        if state == "done":
            self._phase = "done"
        await self._save(state, now, code)

    async def _save(
        self, state: ScanState, ended_at: datetime | None = None, code: str | None = None
    ) -> None:
        self._saved_s = time.monotonic()
        await self._db.execute(
            store.SAVE_SCAN,
            self._scan_id,
            state,
            self._phase,
            self.found_count,
            self.done_count,
            self.error_count,
            ended_at,
            code,
            _json(self.left_out),
        )


def _json(left_out: list[LeftOut] | None) -> str | None:
    if left_out is None:
        return None
    return msgspec.json.encode(left_out[:_LEFT_OUT_MAX]).decode()
