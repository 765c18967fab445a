"""Builds the view on background work, and its switches, out of the parts of a realm."""

from collections.abc import Sequence
from typing import Final

from server.kernel.http.api import Permission
from server.kernel.jobs import Desk
from server.kernel.module import Built
from server.kernel.parts import Parts
from server.kernel.schedule import Cron, Timetable
from server.services.background.model import MANAGE, PAUSE, READ
from server.services.background.routes import BackgroundRoutes, JobRoutes, ScheduleRoutes
from server.services.background.service import BackgroundService

PERMISSIONS: Final[tuple[Permission, ...]] = (PAUSE, READ, MANAGE)


def build(parts: Parts, schedule: Sequence[Cron]) -> Built:
    """Return the view on all jobs of the realm, and on the schedule that its slices declare."""
    background = BackgroundService(parts.jobs, Desk(parts.db, parts.jobs), parts.messages)
    timetable = Timetable(parts.db, parts.clock, parts.jobs, schedule)
    return Built(
        routes=(BackgroundRoutes(background), JobRoutes(background), ScheduleRoutes(timetable))
    )
