"""One state machine for every program that we run: started, watched, started again when it dies, stopped."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from app.failure import StartFailed
from app.supervisor.child import Account, before_exec, foreign_environment
from app.supervisor.output import Output
from server.kernel.log import get_log
from server.kernel.tasks import TaskScope

log = get_log(__name__)

_POLL_S = 0.01
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 30.0
_STEADY_S = 10.0
_LAST_WORDS_S = 1.0  # children that outlive it hold the pipe open
_CHECK_S = 2.0


class ProgramState(Struct, frozen=True, kw_only=True):
    """How a supervised program fares.

    `reason` says in plain words why it last ended and `cause` the code of that; `said` is what it gave as
    reason itself, `next_try_at` when it is started again.
    """

    product: str
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


class Spec(Struct, frozen=True, kw_only=True):
    """What one program has that others have not.

    `family` begins the codes of its failures. `is_ready` tells by its pid whether it serves, and once it did is asked every
    `check_interval_s`, if at all: `misses_max` in a row are its end. `clear_away` blocks and removes what a dead one left.
    `stop_signals` follow one another, `stop_wait_s` apart; `death_signal` is sent when we are gone (Linux).
    """

    name: str
    family: Literal["database", "cache", "search"]
    command: tuple[str, ...]
    folder: Path
    log_file: Path
    account: Account | None
    is_ready: Callable[[int], Awaitable[bool]]
    clear_away: Callable[[], object]
    meaning_of: Callable[[int, str], Meaning]
    start_timeout_s: float
    stop_signals: tuple[str, ...]
    stop_wait_s: float
    death_signal: signal.Signals
    check_interval_s: float | None = None
    misses_max: int = 3


class End(Struct, frozen=True, kw_only=True):
    """How it ended the last time, if it ever did."""

    meaning: Meaning | None = None
    said: str | None = None


class Program:
    """One program. `changed` is called with every new state."""

    def __init__(self, spec: Spec, changed: Callable[[ProgramState], None]) -> None:
        self._spec = spec
        self._output = Output(spec.log_file)
        self._changed = changed
        self._restart_count = 0
        self._end = End()
        self._process: asyncio.subprocess.Process | None = None
        self._is_running = False
        self._following: asyncio.Task[None] | None = None
        self._scope = TaskScope()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run it until the block ends, whatever kills it meanwhile. Raises: StartFailed, where the first start fails."""
        async with self._scope:
            try:
                await self._start()
                with self._kept(self._watch()):
                    yield
            finally:
                await self._stop()

    @contextlib.asynccontextmanager
    async def trying(self) -> AsyncIterator[None]:
        """Try to run it until the block ends, which waits for nothing and goes on without it."""
        async with self._scope:
            try:
                with self._kept(self._try()):
                    yield
            finally:
                await self._stop()

    @contextlib.contextmanager
    def _kept(self, watch: Coroutine[Any, Any, None]) -> Iterator[None]:
        spec = self._spec
        tasks = [self._scope.spawn(watch, name=f"watch {spec.name}")]
        if spec.check_interval_s is not None:
            ask = self._ask(spec.check_interval_s)
            tasks.append(self._scope.spawn(ask, name=f"ask {spec.name}"))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()  # else they take the stop for a death

    async def _start(self) -> None:
        """Start the child and wait until it serves. Raises: StartFailed."""
        spec = self._spec
        self._report("starting")
        self._process = process = await asyncio.create_subprocess_exec(
            *spec.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=spec.folder,
            env=foreign_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for the server alone
            preexec_fn=before_exec(death_signal=spec.death_signal, account=spec.account),
        )
        if process.stdout is not None:
            self._following = self._scope.spawn(
                self._output.follow(process.stdout), name=f"{spec.name} output"
            )
        try:
            async with asyncio.timeout(spec.start_timeout_s):
                while not await spec.is_ready(process.pid):
                    if process.returncode is not None:
                        said = await self._ended(process.returncode)
                        raise StartFailed(
                            said,
                            code=spec.meaning_of(process.returncode, said).code,
                            folder=str(spec.folder.parent),
                        )
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise StartFailed(
                f"{spec.name} did not start within {spec.start_timeout_s:.0f} s.",
                code=f"{spec.family}.slow",
                seconds=round(spec.start_timeout_s),
            ) from None
        self._report("running", pid=process.pid)

    async def _try(self) -> None:
        """Start it for the first time and keep it up; one that cannot be run at all is left alone."""
        try:
            with contextlib.suppress(StartFailed):  # the watch sees it ended and says why
                await asyncio.to_thread(self._spec.clear_away)
                await self._start()
        except OSError as error:
            why = error.strerror or type(error).__name__
            log.warning("program cannot be run", program=self._spec.name, reason=why)
            sentence = f"{self._spec.name} cannot be run here: {why}."
            self._end = End(meaning=Meaning(f"{self._spec.family}.cannot_run", sentence), said=why)
            self._report("stopped")
        else:
            await self._watch()

    async def _watch(self) -> None:
        """Start it again whenever it ends, after a pause that grows while it keeps ending soon."""
        loop = asyncio.get_running_loop()
        pause_s = 0.0
        while self._process is not None:
            began_s = loop.time()
            code = await self._process.wait()
            said = await self._ended(code)
            self._end = End(meaning=self._spec.meaning_of(code, said), said=said)
            log.error("program died", program=self._spec.name, exit_code=code, reason=said)
            pause_s = next_pause_s(pause_s, lived_s=loop.time() - began_s)
            self._restart_count += 1
            next_try_at = datetime.now(UTC) + timedelta(seconds=pause_s)
            self._report("restarting", next_try_at=next_try_at)
            await asyncio.sleep(pause_s)
            with contextlib.suppress(StartFailed, OSError):  # the loop sees it ended and says why
                await asyncio.to_thread(self._spec.clear_away)
                await self._start()

    async def _ask(self, interval_s: float) -> None:
        """End one that lives but serves no more: the watch starts it again."""
        missed_count = 0
        while True:
            await asyncio.sleep(interval_s)
            process = self._process
            if process is None or not self._is_running or await self._serves(process.pid):
                missed_count = 0
                continue
            missed_count += 1
            if missed_count == self._spec.misses_max:
                log.error("program does not answer", program=self._spec.name)
                missed_count = 0
                with contextlib.suppress(ProcessLookupError):
                    process.kill()

    async def _serves(self, pid: int) -> bool:
        try:
            async with asyncio.timeout(_CHECK_S):
                return await self._spec.is_ready(pid)
        except TimeoutError:
            return False

    async def _stop(self) -> None:
        """End it the way it likes best, then the next."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._report("stopped")
        stages = ("terminate",) if sys.platform == "win32" else self._spec.stop_signals
        for stage in stages:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(getattr(signal, stage, signal.SIGTERM))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self._spec.stop_wait_s)
                return

    async def _ended(self, code: int) -> str:
        """Return how and why it ended, its last words heard."""
        if self._following is not None:
            await asyncio.wait([self._following], timeout=_LAST_WORDS_S)
        how = f"signal {-code}" if code < 0 else f"status {code}"
        return f"{self._spec.name} ended with {how}: {self._output.complaint}"

    def _report(
        self,
        state: Literal["starting", "running", "restarting", "stopped"],
        *,
        pid: int | None = None,
        next_try_at: datetime | None = None,
    ) -> None:
        self._is_running = state == "running"
        meaning = self._end.meaning
        self._changed(
            ProgramState(
                product=self._spec.name,
                state=state,
                pid=pid,
                restart_count=self._restart_count,
                reason=meaning.sentence if meaning else None,
                cause=meaning.code if meaning else None,
                said=self._end.said,
                next_try_at=next_try_at,
            )
        )


def next_pause_s(last_s: float, *, lived_s: float) -> float:
    """Return the pause before the next start: twice the last one, unless the program lived for a while since.

    One that dies at its start takes longer and longer rests; one that is killed now and then is back at once.
    """
    return (
        _FIRST_PAUSE_S
        if lived_s > _STEADY_S
        else min(max(_FIRST_PAUSE_S, 2 * last_s), _LONGEST_PAUSE_S)
    )
