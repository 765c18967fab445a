"""The activity log on a real database: its months, who reads what of it, and what it never holds."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from server.kernel.db import Db
from server.kernel.errors import Invalid
from server.kernel.events import Happened
from server.kernel.ids import new_id
from server.kernel.messages import Messages
from server.kernel.roles import Owner
from server.kernel.settings import Live
from server.kernel.viewer import Viewer
from server.services.activity.model import (
    READ_ALL,
    ActivityKind,
    ActivityQuery,
    ActivitySettings,
    Noted,
)
from server.services.activity.service import ActivityLog
from tests.helpers.clock import FakeClock

KEPT = timedelta(days=90)
NOW = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
ADA, BEN = new_id(), new_id()
PARTITIONS = """
SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid
WHERE inhparent = 'public.activity'::regclass ORDER BY relname
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
async def log(db: Db, owner: Owner, clock: FakeClock) -> ActivityLog:
    for name in await months(owner):
        await owner.execute(f"DROP TABLE public.{name}")
    return ActivityLog(db, clock, Messages.load(), Live(ActivitySettings()))


async def months(owner: Owner) -> list[str]:
    return [record["relname"] for record in await owner.fetch(PARTITIONS)]


def viewer(user_id: UUID = ADA, *, sees_all: bool = True) -> Viewer:
    return Viewer(
        user_id=user_id,
        profile_id=new_id(),
        profile_name="Ada",
        session_id=new_id(),
        realm="public",
        permissions=frozenset({READ_ALL.name} if sees_all else ()),
        library_ids=(),
        max_level=100,
        language="de",
    )


async def note(
    db: Db, log: ActivityLog, at: datetime, position: int, noted: Noted | None = None
) -> None:
    event = noted or Noted(what="session.begun", user_id=ADA, user_name="Ada")
    async with db.transaction() as tx:
        await log.consumer.handle(tx, Happened(position=position, event=event, emitted_at=at))


def by(user_id: UUID, name: str, what: ActivityKind) -> Noted:
    return Noted(what=what, user_id=user_id, user_name=name)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), ["2026_11", "2026_12", "2027_01"]),
        (datetime(2027, 1, 31, tzinfo=UTC), ["2027_01", "2027_02", "2027_03"]),
        (datetime(2028, 2, 29, tzinfo=UTC), ["2028_02", "2028_03", "2028_04"]),
    ],
)
async def test_the_months_to_come_are_made_ahead_as_often_as_one_likes(
    db: Db, owner: Owner, log: ActivityLog, day: datetime, expected: list[str]
) -> None:
    ahead = ActivityLog(db, FakeClock(day), Messages.load(), Live(ActivitySettings()))
    await ahead.make_months()
    await ahead.make_months()
    assert await months(owner) == [f"activity_{month}" for month in expected]


async def test_a_month_that_ends_between_two_events_loses_neither(
    db: Db, owner: Owner, log: ActivityLog, clock: FakeClock
) -> None:
    await log.make_months()
    await note(db, log, NOW, 1)
    clock.go(seconds=2)
    await note(db, log, clock.now(), 2)
    assert [one.happened_at for one in (await log.page(viewer(), ActivityQuery(), "de")).items] == [
        clock.now(),
        NOW,
    ]
    assert await owner.fetchval("SELECT count(*) FROM public.activity_2026_12") == 1


async def test_a_clock_that_jumps_finds_a_month_of_its_own(
    db: Db, owner: Owner, log: ActivityLog
) -> None:
    await note(db, log, NOW.replace(year=2031), 1)
    await note(db, log, NOW.replace(year=1999), 2)
    assert await months(owner) == ["activity_1999_11", "activity_2031_11"]


async def test_old_months_go_at_once_and_the_rest_row_by_row(
    db: Db, owner: Owner, log: ActivityLog, clock: FakeClock
) -> None:
    kept_from = NOW - KEPT
    ages = [KEPT + timedelta(days=40), KEPT + timedelta(seconds=1), KEPT, timedelta()]
    for position, age in enumerate(ages):
        await note(db, log, NOW - age, position)
    await log.forget_old()
    assert await months(owner) == ["activity_2026_09", "activity_2026_11"]
    kept = await owner.fetch("SELECT happened_at FROM public.activity ORDER BY happened_at")
    assert [record["happened_at"] for record in kept] == [kept_from, NOW]
    clock.go(days=200)
    await log.forget_old()
    assert await months(owner) == []


