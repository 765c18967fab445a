"""A setting on the form: its name, its control, how it is set back, what it does and what is wrong with it."""

import re
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.texts import t
from gui.widgets import SPACE_PX, label
from gui.windows.server_settings.schema import (
    Choice,
    Number,
    Other,
    Setting,
    Switch,
    Text,
    in_words,
)

_NUMBER_PX: Final = 144
_CONTROL_MAX_PX: Final = 480
_LETTERS_MIN: Final = 16
_LOCK_PX: Final = 24
_JOINT: Final = re.compile(r"(?<=[_/\\])")
"""Where the name of a variable or a file may be broken."""


class NumberBox(QSpinBox):
    """A whole number. `refused` tells that something else was typed, which gives way to the number before."""

    written = Signal(object)
    refused = Signal()

    def __init__(self, kind: Number) -> None:
        super().__init__()
        self.setRange(kind.least, kind.most)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(_NUMBER_PX)
        # Padding of the style sheet does not reach the line inside.
        self.lineEdit().setTextMargins(2 * SPACE_PX, 0, 0, 0)
        self.valueChanged.connect(self.written.emit)

    def put(self, value: int) -> None:
        """Show a number; what is being typed is left alone."""
        if value != self.value():
            with QSignalBlocker(self):
                self.setValue(value)

    def fixup(self, input: str) -> str:  # noqa: A002 (Qt's name)
        """Tell that a number is out of its bounds."""
        self.refused.emit()
        return super().fixup(input)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let a page be scrolled over it."""
        event.ignore()


class SwitchBox(QCheckBox):
    """On or off."""

    written = Signal(object)

    def __init__(self) -> None:
        super().__init__(t("server_settings.switch"))
        self.clicked.connect(lambda: self.written.emit(self.isChecked()))

    def put(self, value: bool) -> None:  # noqa: FBT001 (a value, as the other controls take one)
        """Show whether it is on."""
        self.setChecked(value)


class TextLine(QLineEdit):
    """A line of text."""

    written = Signal(object)

    def __init__(self, kind: Text) -> None:
        super().__init__()
        self.setMaxLength(kind.most)
        self.textEdited.connect(self.written.emit)

    def put(self, value: str) -> None:
        """Show a text; the cursor stays where it is while somebody types."""
        if value != self.text():
            self.setText(value)
            self.setCursorPosition(0)


class ChoiceBox(QComboBox):
    """One of several."""

    written = Signal(object)

    def __init__(self, kind: Choice) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LETTERS_MIN)
        self.setView(QListView())  # the list it brings along does not follow the style sheet
        for const, title in kind.titles.items():
            self.addItem(title, const)
        self.activated.connect(lambda row: self.written.emit(self.itemData(row)))

    def put(self, value: str) -> None:
        """Show which one it is."""
        self.setCurrentIndex(self.findData(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let a page be scrolled over it."""
        event.ignore()


class FixedLine(QLineEdit):
    """A value that nobody can change here; it can be read and copied."""

    written = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._kind = setting.kind
        self.setReadOnly(True)
        self.setProperty("part", "pinned" if setting.pinned_by else "fixed")
        if setting.pinned_by:
            self.setTextMargins(_LOCK_PX, 0, 0, 0)

    def put(self, value: Any) -> None:
        """Show it as people read it."""
        self.setText(in_words(self._kind, value))
        self.setCursorPosition(0)


type Control = NumberBox | SwitchBox | TextLine | ChoiceBox | FixedLine
"""`put` shows a value, `written` tells another one that somebody chose."""


class SettingField(QWidget):
    """`written` tells another value, `refused` that what was typed is none, `reset` that the default is to be."""

    written = Signal(object)
    refused = Signal()
    reset = Signal()

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._can_change, self._said = setting.can_change, setting.hint
        self.control = _control(setting)
        self.control.setMaximumWidth(_CONTROL_MAX_PX)
        self.control.setAccessibleName(setting.title)
        self.control.written.connect(self.written.emit)
        if isinstance(self.control, NumberBox):
            self.control.refused.connect(self.refused)
        self.hint, self.error = label(_JOINT.sub("\u200b", setting.hint), "muted"), label("", "bad")
        self.back = QPushButton(t("server_settings.back"))
        self.back.setAccessibleName(t("server_settings.back_of", name=setting.title))
        self.back.setProperty("part", "quiet")
        self.back.setAutoDefault(True)
        self.back.clicked.connect(self._reset)
        stays = self.back.sizePolicy()
        stays.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(stays)
        self._lay_out(setting)

    def present(self, value: Any, error: str, *, is_default: bool) -> None:
        """Show a value and what is wrong with it."""
        self.control.put(value)
        self.back.setVisible(self._can_change and not is_default)
        self.error.setText(error)
        self.error.setVisible(bool(error))
        self.control.setAccessibleDescription(f"{error} {self._said}".lstrip())

    def _reset(self) -> None:
        self.control.setFocus()  # the button is about to go
        self.reset.emit()

    def _lay_out(self, setting: Setting) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_PX)
        above = label(setting.title.replace("&", "&&"))  # one alone would be taken for a key
        above.setBuddy(self.control)
        column.addWidget(above)
        across = QHBoxLayout()
        across.setSpacing(2 * SPACE_PX)
        across.addWidget(self.control, 0 if isinstance(self.control, NumberBox | SwitchBox) else 1)
        across.addWidget(self.back)
        across.addStretch()
        column.addLayout(across)
        column.addWidget(self.hint)
        column.addWidget(self.error)
        self.setFocusProxy(self.control)


def _control(setting: Setting) -> Control:
    match setting.kind if setting.can_change else Other():
        case Number() as kind:
            return NumberBox(kind)
        case Switch():
            return SwitchBox()
        case Text() as kind:
            return TextLine(kind)
        case Choice() as kind:
            return ChoiceBox(kind)
        case Other():
            return FixedLine(setting)
