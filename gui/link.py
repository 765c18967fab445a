"""The tie to the server: find one that runs, else start one as a child, and start it again when it dies."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import psutil
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QElapsedTimer, QObject, QProcess, QTimer, Signal

from gui.api import Client, Failure, Status, Stopping
from gui.condition import Condition, condition_of, failure_of, ours, pause_s
from gui.query import Query

_POLL_MS: Final = 1_500
_START_POLL_MS: Final = 300
_STEADY_MS: Final = 60_000
_ASK_MS: Final = 5_500
"""The server ends within 5 s when asked; after that it is told, then made to."""
_TERMINATE_MS: Final = 2_000
_START_AGAIN: Final = 75
"""Exit status of a server that wants to be started again, where it cannot do so by itself."""


class Runtime(Struct, frozen=True, kw_only=True):
    """How to reach the server that runs: its `runtime.json`, or the line it prints to its parent."""

    pid: int
    control_url: str
    token: str
    started_at_s: float | None = None


class Link(QObject):
    """One server at a time. `command` starts it; `changed` tells every new condition, `ended` the end of `stop`."""

    changed = Signal(object)
    ended = Signal()

    def __init__(
        self, parent: QObject, runtime_file: Path, command: Sequence[str], folder: Path
    ) -> None:
        super().__init__(parent)
        self.condition = Condition(situation="stopped")
        self.control: Client | None = None
        self._runtime_file = runtime_file
        self._command = command
        self._port: int | None = None
        self._failed_count = 0
        self._attached: Runtime | None = None
        self._is_asked = False
        self._is_restart = False
        self._is_leaving = False
        self._lasted = QElapsedTimer()
        self._poll = QTimer(self, interval=_START_POLL_MS)
        self._poll.timeout.connect(self._ask)
        self._again = QTimer(self, interval=1_000)
        self._again.timeout.connect(self._count_down)
        self._late = QTimer(self, singleShot=True)
        self._late.timeout.connect(self._insist)
        self._child = QProcess(self)
        self._child.setWorkingDirectory(str(folder))
        self._child.readyReadStandardOutput.connect(self._greet)
        self._child.errorOccurred.connect(self._mourn)
        self._child.finished.connect(self._bury)

    @property
    def is_ours(self) -> bool:
        """Whether the server is our child, and so ends with us."""
        return self._child.state() != QProcess.ProcessState.NotRunning

    @property
    def address(self) -> str:
        """Where the pages are; empty before the server says."""
        return self.condition.status.address if self.condition.status else ""

    def start(self) -> None:
        """Attach to the server that runs, else start one."""
        self._again.stop()
        self._is_restart = self._is_leaving = False
        self._lasted.start()
        failure = self.condition.failure if self._failed_count else None
        self._tell(Condition(situation="starting", failure=failure))
        self._poll.start(_START_POLL_MS)
        self._attached = find(self._runtime_file)
        if self._attached is not None:
            self._meet(self._attached)
            return
        self.control = None
        program, *words = self._command
        port = [] if self._port is None else ["--port", str(self._port)]
        self._child.start(program, [*words, *port])

    def start_on(self, port: int) -> None:
        """Start the server on another port, this time and as often as it is started again."""
        self._port = port
        self._failed_count = 0
        if self.is_ours:  # another try on the port before has just begun
            self.restart()
        else:
            self.start()

    def stop(self) -> None:
        """Let go: of a child by asking, then telling, then making it end; what others started goes on."""
        self._again.stop()
        self._is_leaving = True
        if not self.is_ours:
            self._poll.stop()
            self._tell(Condition(situation="stopped"))
            self.ended.emit()
            return
        self._tell(Condition(situation="stopping"))
        self._late.start(_ASK_MS)
        if self.control is None:
            self._child.closeWriteChannel()
            return
        self._shut_down()

    def restart(self) -> None:
        """Stop the server, whoever started it, and start it as our child."""
        self._is_restart = True
        self._failed_count = 0
        if self.is_ours:
            self.stop()
        elif self.condition.situation == "failed":
            self.start()
        else:
            self._is_leaving = True
            self._tell(Condition(situation="stopping"))
            self._shut_down()

    def _shut_down(self) -> None:
        control = self.control
        if control is not None:
            Query(
                self,
                lambda: control.send("POST", "/control/v1/shutdown", None, Stopping),
                lambda _: None,
                lambda _: self._child.closeWriteChannel(),
            )

    def _insist(self) -> None:
        """Tell the child to end, later make it."""
        if self._late.interval() == _TERMINATE_MS:
            self._child.kill()
        else:
            self._child.terminate()
            self._late.start(_TERMINATE_MS)

    def _greet(self) -> None:
        """Read the child's line: it says one at its start, and another when it starts again by itself."""
        while self._child.canReadLine():
            line = self._child.readLine().data()
            self._meet(msgspec.json.decode(line, type=Runtime))
            self._ask()

    def _meet(self, hello: Runtime) -> None:
        """Ask this server from now on; whoever was asked before is gone."""
        self.control = Client(hello.control_url, hello.token)
        self._is_asked = False
        if not self._is_leaving:
            self._tell(Condition(situation="starting"))
            self._poll.start(_START_POLL_MS)

    def _ask(self) -> None:
        control = self.control
        if control is None or self._is_asked:
            return
        self._is_asked = True
        Query(
            self,
            lambda: control.get("/control/v1/status", Status),
            lambda status: self._hear(control, status),
            lambda _: self._miss(control),
        )

    def _hear(self, control: Client, status: Status) -> None:
        self._is_asked = False
        if control is not self.control:
            return
        if self._lasted.elapsed() > _STEADY_MS:
            self._failed_count = 0
        self._poll.setInterval(_POLL_MS if status.is_ready else _START_POLL_MS)
        if not self._is_leaving:
            self._tell(condition_of(status))

    def _miss(self, control: Client) -> None:
        """Nobody answers: of our child its end will be told; a server of others is gone when its file is."""
        self._is_asked = False
        if control is not self.control or self.is_ours:
            return
        found = find(self._runtime_file)
        if found is not None and found.control_url != control.base_url:
            self._attached = found
            self._meet(found)
        elif found is None and self._attached and is_alive(self._attached) and not self._is_restart:
            self._tell(Condition(situation="starting"))  # it starts again by itself
        elif found is None:
            self.control = None
            if self._is_restart:
                self.start()
            else:
                self._retry(ours("gone"))

    def _mourn(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._retry(ours("no_start", reason=self._child.errorString()))

    def _bury(self) -> None:
        """The child ended: as asked, or by itself, which is a crash."""
        self._late.stop()
        self.control = None
        said = bytes(self._child.readAllStandardError().data()).decode(errors="replace")
        if self._is_restart or self._child.exitCode() == _START_AGAIN:
            self.start()
        elif self.condition.situation == "stopping":
            self._poll.stop()
            self._tell(Condition(situation="stopped"))
            self.ended.emit()
        else:
            is_killed = self._child.exitStatus() == QProcess.ExitStatus.CrashExit
            self._retry(failure_of(said, self._child.exitCode() if is_killed else None))

    def _retry(self, failure: Failure) -> None:
        self._poll.stop()
        wait_s = pause_s(self._failed_count)
        self._failed_count += 1
        failed = Condition(
            situation="failed",
            failure=failure,
            retry_in_s=wait_s,
            failed_count=self._failed_count,
        )
        self._tell(failed)
        self._again.start()

    def _count_down(self) -> None:
        left_s = self.condition.retry_in_s - 1
        if left_s > 0:
            self._tell(replace(self.condition, retry_in_s=left_s))
        else:
            self.start()

    def _tell(self, condition: Condition) -> None:
        if condition != self.condition:
            self.condition = condition
            self.changed.emit(condition)


def find(runtime_file: Path) -> Runtime | None:
    """Return how to reach the server of a `runtime.json` if it is alive."""
    try:
        runtime = msgspec.json.decode(runtime_file.read_bytes(), type=Runtime)
    except (OSError, msgspec.MsgspecError):
        return None
    return runtime if is_alive(runtime) else None


def is_alive(runtime: Runtime) -> bool:
    """Return whether the process that wrote it still runs."""
    try:
        process = psutil.Process(runtime.pid)
        is_same = process.create_time() == runtime.started_at_s
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
