"""The mark in the panel and its menu."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from gui.icons import panel_icon
from gui.look import Shape
from gui.seen import Notice
from gui.tray.menu import LiveMenu
from gui.tray.presenter import Entry

_NOTICE_MS = 8_000


class Tray(QObject):
    """Shows what it is told to. `chosen` tells a deed and its target, `opening` that the menu is about to be seen."""

    chosen = Signal(str, str)
    opening = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.menu = LiveMenu()
        self.menu.chosen.connect(self.chosen)
        self.menu.aboutToShow.connect(self.opening)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activate)
        self._shape: Shape | None = None
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
        self.menu.offer(entries)

    def notify(self, notice: Notice) -> None:
        """Tell something to a person who looks elsewhere."""
        self.icon.showMessage(notice.title, notice.text, self.icon.icon(), _NOTICE_MS)

    def _redraw(self) -> None:
        is_light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        self.icon.setIcon(panel_icon(self._shape or "sail-broken", on_dark=not is_light))

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.chosen.emit("health", "")
