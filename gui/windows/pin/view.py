"""The window of a PIN: digits as dots, gone as soon as the window is no longer in front."""

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gui.api import Client
from gui.query import Query
from gui.texts import t
from gui.widgets import SPACE_PX, label
from gui.widgets.field import Field
from gui.windows.pin.presenter import PIN_MAX, Entry, FieldName, Purpose, Target

_WIDTH_PX: Final = 360
_SECOND_MS: Final = 1_000
_NAMES: Final[tuple[FieldName, ...]] = ("current_pin", "password", "pin", "again")
_DIGITS: Final = (
    Qt.InputMethodHint.ImhDigitsOnly
    | Qt.InputMethodHint.ImhSensitiveData
    | Qt.InputMethodHint.ImhNoPredictiveText
)


class PinWindow(QDialog):
    """`accepted` tells that the server took it."""

    def __init__(
        self, client: Client, target: Target, purpose: Purpose, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("pin.title"))
        self.setFixedWidth(_WIDTH_PX)
        self.entry = Entry(partial(Query, self), self.present, client, target, purpose)
        self._is_built = False
        self._tick = QTimer(self, interval=_SECOND_MS)
        self._tick.timeout.connect(self.entry.tick)
        self._build(purpose)

    def present(self) -> None:
        """Show the entry as it is now."""
        if not self._is_built:
            return
        entry = self.entry
        for name, field in self.fields.items():
            field.setVisible(name in entry.fields)
            field.line.setEnabled(not entry.is_busy and not entry.wait_s)
            if field.line.text() != entry.texts.get(name, ""):
                field.line.setText(entry.texts.get(name, ""))
        self.message.setText(entry.message)
        self.proof.setVisible(entry.can_choose_proof)
        self.proof.setText(t("pin.by_pin" if entry.uses_password else "pin.by_password"))
        self.send.setEnabled(entry.can_send)
        self._follow()
        if entry.is_done:
            self.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Forget the digits when another window comes to the front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.entry.forget()

    def _build(self, purpose: Purpose) -> None:
        self.fields = {name: self._field(name) for name in _NAMES}
        self.message = label("", "bad")
        self.message.setMinimumHeight(self.message.fontMetrics().lineSpacing() * 2)
        self.message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.proof = QPushButton()
        self.proof.setAutoDefault(False)
        self.proof.clicked.connect(self._choose_proof)
        self.send = QPushButton(t(f"pin.{purpose}"))
        self.send.setProperty("part", "primary")
        self.send.setDefault(True)
        self.send.clicked.connect(self.entry.send)
        cancel = QPushButton(t("pin.cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.send)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[6 * SPACE_PX] * 4)
        column.setSpacing(3 * SPACE_PX)
        for widget in (*self.fields.values(), self.message, self.proof):
            column.addWidget(widget)
        column.addLayout(buttons)
        self._is_built = True
        self.present()

    def _field(self, name: FieldName) -> Field:
        field = Field(t(f"pin.field.{name}"))
        field.hide_signs()
        field.line.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        if name != "password":
            field.line.setInputMethodHints(_DIGITS)
            field.line.setMaxLength(PIN_MAX)
            field.line.setProperty("part", "pin")
            field.line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        field.line.textEdited.connect(partial(self.entry.write, name))
        return field

    def _choose_proof(self) -> None:
        self.entry.choose_proof(is_password=not self.entry.uses_password)
        self._focus()

    def _follow(self) -> None:
        """Count a wait down; when it is over, or an answer came, the first field is next."""
        if self.entry.wait_s and not self._tick.isActive():
            self._tick.start()
        elif not self.entry.wait_s and self._tick.isActive():
            self._tick.stop()
            self._focus()
        elif self.entry.error and not self.entry.texts and not self.entry.wait_s:
            self._focus()

    def _focus(self) -> None:
        self.fields[self.entry.fields[0]].line.setFocus()
