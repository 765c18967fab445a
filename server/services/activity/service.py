"""The rules of the activity log: what is kept, for how long, and who reads what of it."""

from datetime import datetime, timedelta
from typing import Final

from server.kernel.clock import Clock
from server.kernel.db import Db, Tx
from server.kernel.events import Consumer, Happened
from server.kernel.messages import Messages
from server.kernel.page import decode_cursor, encode_cursor
from server.kernel.settings import Live
from server.kernel.viewer import Viewer
from server.services.activity import store
from server.services.activity.model import (
    READ_ALL,
    ActivePeople,
    Activity,
    ActivityPage,
    ActivityQuery,
    ActivityRow,
    ActivitySettings,
    Latest,
    Noted,
)

_AHEAD: Final = timedelta(days=31)
_MONTHS_AHEAD: Final = 2


class ActivityLog:
    """Writes what slices emit as `Noted`, and reads it again."""

    def __init__(
        self, db: Db, clock: Clock, messages: Messages, settings: Live[ActivitySettings]
    ) -> None:
        self._db = db
        self._clock = clock
        self._messages = messages
        self._settings = settings
        self.consumer = Consumer(name="activity", events=(Noted,), handle=self._note)

    async def page(self, viewer: Viewer, asked: ActivityQuery, language: str) -> ActivityPage:
        """Return what happened, the latest first; a member sees their own. Raises: Invalid."""
        oldest = since = self._oldest()
        latest = self._clock.now() + _AHEAD  # the database may have a clock of its own
        if asked.days is not None:
            since = max(oldest, self._clock.now() - timedelta(days=asked.days))
        place = Latest(happened_at=latest)
        if asked.cursor is not None:
            place = decode_cursor(asked.cursor, Latest)
        rows = await self._db.all(
            store.PAGE,
            since,
            max(oldest, min(place.happened_at, latest)),
            place.position,
            None if viewer.may(READ_ALL.name) else viewer.user_id,
            asked.user_id,
            asked.topic,
            asked.limit + 1,
        )
        shown = rows[: asked.limit]
        is_more = len(rows) > asked.limit
        return ActivityPage(
            items=[self._shown(row, language) for row in shown],
            next_cursor=encode_cursor(_place(shown[-1])) if is_more else None,
        )

    async def people(self) -> ActivePeople:
        """Return everybody of whom something is kept."""
        return ActivePeople(items=await self._db.all(store.PEOPLE))

    async def make_months(self) -> None:
        """Make the partitions of this month and the next, before somebody waits for one."""
        first_day = self._clock.now().replace(day=1)
        for count in range(_MONTHS_AHEAD + 1):
            await self._db.value(store.MAKE_MONTH, first_day + count * _AHEAD)

    async def forget_old(self) -> None:
        """Remove what is kept long enough: whole months at once, and the rest row by row."""
        await self._db.value(store.FORGET, self._oldest())

    def _oldest(self) -> datetime:
        return self._clock.now() - timedelta(days=self._settings.now.kept_days)

    async def _note(self, tx: Tx, happened: Happened) -> None:
        """Keep one event. Its month is there already, unless clocks jump."""
        noted = happened.event
        if not isinstance(noted, Noted):
            return
        await tx.value(store.MAKE_MONTH, happened.emitted_at)
        await tx.execute(
            store.NOTE,
            happened.emitted_at,
            happened.position,
            noted.what,
            noted.user_id,
            noted.user_name,
            noted.address,
            noted.subject_id,
            noted.subject,
            noted.code,
        )

    def _shown(self, row: ActivityRow, language: str) -> Activity:
        reason = row.code and self._messages.text(language, row.code, {}).title
        return Activity(
            happened_at=row.happened_at,
            kind=row.kind,
            user_id=row.user_id,
            user_name=row.user_name,
            address=row.address,
            subject_id=row.subject_id,
            subject=row.subject,
            reason=reason,
        )


def _place(row: ActivityRow) -> Latest:
    return Latest(happened_at=row.happened_at, position=row.position)
