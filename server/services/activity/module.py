"""Builds the activity log out of the parts of a realm."""

from typing import Final

from server.kernel.events import Event
from server.kernel.http.api import Permission
from server.kernel.module import Built
from server.kernel.parts import Parts
from server.kernel.schedule import Cron
from server.services.activity.jobs import ActivityJobs
from server.services.activity.model import (
    READ,
    READ_ALL,
    ActivitySettings,
    Noted,
    TendActivity,
)
from server.services.activity.routes import ActivityRoutes
from server.services.activity.service import ActivityLog

PERMISSIONS: Final[tuple[Permission, ...]] = (READ, READ_ALL)
EVENTS: Final[tuple[type[Event], ...]] = (Noted,)
NIGHTLY: Final = Cron(name="activity.nightly", expression="40 3 * * *", payload=TendActivity())


class BuiltActivity(Built, frozen=True, kw_only=True):
    """The activity log, which makes room for itself at the start."""

    log: ActivityLog


def build(parts: Parts) -> BuiltActivity:
    """Return the activity log."""
    settings = parts.settings.declare("activity", ActivitySettings)
    log = ActivityLog(parts.db, parts.clock, parts.messages, settings)
    return BuiltActivity(
        log=log,
        routes=(ActivityRoutes(log),),
        jobs=(ActivityJobs(log),),
        consumers=(log.consumer,),
        schedule=(NIGHTLY,),
    )
