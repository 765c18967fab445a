"""The mark in the panel and its menu."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from gui.icons import panel_icon
from gui.look import Shape
from gui.seen import Notice
from gui.tray.presenter import Deed, Entry

_NOTICE_MS = 8_000


class Tray(QObject):
    """Shows what it is told to. `chosen` tells a deed and its target, `opening` that the menu is about to be seen."""

    chosen = Signal(str, str)
    opening = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        self.menu.aboutToShow.connect(self.opening)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activate)
        self._shape: Shape | None = None
        self._entries: Sequence[Entry] = ()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._redraw)

    @property
    def is_seen(self) -> bool:
        """Whether there is a panel that shows the mark."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show(self) -> None:
        """Appear in the panel; where there is none yet, as soon as there is."""
        self.icon.show()

    def present(self, shape: Shape, tooltip: str, entries: Sequence[Entry]) -> None:
        """Show this mark, these lines beside it and this menu."""
        if shape != self._shape:
            self._shape = shape
            self._redraw()
        if tooltip != self.icon.toolTip():
            self.icon.setToolTip(tooltip)
        if entries != self._entries:
            self._entries = entries
            self.menu.clear()
            self._fill(self.menu, entries)

    def notify(self, notice: Notice) -> None:
        """Tell something to a person who looks elsewhere."""
        self.icon.showMessage(notice.title, notice.text, self.icon.icon(), _NOTICE_MS)

    def _redraw(self) -> None:
        is_light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        self.icon.setIcon(panel_icon(self._shape or "sail-broken", on_dark=not is_light))

    def _fill(self, menu: QMenu, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.deed is None:
                menu.addSeparator()
            elif entry.below:
                below = menu.addMenu(entry.text)
                below.setEnabled(entry.is_enabled)
                self._fill(below, entry.below)
            else:
                self._add(menu, entry, entry.deed)

    def _add(self, menu: QMenu, entry: Entry, deed: Deed) -> None:
        action = QAction(entry.text, menu)
        action.setEnabled(entry.is_enabled)
        action.setCheckable(entry.is_checked is not None)
        action.setChecked(bool(entry.is_checked))
        action.triggered.connect(lambda: self.chosen.emit(deed, entry.target))
        menu.addAction(action)

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.chosen.emit("health", "")
