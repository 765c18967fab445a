"""A line to write in, its name above it."""

from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from gui.widgets import SPACE_PX


class Field(QWidget):
    """`line` is where to write."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        above = QLabel(name)
        above.setBuddy(self.line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_PX)
        column.addWidget(above)
        column.addWidget(self.line)
        self.setFocusProxy(self.line)

    def hide_signs(self) -> None:
        """Show dots for what is written."""
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
