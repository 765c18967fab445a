"""The tray with a clock in it, for `bench.tray`: prints when its mark and its wizard are there, at its end how late it was."""

import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app import tray
from gui.desk import Desk
from gui.wizard.view import WizardWindow

TICK_MS = 5
TOUR_MS = 700


class Clock(QObject):
    """Notes how late the main thread is, and how long it is busy in one go."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.late_ms: list[float] = []
        self.busy_ms: list[float] = []
        self._last = (time.perf_counter(), time.thread_time())
        timer = QTimer(self, interval=TICK_MS)
        timer.timeout.connect(self._tick)
        timer.start()

    def _tick(self) -> None:
        now = time.perf_counter(), time.thread_time()
        self.late_ms.append((now[0] - self._last[0]) * 1000 - TICK_MS)
        self.busy_ms.append((now[1] - self._last[1]) * 1000)
        self._last = now


class Tour(QObject):
    """Opens one window after the other and closes it again, as long as it lasts."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._count = 0
        timer = QTimer(self, interval=TOUR_MS)
        timer.timeout.connect(self._go_on)
        timer.start()

    def _go_on(self) -> None:
        deeds = ("libraries", "health", "logs")
        windows: tuple[QWidget, ...] = (self._desk.libraries, self._desk.overview, self._desk.logs)
        place = self._count % len(deeds)
        windows[place - 1].hide()
        self._desk.tray.chosen.emit(deeds[place], "")
        self._count += 1


def told_at_first_sight(name: str) -> Callable[[], None]:
    """Return what prints, once, how old the process is."""
    seen: list[float] = []

    def tell() -> None:
        if not seen:
            seen.append(time.time() - psutil.Process().create_time())
            print(name, seen[0], flush=True)

    return tell


def main() -> int:
    """Run the tray to its end."""
    show_mark, show_wizard, clocks = Desk.__init__, WizardWindow.showEvent, list[Clock]()
    mark, wizard = told_at_first_sight("mark"), told_at_first_sight("wizard")

    def begin(desk: Desk, *parts: Any) -> None:
        show_mark(desk, *parts)
        mark()
        clocks.append(Clock(desk))
        if "--tour" in sys.argv:
            Tour(desk)

    def appear(window: WizardWindow, event: QShowEvent) -> None:
        show_wizard(window, event)
        wizard()

    setattr(Desk, "__init__", begin)  # noqa: B010 (a method that is not ours to change)
    setattr(WizardWindow, "showEvent", appear)  # noqa: B010
    status = tray.run()
    for name, gaps in (("late", clocks[0].late_ms), ("busy", clocks[0].busy_ms)):
        print(name, sorted(gaps)[int(len(gaps) * 0.999)], max(gaps), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
