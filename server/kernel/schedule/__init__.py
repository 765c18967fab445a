"""The schedule: enqueues jobs at the times that slices declare, and does nothing else."""

from server.kernel.schedule.model import Cron
from server.kernel.schedule.scheduler import Scheduler
from server.kernel.schedule.timetable import Due, ScheduleUnknown, Timetable

__all__ = ["Cron", "Due", "ScheduleUnknown", "Scheduler", "Timetable"]
