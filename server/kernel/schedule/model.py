"""When a job is due: a cron expression, checked where it is declared."""

from datetime import UTC, datetime

from apscheduler.triggers.cron import CronTrigger
from msgspec import Struct


class Cron(Struct, frozen=True, kw_only=True):
    """A job's payload, to be enqueued whenever the expression is due in the computer's time zone.

    `expression` has five fields: minute, hour, day, month, weekday; where both a day and a weekday are
    given, both must fit. `name` is kept in the database. Raises: ValueError, for an expression that is
    wrong or never due.
    """

    name: str
    expression: str
    payload: Struct

    def __post_init__(self) -> None:
        try:
            _check(self.expression)
        except ValueError as error:
            raise ValueError(f"schedule {self.name}, {self.expression!r}: {error}") from error


def _check(expression: str) -> None:
    trigger = CronTrigger.from_crontab(expression, UTC)
    if any(sign.isdigit() for sign in expression.rsplit(maxsplit=1)[-1]):
        raise ValueError(
            "name the weekdays (mon-fri): 0 is Sunday to cron and Monday to our library"
        )
    if trigger.get_next_fire_time(None, datetime.now(UTC)) is None:
        raise ValueError("there is no such day")
