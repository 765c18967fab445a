"""The pool of worker processes: started on need, ended when idle, replaced when they crash or grow."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    aclosing,
    asynccontextmanager,
    nullcontext,
)
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import psutil

from app import frames
from app.supervisor.child import before_exec
from app.supervisor.priority import come_last
from server.kernel.log import bound_now, get_log, only_bound
from server.kernel.precedence import BACKGROUND, Precedence
from server.kernel.tasks import TaskScope
from server.kernel.workers import Work, WorkerFailed, WorkerLost, WorkerPools, WorkerTally

log = get_log(__name__)

_IDLE_END_S = 30.0
_MOST_STREAMS = 64
"""Each holds a process while somebody watches; more than a home has viewers."""

_STREAM_IDLE_END_S = 60.0
_KILL_WAIT_S = 5.0
_STOP_WAIT_S = 1.0
_NICENESS = 10  # playback and answers come before scans
_ANSWER_NICENESS = 5  # pictures may come late, films not
# Five times what reading films takes. Pictures of 4K leave 250 MB for a while.
_MOST_MEMORY_BYTES = 400_000_000
_MOST_STREAM_MEMORY_BYTES = 1_500_000_000  # x264 looks far ahead in 4K

# Who comes last waits for others, not for a file that cannot be read.
_LAST_PATIENCE = 10


@asynccontextmanager
async def open_workers() -> AsyncIterator[WorkerPools]:
    """Yield the pools of a server; leaving ends their processes."""
    precedence = Precedence()
    async with (
        WorkerPool(precedence=precedence) as background,
        WorkerPool(niceness=_ANSWER_NICENESS) as answers,
        WorkerPool(
            limit=_MOST_STREAMS,
            idle_end_s=_STREAM_IDLE_END_S,
            niceness=0,
            most_memory_bytes=_MOST_STREAM_MEMORY_BYTES,
        ) as streams,
    ):
        yield WorkerPools(
            background=background,
            answers=answers,
            streams=streams,
            precedence=precedence,
            tallies=lambda: {
                "background": background.tally(),
                "answers": answers.tally(),
                "streams": streams.tally(),
            },
        )


class WorkerPool:
    """Implements `server.kernel.workers.Workers`. An async context manager: leaving it kills the workers.

    With a `precedence` its work gives way as that says: fewer processes at once, and those come last. Since no
    process can be sure to be raised again, it ends when its work in hand is done and nobody streams any more.
    """

    def __init__(
        self,
        command: list[str] | None = None,
        *,
        limit: int | None = None,
        idle_end_s: float = _IDLE_END_S,
        niceness: int = _NICENESS,
        most_memory_bytes: int = _MOST_MEMORY_BYTES,
        precedence: Precedence | None = None,
    ) -> None:
        self._command = command or worker_command()
        self._niceness = niceness
        self._precedence = precedence or Precedence()
        self._limit = limit or os.cpu_count() or 1
        self._slots = asyncio.Semaphore(self._limit)
        self._withholding: asyncio.Task[None] | None = None
        self._idle_end_s = idle_end_s
        self._most_memory_bytes = most_memory_bytes
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._tasks = TaskScope()
        self._following: set[asyncio.Task[None]] = set()
        self._started_count = 0
        self._died_count = 0

    @property
    def count(self) -> int:
        """Return how many worker processes there are."""
        return len(self._workers)

    def tally(self) -> WorkerTally:
        """Return how the pool fares."""
        return WorkerTally(
            pids=tuple(worker.pid for worker in self._workers),
            started_count=self._started_count,
            died_count=self._died_count,
            memory_bytes=sum(worker.memory_bytes() for worker in self._workers),
        )

    async def __aenter__(self) -> Self:
        self._precedence.follow(self._adapt)
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in list(self._workers):
            worker.kill()
        if self._following:
            await asyncio.wait(self._following, timeout=_KILL_WAIT_S)
        await self._tasks.__aexit__(kind, error, trace)

    async def run[R](self, work: Work[R], *, timeout_s: float) -> R:
        """Return the one reply. Raises: WorkerFailed, WorkerLost. Cancelling ends the worker's process."""
        async with aclosing(self.stream(work, timeout_s=timeout_s)) as replies:
            found = [reply async for reply in replies]
        if len(found) != 1:
            raise WorkerLost(op=work.op)
        return found[0]

    async def stream[R](self, work: Work[R], *, timeout_s: float) -> AsyncGenerator[R]:
        """Yield replies as they come; `timeout_s` bounds each wait. Raises: WorkerFailed, WorkerLost.

        Leaving the stream before its end kills the worker unless the work is paced: close it (`contextlib.aclosing`).
        """
        body = msgspec.Raw(msgspec.msgpack.encode(work))
        async with nullcontext() if work.is_lasting else self._slots:
            worker = await self._take()
            is_usable = False
            worker.fields = {"op": work.op, **bound_now()}
            try:
                worker.send(frames.Request(op=work.op, body=body))
                while isinstance(
                    frame := await worker.receive(work.op, self._patience(timeout_s)), frames.Reply
                ):
                    yield msgspec.msgpack.decode(frame.body, type=work.reply)
                    if work.is_paced:
                        worker.send(frames.More())
                is_usable = True
                if isinstance(frame, frames.Failed):
                    raise WorkerFailed(op=work.op, reason=frame.code, detail=frame.message)
            finally:
                try:
                    is_usable = is_usable or (work.is_paced and await worker.stopped(work.op))
                finally:
                    self._give_back(worker) if is_usable else worker.kill()

    async def _take(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            worker.stay()
            if worker.is_alive:
                return worker
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=_source_root(),
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            preexec_fn=before_exec(death_signal=_killing(), nice=self._niceness),
        )
        worker = _Worker(process)
        self._workers.add(worker)
        if self._precedence.gives_way:
            worker.come_last()
        self._started_count += 1
        following = self._tasks.spawn(self._follow(worker), name="worker output")
        self._following.add(following)
        following.add_done_callback(self._following.discard)
        return worker

    def _give_back(self, worker: "_Worker") -> None:
        """Keep the worker for the next work; not one that grew, as decoders do that leak on damaged files."""
        has_grown = worker.memory_bytes() > self._most_memory_bytes
        if has_grown or (worker.is_last and not self._precedence.gives_way):
            worker.end()
            return
        self._idle.append(worker)
        worker.leave_after(self._idle_end_s, lambda: self._retire(worker))

    def _retire(self, worker: "_Worker") -> None:
        if worker in self._idle:
            self._idle.remove(worker)
        worker.end()

    def _adapt(self) -> None:
        """Give way, or go on as ever."""
        if self._withholding is not None:
            self._withholding.cancel()
            self._withholding = None
        if self._precedence.gives_way:
            count = self._limit - self._precedence.room(BACKGROUND, self._limit)
            self._withholding = self._tasks.spawn(self._withhold(count), name="giving way")
            for worker in self._workers:
                worker.come_last()
        else:
            for worker in [worker for worker in self._idle if worker.is_last]:
                worker.stay()
                self._retire(worker)

    async def _withhold(self, count: int) -> None:
        """Keep so many places from work, each when its turn comes, until cancelled."""
        async with AsyncExitStack() as places:
            for _ in range(count):
                await places.enter_async_context(self._slots)
            await asyncio.Event().wait()

    def _patience(self, timeout_s: float) -> float:
        return timeout_s * (_LAST_PATIENCE if self._precedence.gives_way else 1)

    async def _follow(self, worker: "_Worker") -> None:
        """Write what the worker prints to our log until it is gone, then note how it went."""
        try:
            code = await worker.drain()
        finally:
            self._workers.discard(worker)
            worker.kill()
        if code not in (0, -signal.SIGTERM) and not worker.was_killed:
            self._died_count += 1
            with worker.at_work():
                log.warning("worker died", exit_code=code)


