"""The face of the worker processes that do native media work; `app.supervisor` runs them."""

from collections.abc import AsyncGenerator, Callable
from typing import ClassVar, Protocol

from msgspec import Struct

from server.kernel.errors import RevengeError, Unavailable
from server.kernel.precedence import Precedence


class WorkerFailed(RevengeError):
    """The work itself failed on this input: trying it again gives the same result."""

    code = "worker.failed"


class WorkerLost(Unavailable):
    """The worker process died or took too long on this input, and was replaced."""

    code = "worker.lost"


class Work[Reply](Struct, frozen=True, kw_only=True):
    """A request to a worker; the subclass names its operation and the type of its replies.

    Lasting work waits more than it works; it does not count among those that run at once.
    A paced work goes on to its next reply only when that is asked for, and ends where its stream is left: its
    worker stays warm for the next one.
    """

    op: ClassVar[str]
    reply: ClassVar[type]
    is_lasting: ClassVar[bool] = False
    is_paced: ClassVar[bool] = False


class Workers(Protocol):
    """Runs work in child processes that start on need and end when idle."""

    async def run[Reply](self, work: Work[Reply], *, timeout_s: float) -> Reply:
        """Return the one reply. Raises: WorkerFailed, WorkerLost. Cancelling ends the worker's process."""
        ...

    def stream[Reply](self, work: Work[Reply], *, timeout_s: float) -> AsyncGenerator[Reply]:
        """Yield replies as they come; `timeout_s` bounds each wait. Raises: WorkerFailed, WorkerLost."""
        ...


class WorkerTally(Struct, frozen=True, kw_only=True):
    """How a pool fares: processes that live, how many it ever started, and that died on their own, memory of all."""

    pids: tuple[int, ...]
    started_count: int
    died_count: int
    memory_bytes: int


class WorkerPools(Struct, frozen=True, kw_only=True):
    """Three pools: what can wait, pictures that a page waits for, what somebody watches right now.

    `precedence` is told who streams; `background` gives way then. `tallies` are by the name of the pool.
    """

    background: Workers
    answers: Workers
    streams: Workers
    precedence: Precedence
    tallies: Callable[[], dict[str, WorkerTally]]
