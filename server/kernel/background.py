"""What runs beside the requests of a realm: events, live connections, jobs, and the schedule of jobs."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.events import Consumer, Dispatcher, Event, Happened
from server.kernel.jobs import Jobs, Runner
from server.kernel.leader import LockLeader
from server.kernel.listen import Listener
from server.kernel.realtime import Places, Realtime, ViewerOf
from server.kernel.schedule import Cron, Scheduler
from server.kernel.tasks import TaskScope


class Line(Struct, frozen=True, kw_only=True):
    """How to hear what a realm's tables notify; `key` hides from clients where they are in the order of events."""

    dsn: str
    channel: str
    key: bytes

    def __repr__(self) -> str:
        return "Line(***)"


class Declared(Struct, frozen=True, kw_only=True):
    """What the slices of a realm declare: controllers with jobs, consumers, and who may hear which event.

    `schedule` says which jobs come due by the clock, `private_events` are told to consumers only.
    """

    jobs: Sequence[object]
    consumers: Sequence[Consumer]
    heard: Mapping[type[Event], str]
    private_events: Sequence[type[Event]]
    schedule: Sequence[Cron]


class Background(Struct, frozen=True, kw_only=True):
    """What runs, for the application that serves and ends it."""

    runner: Runner
    dispatcher: Dispatcher
    realtime: Realtime

    async def drain(self, grace_s: float) -> None:
        """Begin the end: close live connections, give jobs so many seconds."""
        self.realtime.close_all()
        await self.runner.stop(grace_s)


@asynccontextmanager
async def open_background(
    db: Db, clock: Clock, jobs: Jobs, line: Line, declared: Declared, viewer_of: ViewerOf
) -> AsyncIterator[Background]:
    """Run it all inside the block. Raises: TypeError, ValueError, for declarations that cannot work."""
    listener = Listener(line.dsn)
    dispatcher = Dispatcher(db, clock, listener, line.channel)
    realtime = Realtime(dispatcher, Places(line.key))
    realtime.declare(declared.heard, viewer_of)

    def tell(happened: Sequence[Happened]) -> None:
        db.on_happened([one.event for one in happened])  # other processes write too
        realtime.tell(happened)

    dispatcher.declare((*declared.heard, *declared.private_events), declared.consumers, tell)
    jobs.declare(declared.jobs)
    runner = Runner(db, jobs, listener, line.channel)
    leader = LockLeader(line.dsn, line.channel)
    scheduler = Scheduler(db, clock, jobs, declared.schedule, leader)
    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(TaskScope())
        tasks.spawn(listener.run(), name="listener")
        await stack.enter_async_context(dispatcher.running())
        await stack.enter_async_context(runner.running())
        await stack.enter_async_context(scheduler.running())
        yield Background(runner=runner, dispatcher=dispatcher, realtime=realtime)