class _Worker:
    """One process and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._leaving: asyncio.TimerHandle | None = None
        self._awaited_bytes: int | None = None
        self.fields: dict[str, Any] = {}
        self.pid = process.pid
        self.was_killed = False
        self.is_last = False

    def at_work(self) -> AbstractContextManager[Any]:
        """Log on behalf of the work in hand: its request and job, not those that the process was started for."""
        return only_bound(pid=self.pid, **self.fields)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None and not self.was_killed

    def memory_bytes(self) -> int:
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return 0  # it is gone

    def send(self, frame: frames.Request | frames.More | frames.Stop) -> None:
        stdin = self._process.stdin
        if stdin is not None:
            stdin.write(frames.encode(frame))

    async def receive(self, op: str, timeout_s: float) -> frames.Frame:
        """Return the next frame. Raises: WorkerLost."""
        stdout = self._process.stdout
        if stdout is None:
            raise WorkerLost(op=op)
        try:
            async with asyncio.timeout(timeout_s):
                if self._awaited_bytes is None:  # a wait that was cancelled inside a frame left it
                    head = await stdout.readexactly(frames.LENGTH_BYTES)
                    self._awaited_bytes = frames.length(head)
                content = await stdout.readexactly(self._awaited_bytes)
                self._awaited_bytes = None
                return frames.decode(content)
        except (OSError, EOFError, frames.FrameTooLarge, msgspec.DecodeError) as error:
            raise WorkerLost(op=op) from error

    async def stopped(self, op: str) -> bool:
        """Ask it to leave its paced work; return whether it did and is ready for another."""
        self.send(frames.Stop())
        try:
            while isinstance(await self.receive(op, _STOP_WAIT_S), frames.Reply):
                continue
        except WorkerLost:
            return False
        return True

    def leave_after(self, delay_s: float, leave: Callable[[], None]) -> None:
        self._leaving = asyncio.get_running_loop().call_later(delay_s, leave)

    def stay(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()

    def come_last(self) -> None:
        """Let all others go first, for good."""
        self.is_last = True
        come_last(self.pid)

    def end(self) -> None:
        """Ask the process to end by closing its input."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def kill(self) -> None:
        self.stay()
        if self._process.returncode is None:
            self.was_killed = True
            self._process.kill()

    async def drain(self) -> int:
        """Log what it prints until it is gone; return its exit status."""
        stdout, stderr = self._process.stdout, self._process.stderr
        while stderr is not None and (chunk := await stderr.read(64 * 1024)):
            with self.at_work():
                for line in chunk.decode(errors="replace").splitlines():
                    log.info("worker says", text=line[:2000])
        while self.was_killed and stdout is not None and await stdout.read(64 * 1024):
            continue  # a pipe that nobody reads to its end stays open
        return await self._process.wait()


def worker_command() -> list[str]:
    """Return the words that start one worker, from source and from a frozen build."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "worker"]
    return [sys.executable, "-m", "app", "worker"]


def _source_root() -> Path | None:
    return None if getattr(sys, "frozen", False) else Path(__file__).parent.parent.parent


def _killing() -> Any:
    return getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows has no SIGKILL and no death signal
