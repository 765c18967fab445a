"""A word of our own command line, run as a process of its own: what is slow, heavy or may hang stays outside."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QObject, QProcess, QTimer

_KILLED_MS: Final = 1_000


class Program(Struct, frozen=True, kw_only=True):
    """The program that knows the words, and the folder it starts in."""

    command: Sequence[str]
    folder: Path


class Errand(QObject):
    """One run. `on_end` hears what it printed, None where it failed or took too long; nothing once `parent` is gone.

    Each line that `on_line` hears, it hears as it comes, and `on_end` not. Its stdin stays open as long as we live.
    """

    def __init__(
        self,
        parent: QObject,
        program: Program,
        words: Sequence[str],
        on_end: Callable[[bytes | None], object],
        *,
        on_line: Callable[[bytes], object] | None = None,
        limit_ms: int,
    ) -> None:
        super().__init__(parent)
        self._on_end = on_end
        self._on_line = on_line
        self._process = QProcess(self)
        self._process.setWorkingDirectory(str(program.folder))
        self._process.setStandardErrorFile(QProcess.nullDevice())
        self._process.readyReadStandardOutput.connect(self._hear)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._miss)
        parent.destroyed.connect(self.stop)
        QTimer.singleShot(limit_ms, self._process, self._process.kill)
        first, *others = program.command
        self._process.start(first, [*others, *words])

    def give(self, line: bytes) -> None:
        """Write a line to its stdin."""
        self._process.write(line + b"\n")

    def stop(self) -> None:
        """End it now; nobody is told."""
        self.deleteLater()
        self._process.blockSignals(True)  # noqa: FBT003 (Qt)
        self._process.kill()
        self._process.waitForFinished(_KILLED_MS)

    def _hear(self) -> None:
        while self._on_line and self._process.canReadLine():
            self._on_line(bytes(self._process.readLine().data()))

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        is_well = status == QProcess.ExitStatus.NormalExit and code == 0
        self._tell(bytes(self._process.readAllStandardOutput().data()) if is_well else None)

    def _miss(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._tell(None)

    def _tell(self, said: bytes | None) -> None:
        self.deleteLater()
        self._on_end(said)
