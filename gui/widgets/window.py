"""A window of its own on the desktop."""

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


class Window(QWidget):
    """Wears the ground of the style sheet, and closes by the keys that close windows on this system."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("window")
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)
