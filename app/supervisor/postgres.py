"""Runs our own PostgreSQL as a direct child: started, watched, started again when it dies, stopped."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from msgspec import Struct

from app.failure import StartFailed
from app.supervisor.child import before_exec, foreign_environment
from app.supervisor.cluster import Cluster
from app.supervisor.leftover import stop_leftover
from app.supervisor.output import Output
from server.kernel.log import get_log
from server.kernel.tasks import TaskScope

log = get_log(__name__)

_START_TIMEOUT_S = (
    600.0  # recovery after a crash replays the log, however long that takes on a slow disk
)
_POLL_S = 0.01
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 30.0
_STEADY_S = 60.0
_FAST_STOP_S = 8.0
_LAST_WORDS_S = 1.0  # backends that outlive it hold the pipe open


class ProgramState(Struct, frozen=True, kw_only=True):
    """How a supervised program fares.

    `reason` says in plain words why it last ended and `cause` the code of that; `said` is what it gave as
    reason itself, `next_try_at` when it is started again.
    """

    state: Literal["starting", "running", "restarting", "stopped"]
    pid: int | None = None
    restart_count: int = 0
    reason: str | None = None
    cause: str | None = None
    said: str | None = None
    next_try_at: datetime | None = None


class Meaning(Struct, frozen=True):
    """What an end means: its code, and what that means and what helps as a sentence."""

    code: str
    sentence: str


# What PostgreSQL 18 says in src/backend, and the system's own words in it
_MEANINGS = (
    ("No space left on device", "database.disk_full", "The disk of the data directory is full. Make room on it."),
    ("Disk quota exceeded", "database.quota", "This user may use no more of the disk. Make room on it."),
    ("Read-only file system", "database.read_only", "The disk of the data directory can only be read. Check the disk and mount it anew."),
    ("Input/output error", "database.disk_failing", "The disk of the data directory cannot be read. Check it, it may be failing."),
    ("Permission denied", "database.no_right", "The database may not use its own files. Give the data directory back to the user of the server."),
    ("Cannot allocate memory", "database.no_memory", "This computer has too little memory free. Close other programs."),
    ("could not create shared memory", "database.no_memory", "This computer has too little memory free. Close other programs."),
    ("Too many open files", "database.too_many_files", "The system allows too few open files. Raise that limit, or close other programs."),
    ("could not locate a valid checkpoint record", "database.damaged", "The files of the database are damaged. Restore the data directory from a backup."),
    ("invalid page", "database.damaged", "The files of the database are damaged. Restore the data directory from a backup."),
    ("No such file or directory", "database.files_gone", "Files of the database are gone. Restore the data directory from a backup."),
)  # fmt: skip
_KILLED = Meaning(
    "database.killed",
    "Another program or the system ended the database; the system does so when memory runs out. It is started again by itself.",
)
_UNKNOWN = Meaning(
    "database.ended",
    "The database ended unexpectedly. It is started again by itself; if that keeps happening, its log says more.",
)
_FROM_OUTSIDE = (9, 15)  # SIGKILL, SIGTERM; by number, for not every system has the names


class End(Struct, frozen=True, kw_only=True):
    """How it ended the last time, if it ever did."""

    meaning: Meaning | None = None
    said: str | None = None


class Postgres:
    """One PostgreSQL on one cluster. `changed` is called with every new state."""

    def __init__(
        self, cluster: Cluster, log_file: Path, changed: Callable[[ProgramState], None]
    ) -> None:
        self._cluster = cluster
        self._output = Output(log_file)
        self._changed = changed
        self._restart_count = 0
        self._end = End()
        self._process: asyncio.subprocess.Process | None = None
        self._following: asyncio.Task[None] | None = None
        self._scope = TaskScope()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Cluster]:
        """Run it until the block ends, whatever kills it meanwhile. Raises: StartFailed."""
        async with self._scope:
            try:
                await self._start()
                watch = self._scope.spawn(self._watch(), name="watch postgres")
                try:
                    yield self._cluster
                finally:
                    watch.cancel()  # else it takes the stop for a death
            finally:
                await self._stop()

    async def _start(self) -> None:
        """Start the child and wait until it takes connections. Raises: StartFailed."""
        self._process = process = await asyncio.create_subprocess_exec(
            *self._cluster.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=self._cluster.run_dir,
            env=foreign_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for the server alone
            preexec_fn=before_exec(death_signal=signal.SIGINT, account=self._cluster.account),
        )
        if process.stderr is not None:
            self._following = self._scope.spawn(
                self._output.follow(process.stderr), name="postgres output"
            )
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                while not self._cluster.is_ready(process.pid):
                    if process.returncode is not None:
                        said = await self._ended(process.returncode)
                        raise StartFailed(
                            said,
                            code=meaning_of(process.returncode, said).code,
                            folder=str(self._cluster.folder.parent),
                        )
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise StartFailed(
                f"PostgreSQL did not start within {_START_TIMEOUT_S:.0f} s.",
                code="database.slow",
                seconds=round(_START_TIMEOUT_S),
            ) from None
        self._report("running", pid=process.pid)

    async def _watch(self) -> None:
        """Start it again whenever it ends, after a pause that grows while it keeps ending soon."""
        loop = asyncio.get_running_loop()
        pause_s = _FIRST_PAUSE_S
        while self._process is not None:
            began_s = loop.time()
            code = await self._process.wait()
            said = await self._ended(code)
            self._end = End(meaning=meaning_of(code, said), said=said)
            log.error("postgres died", exit_code=code, reason=said)
            if loop.time() - began_s > _STEADY_S:
                pause_s = _FIRST_PAUSE_S
            self._restart_count += 1
            next_try_at = datetime.now(UTC) + timedelta(seconds=pause_s)
            self._report("restarting", next_try_at=next_try_at)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            with contextlib.suppress(StartFailed, OSError):  # the loop sees it ended and says why
                await asyncio.to_thread(stop_leftover, self._cluster.folder, self._cluster.run_dir)
                await self._start()

    async def _stop(self) -> None:
        """End it by the fast way, which writes a checkpoint and rolls open transactions back."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._report("stopped")
        stages = ("terminate",) if sys.platform == "win32" else ("SIGINT", "SIGQUIT", "SIGKILL")
        for stage in stages:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(getattr(signal, stage, signal.SIGTERM))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _FAST_STOP_S)
                return

    async def _ended(self, code: int) -> str:
        """Return how and why it ended, its last words heard."""
        if self._following is not None:
            await asyncio.wait([self._following], timeout=_LAST_WORDS_S)
        how = f"signal {-code}" if code < 0 else f"status {code}"
        return f"PostgreSQL ended with {how}: {self._output.complaint}"

    def _report(
        self,
        state: Literal["running", "restarting", "stopped"],
        *,
        pid: int | None = None,
        next_try_at: datetime | None = None,
    ) -> None:
        meaning = self._end.meaning
        self._changed(
            ProgramState(
                state=state,
                pid=pid,
                restart_count=self._restart_count,
                reason=meaning.sentence if meaning else None,
                cause=meaning.code if meaning else None,
                said=self._end.said,
                next_try_at=next_try_at,
            )
        )


def meaning_of(code: int, said: str) -> Meaning:
    """Return what an end of PostgreSQL means for a person."""
    if -code in _FROM_OUTSIDE:
        return _KILLED
    found = (Meaning(name, sentence) for sign, name, sentence in _MEANINGS if sign in said)
    return next(found, _UNKNOWN)
