"""The window of the profiles."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.query import Query
from gui.texts import t
from gui.widgets import SPACE_PX, breakable, card, dress, label, scrolled
from gui.widgets.window import Window
from gui.windows.pin.view import PinWindow
from gui.windows.profiles.presenter import PURPOSES, Profiles, Row, Wish
from gui.wizard.steps import Server

_SIZE_PX: Final = (560, 420)


class ProfilesWindow(Window):
    """Looks at the server when it is opened, and after a PIN was changed."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(t("profiles.title"))
        self.resize(*_SIZE_PX)
        self.profiles = Profiles(partial(Query, self), self.present)
        self._server = Server()
        self._listed: Sequence[Row] = ()
        self._opened: UUID | None = None
        self._build()
        self.present()

    def connect_to(self, server: Server) -> None:
        """Ask this server from now on; without a token there is nothing to see."""
        if server != self._server:
            self._server = server
            self.profiles.connect(server.session())
            if self.isVisible():
                self.profiles.look()

    def present(self) -> None:
        """Show what is known now."""
        profiles = self.profiles
        self._list(profiles.rows or ())
        sentence = profiles.error or t(f"profiles.situation.{profiles.situation}")
        self.sentence.setText(sentence)
        dress(self.sentence, "bad" if profiles.error else "muted")
        self.sentence.setVisible(bool(profiles.error) or profiles.situation != "full")
        self.again.setVisible(bool(profiles.error))

    def open_pin(self, row: Row, wish: Wish) -> PinWindow | None:
        """Open the window in which the PIN of a profile is set or removed."""
        if self.profiles.client is None:
            return None
        self._opened = row.target.profile_id
        window = PinWindow(self.profiles.client, row.target, PURPOSES[wish], self)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.accepted.connect(self.profiles.look)
        window.open()
        return window

    def showEvent(self, event: QShowEvent) -> None:
        """Look."""
        super().showEvent(event)
        self.profiles.look()

    def _build(self) -> None:
        self.sentence = label("", "muted")
        self.again = QPushButton(t("profiles.again"))
        self.again.clicked.connect(self.profiles.look)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(3 * SPACE_PX)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(*[6 * SPACE_PX] * 4)
        column.setSpacing(3 * SPACE_PX)
        column.addWidget(label(t("profiles.heading"), "title"))
        column.addWidget(label(t("profiles.why"), "muted"))
        column.addWidget(self.sentence)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self.rows)
        column.addStretch()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(page))

    def _list(self, rows: Sequence[Row]) -> None:
        if rows == self._listed:
            return
        self._listed = rows
        self.setFocus()  # else it would wander along the buttons that go
        while item := self.rows.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for row in rows:
            self.rows.addWidget(self._line(row))

    def _line(self, row: Row) -> QWidget:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(breakable(row.name)))
        words.addWidget(label(row.state, "muted"))
        line = QWidget()
        across = QHBoxLayout(line)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(2 * SPACE_PX)
        across.addLayout(words, 1)
        across.setAlignment(words, Qt.AlignmentFlag.AlignVCenter)
        for wish in row.wishes:
            button = QPushButton(t(f"profiles.{wish}"))
            button.setAccessibleName(t(f"profiles.{wish}_of", name=row.name))
            button.clicked.connect(partial(self.open_pin, row, wish))
            across.addWidget(button)
            if row.target.profile_id == self._opened and wish == row.wishes[0]:
                QTimer.singleShot(0, button, button.setFocus)
        return card(line)