async def test_what_is_too_old_is_not_shown_even_before_the_job_ran(
    db: Db, log: ActivityLog
) -> None:
    await note(db, log, NOW - KEPT - timedelta(seconds=1), 1)
    longest = ActivityQuery(days=3650)
    assert (await log.page(viewer(), longest, "de")).items == []


async def test_pages_follow_each_other_across_months_without_gap_or_repeat(
    db: Db, log: ActivityLog
) -> None:
    for position in range(23):  # some in the same instant
        await note(db, log, NOW - timedelta(days=3 * (position // 2)), position)
    seen, cursor = [], None
    for _ in range(9):
        page = await log.page(viewer(), ActivityQuery(limit=3, cursor=cursor), "de")
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 23
    assert seen == sorted(seen, key=lambda one: one.happened_at, reverse=True)
    assert seen == (await log.page(viewer(), ActivityQuery(limit=500), "de")).items


async def test_who_what_and_when_narrow_the_log(db: Db, log: ActivityLog) -> None:
    await note(db, log, NOW - timedelta(days=2), 1, by(ADA, "Ada", "library.added"))
    await note(db, log, NOW - timedelta(days=1), 2, by(BEN, "Ben", "play.begun"))
    await note(db, log, NOW, 3, by(ADA, "Ada", "play.begun"))

    async def found(**wanted: object) -> list[tuple[str | None, str]]:
        page = await log.page(viewer(), ActivityQuery(**wanted), "de")  # type: ignore[arg-type]
        return [(one.user_name, one.kind) for one in page.items]

    assert await found(user_id=BEN) == [("Ben", "play.begun")]
    assert await found(topic="library") == [("Ada", "library.added")]
    assert await found(days=1) == [("Ada", "play.begun"), ("Ben", "play.begun")]
    assert await found(topic="library", days=1) == []


async def test_a_member_sees_their_own_whatever_they_ask_for(db: Db, log: ActivityLog) -> None:
    await note(db, log, NOW, 1, by(ADA, "Ada", "play.begun"))
    await note(db, log, NOW, 2, by(BEN, "Ben", "play.begun"))
    await note(db, log, NOW, 3, Noted(what="scan.finished", subject="Films"))
    ben = viewer(BEN, sees_all=False)
    assert [one.user_name for one in (await log.page(ben, ActivityQuery(), "de")).items] == ["Ben"]
    assert (await log.page(ben, ActivityQuery(user_id=ADA), "de")).items == []
    assert len((await log.page(viewer(), ActivityQuery(), "de")).items) == 3


async def test_a_failure_is_told_in_the_readers_language(db: Db, log: ActivityLog) -> None:
    failed = Noted(what="scan.failed", subject="Films", code="scan.interrupted")
    await note(db, log, NOW, 1, failed)
    (german,) = (await log.page(viewer(), ActivityQuery(), "de")).items
    (english,) = (await log.page(viewer(), ActivityQuery(), "en")).items
    assert german.reason != english.reason
    assert "scan.interrupted" not in {german.reason, english.reason}


async def test_people_have_the_name_of_the_last_time(db: Db, log: ActivityLog) -> None:
    await note(db, log, NOW - timedelta(days=40), 1, by(BEN, "Benjamin", "session.begun"))
    await note(db, log, NOW, 2, by(BEN, "Ben", "session.begun"))
    await note(db, log, NOW, 3, by(ADA, "Ada", "session.begun"))
    await note(db, log, NOW, 4, Noted(what="session.refused", address="192.0.2.1"))
    people = (await log.people()).items
    assert [(one.user_id, one.name) for one in people] == [(ADA, "Ada"), (BEN, "Ben")]


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "gaA", "é", "k" * 1024])
async def test_what_is_no_cursor_is_refused(log: ActivityLog, cursor: str) -> None:
    with pytest.raises(Invalid):
        await log.page(viewer(), ActivityQuery(cursor=cursor), "de")
