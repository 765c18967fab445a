"""The window of the log."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QFontDatabase, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from gui.api import Client, Logs
from gui.query import Query
from gui.texts import t
from gui.widgets import SPACE_PX, label
from gui.widgets.window import Window
from gui.windows.logs.presenter import matching, news

_SIZE_PX: Final = (920, 560)
_EVERY_MS: Final = 1_000
_LINE_COUNT: Final = 500


class LogsWindow(Window):
    """Reads the log while it is seen. `control` gives the client to ask, None while there is no server.

    Its lines come with secrets masked, so that a copy can be shown to others.
    """

    def __init__(self, control: Callable[[], Client | None]) -> None:
        super().__init__()
        self._control = control
        self._is_asked = False
        self._lines: list[str] = []
        self._shown: list[str] = []
        self.setWindowTitle(t("logs.title"))
        self.resize(*_SIZE_PX)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(t("logs.filter"))
        self.filter.setAccessibleName(t("logs.filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._show_matching)
        self.follows = QCheckBox(t("logs.follow"))
        self.follows.setChecked(True)
        self.copy = QPushButton(t("logs.copy"))
        self.copy.clicked.connect(self._copy)
        self.note = label(t("logs.masked"), "muted")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(t("logs.title"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._lay_out()
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._ask)

    def present(self, lines: list[str]) -> None:
        """Show those of these lines that match the filter."""
        self._lines = lines
        self._show_matching()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to read."""
        super().showEvent(event)
        self._timer.start()
        self._ask()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Only hide, and read no more."""
        event.ignore()
        self._timer.stop()
        self.hide()

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        for row in (above, below):
            row.setSpacing(3 * SPACE_PX)
        above.addWidget(self.filter, 1)
        above.addWidget(self.follows)
        below.addWidget(self.note, 1)
        below.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[4 * SPACE_PX] * 4)
        column.setSpacing(3 * SPACE_PX)
        column.addLayout(above)
        column.addWidget(self.text, 1)
        column.addLayout(below)

    def _ask(self) -> None:
        control = self._control()
        if control is None or self._is_asked:
            return
        self._is_asked = True
        path = f"/control/v1/logs?limit={_LINE_COUNT}"
        Query(self, lambda: control.get(path, Logs), self._take, lambda _: self._take(None))

    def _take(self, logs: Logs | None) -> None:
        self._is_asked = False
        if logs is not None and logs.lines != self._lines:
            self.present(logs.lines)

    def _show_matching(self) -> None:
        lines = matching(self._lines, self.filter.text())
        added = news(self._shown, lines)
        bar = self.text.verticalScrollBar()
        place = bar.value()
        if added is None or not self._shown:
            self.text.setPlainText("\n".join(lines))
        elif added:
            self.text.appendPlainText("\n".join(added))
        self._shown = lines
        self.copy.setEnabled(bool(lines))
        bar.setValue(bar.maximum() if self.follows.isChecked() else place)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._shown))
        self.note.setText(t("logs.copied", count=len(self._shown)))
