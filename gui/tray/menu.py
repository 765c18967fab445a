"""A menu whose lines change while somebody has it open."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from gui.tray.presenter import Entry


class LiveMenu(QMenu):
    """Offers what it is told to. `chosen` tells a deed and its target.

    An open menu keeps its lines, so that nobody chooses what slipped under the hand: words, marks and what can be chosen change at
    once, and lines may come below the last; others come when it is closed.
    """

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Sequence[Entry] = ()
        self._wanted: Sequence[Entry] = ()
        self.aboutToHide.connect(lambda: QTimer.singleShot(0, self, self._settle))

    def offer(self, entries: Sequence[Entry]) -> None:
        """Offer these lines from now on."""
        self._wanted = entries
        self._settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay beside the menu above and on the screen when lines come."""
        super().resizeEvent(event)
        above = self.parentWidget()
        if not self.isVisible() or not isinstance(above, LiveMenu):
            return
        grown_px = event.size().width() - event.oldSize().width()
        x = self.x() - grown_px if self.x() < above.x() else self.x()
        room = self.screen().availableGeometry()
        self.move(
            max(room.left(), min(x, room.right() - self.width())),
            max(room.top(), min(self.y(), room.bottom() - self.height())),
        )

    def _settle(self) -> None:
        shown, wanted = _lines(self._shown), _lines(self._wanted)
        if wanted[: len(shown)] != shown:
            if self.isVisible():
                return
            self._empty()
        self._add(self._wanted[len(self.actions()) :])
        for action, entry in zip(self.actions(), self._wanted, strict=True):
            _show(action, entry)
        self._shown = self._wanted

    def _empty(self) -> None:
        self.clear()
        for old in self.findChildren(LiveMenu):
            old.deleteLater()

    def _add(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.deed is None:
                self.addSeparator()
            elif entry.below:
                below = LiveMenu(self)
                below.chosen.connect(self.chosen)
                self.addMenu(below)
            else:
                action = self.addAction(entry.text)
                action.triggered.connect(
                    lambda _, deed=entry.deed, target=entry.target: self.chosen.emit(deed, target)
                )


def _lines(entries: Sequence[Entry]) -> list[tuple[str | None, str]]:
    """Return what the lines do, whatever they say."""
    return [(one.deed, one.target) for one in entries]


def _show(action: QAction, entry: Entry) -> None:
    action.setText(entry.text.replace("&", "&&"))  # one alone would underline what follows it
    action.setEnabled(entry.is_enabled)
    action.setCheckable(entry.is_checked is not None)
    action.setChecked(bool(entry.is_checked))
    below = action.menu()
    if isinstance(below, LiveMenu):
        below.offer(entry.below)
