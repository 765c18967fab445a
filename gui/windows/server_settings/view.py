"""The window of the server's settings: a card for each part of it, the buttons below."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.query import Query
from gui.texts import t
from gui.widgets import SPACE_PX, card, dress, label, scrolled
from gui.widgets.window import Window
from gui.windows.server_settings.fields import SettingField
from gui.windows.server_settings.presenter import ServerSettings
from gui.windows.server_settings.schema import Key, Section, Setting
from gui.wizard.steps import Server

_SIZE_PX: Final = (680, 640)
_EDGE_PX: Final = 6 * SPACE_PX
_BAR_PX: Final = 10 + 2 * SPACE_PX
"""What a bar for scrolling takes of the edge, with its distance."""


class ServerSettingsWindow(Window):
    """Looks at the server when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(t("server_settings.title"))
        self.resize(*_SIZE_PX)
        self.settings = ServerSettings(partial(Query, self), self.present)
        self.fields: dict[Key, SettingField] = {}
        self._server = Server()
        self._form: list[tuple[str, list[Setting]]] = []
        self._was_busy = self._closes = False
        QShortcut(QKeySequence(QKeySequence.StandardKey.Cancel), self, self.close)
        self._build()
        self.present()

    def connect_to(self, server: Server) -> None:
        """Ask this server from now on; without a token there is nothing to see."""
        if server != self._server:
            self._server = server
            self.settings.connect(server.session())
            if self.isVisible():
                self.settings.look()

    def present(self) -> None:
        """Show what is known now."""
        settings = self.settings
        self._list(settings.sections or ())
        self.sentence.setText(settings.error or settings.remark)
        dress(self.sentence, "bad" if settings.error else "muted")
        self.again.setVisible(settings.can_look)
        state, tone = settings.state
        self.state.setText(state)
        dress(self.state, tone)
        self.save.setEnabled(settings.can_save)
        self.give_up.setEnabled(settings.is_dirty and not settings.is_busy)
        self.buttons.setVisible(bool(settings.sections))
        for section in settings.sections or ():
            for one in section.settings:
                value = settings.value(one)
                self.fields[one.key].present(
                    value, settings.errors.get(one.key, ""), is_default=value == one.default
                )
        self._follow()

    def showEvent(self, event: QShowEvent) -> None:
        """Look."""
        super().showEvent(event)
        self.settings.look()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; what is not saved is asked about first."""
        if self.settings.is_dirty:
            event.ignore()
            if not any(box.isVisible() for box in self.findChildren(QMessageBox)):
                self.ask()
        else:
            super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return save from every field: only dialogs have a default button."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.save.click()
        super().keyPressEvent(event)

    def ask(self) -> QMessageBox:
        """Ask what is to become of that which is not saved."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(t("server_settings.title"))
        box.setText(t("server_settings.ask"))
        box.setInformativeText(t("server_settings.ask.text"))
        save = box.addButton(t("server_settings.save"), QMessageBox.ButtonRole.AcceptRole)
        save.setEnabled(self.settings.can_save)
        save.clicked.connect(self._save_and_close)
        lose = box.addButton(t("server_settings.give_up"), QMessageBox.ButtonRole.DestructiveRole)
        lose.clicked.connect(self._give_up_and_close)
        stay = box.addButton(t("server_settings.stay"), QMessageBox.ButtonRole.RejectRole)
        box.setEscapeButton(stay)
        box.setDefaultButton(save if self.settings.can_save else stay)
        box.open()
        return box

    def _build(self) -> None:
        self.sentence, self.state = label("", "muted"), label("", "muted")
        self.again = _button("server_settings.again", self.settings.look)
        self.give_up = _button("server_settings.give_up", self.settings.give_up)
        self.save = _button("server_settings.save", self.settings.save)
        self.save.setProperty("part", "primary")
        page = QWidget()
        self.cards = QVBoxLayout(page)
        self.cards.setContentsMargins(_EDGE_PX, 0, _EDGE_PX - _BAR_PX, _EDGE_PX)
        self.cards.setSpacing(4 * SPACE_PX)
        self.frame = scrolled(page)
        self.buttons = QWidget()
        across = QHBoxLayout(self.buttons)
        across.setContentsMargins(_EDGE_PX, 3 * SPACE_PX, _EDGE_PX, 4 * SPACE_PX)
        across.setSpacing(2 * SPACE_PX)
        across.addWidget(self.state, 1)
        across.addWidget(self.give_up)
        across.addWidget(self.save)
        head = QVBoxLayout()
        head.setContentsMargins(_EDGE_PX, _EDGE_PX, _EDGE_PX, 4 * SPACE_PX)
        head.setSpacing(2 * SPACE_PX)
        head.addWidget(label(t("server_settings.heading"), "title"))
        head.addWidget(self.sentence)
        head.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.frame, 1)
        column.addWidget(self.buttons)

    def _list(self, sections: Sequence[Section]) -> None:
        """Make the form anew where it has other fields; else what somebody is about to use stays."""
        if _form(sections) == self._form:
            return
        used = next((key for key, one in self.fields.items() if one.control.hasFocus()), None)
        self._form, self.fields = _form(sections), {}
        self.setFocus()  # else it would wander along the fields that go
        while item := self.cards.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for section in sections:
            self.cards.addWidget(self._card(section))
        self.cards.addStretch()
        self._order()
        if used in self.fields:
            self.fields[used].setFocus()

    def _card(self, section: Section) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, SPACE_PX, 0, 0)
        column.setSpacing(5 * SPACE_PX)
        for one in section.settings:
            field = self.fields[one.key] = SettingField(one)
            field.written.connect(partial(self.settings.write, one))
            field.refused.connect(partial(self.settings.complain, one))
            field.reset.connect(partial(self.settings.set_back, one))
            column.addWidget(field)
        return card(label(section.title, "heading"), inner)

    def _order(self) -> None:
        """Lead Tab through the fields from top to bottom, then to the buttons."""
        fields = [stop for one in self.fields.values() for stop in (one.control, one.back)]
        for first, second in pairwise((self.again, *fields, self.give_up, self.save)):
            QWidget.setTabOrder(first, second)

    def _save_and_close(self) -> None:
        self._closes = True
        self.settings.save()

    def _give_up_and_close(self) -> None:
        self.settings.give_up()
        self.close()

    def _follow(self) -> None:
        """After a saving: close if that was asked, or go to what was refused."""
        was_busy, self._was_busy = self._was_busy, self.settings.is_busy
        if not was_busy or self._was_busy:
            return
        closes, self._closes = self._closes, False
        wrong = [self.fields[key] for key in self.settings.errors if key in self.fields]
        if closes and not self.settings.is_dirty:
            self.close()
        elif wrong:
            self.frame.ensureWidgetVisible(wrong[0])
            wrong[0].setFocus()


def _form(sections: Sequence[Section]) -> list[tuple[str, list[Setting]]]:
    """Return what the form is made of: all but the values."""
    return [(one.title, [replace(it, value=None) for it in one.settings]) for one in sections]


def _button(code: str, deed: object) -> QPushButton:
    button = QPushButton(t(code))
    button.setAutoDefault(True)
    button.clicked.connect(deed)
    return button
