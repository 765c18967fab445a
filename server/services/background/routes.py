"""Background work over HTTP."""

from server.kernel.http.api import Call, route
from server.kernel.jobs import JobId
from server.kernel.schedule import ScheduleUnknown, Timetable
from server.services.background.model import (
    MANAGE,
    PAUSE,
    READ,
    BackgroundWork,
    Begun,
    Changed,
    EndedJobPage,
    EndedQuery,
    JobNotFound,
    JobNotReplayed,
    JobPage,
    JobQuery,
    OfKind,
    Overview,
    QueueState,
    QueueSwitch,
    Schedule,
)
from server.services.background.service import BackgroundService


class BackgroundRoutes:
    """The switches for background work: one for all of it, one a queue."""

    def __init__(self, background: BackgroundService) -> None:
        self._background = background

    @route("GET", "/background-work", permission=PAUSE)
    async def state(self) -> BackgroundWork:
        """Tell whether background work rests, all of it."""
        return self._background.work

    @route("PUT", "/background-work", permission=PAUSE)
    async def switch(self, body: BackgroundWork) -> BackgroundWork:
        """Let background work rest, or go on. It stays so when the server starts anew."""
        await self._background.switch(body)
        return body

    @route("PUT", "/jobs/queues", permission=PAUSE)
    async def switch_queue(self, body: QueueSwitch) -> QueueState:
        """Let the jobs of one queue rest, or go on. It stays so when the server starts anew."""
        return await self._background.switch_queue(body)


class JobRoutes:
    """Jobs by their state, and what can be done with them."""

    def __init__(self, background: BackgroundService) -> None:
        self._background = background

    @route("GET", "/jobs", permission=READ)
    async def page(self, call: Call, query: JobQuery) -> JobPage:
        """The jobs that run, wait, or failed for good."""
        return await self._background.page(query, call.language)

    @route("GET", "/jobs/ended", permission=READ)
    async def ended(self, query: EndedQuery) -> EndedJobPage:
        """The jobs that are no more: done ones for 7 days, removed ones for a day."""
        return await self._background.ended(query)

    @route("GET", "/jobs/overview", permission=READ)
    async def overview(self) -> Overview:
        """The queues and the kinds of jobs, and how many there are of each."""
        return await self._background.overview()

    @route("DELETE", "/jobs/{job_id}", permission=MANAGE, status=204, raises=(JobNotFound,))
    async def remove(self, job_id: JobId) -> None:
        """Cancel a job that runs or waits, or forget a dead one."""
        await self._background.remove(job_id)

    @route("POST", "/jobs/{job_id}/replay", permission=MANAGE, status=204, raises=(JobNotReplayed,))
    async def replay(self, job_id: JobId) -> None:
        """Try a dead job again, with all its tries."""
        await self._background.replay(job_id)

    @route("POST", "/jobs/replay", permission=MANAGE)
    async def replay_kind(self, body: OfKind) -> Changed:
        """Try all dead jobs of a kind again; the same work is not enqueued twice."""
        return await self._background.replay_kind(body.kind)

    @route("POST", "/jobs/forget", permission=MANAGE)
    async def forget_kind(self, body: OfKind) -> Changed:
        """Forget all dead jobs of a kind."""
        return await self._background.forget_kind(body.kind)


class ScheduleRoutes:
    """What comes due by the clock."""

    def __init__(self, timetable: Timetable) -> None:
        self._timetable = timetable

    @route("GET", "/jobs/schedule", permission=READ)
    async def schedule(self) -> Schedule:
        """What comes due by the clock, in the time zone of the server's computer."""
        return Schedule(items=self._timetable.due())

    @route(
        "POST",
        "/jobs/schedule/{name}/run",
        permission=MANAGE,
        status=202,
        raises=(ScheduleUnknown,),
    )
    async def run_now(self, name: str) -> Begun:
        """Enqueue what would come due later now; it comes due then, too."""
        return Begun(job_id=await self._timetable.run_now(name))
