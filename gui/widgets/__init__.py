"""Small pieces that several windows use."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.look import TOKENS

SPACE_PX = TOKENS.space_px


def label(text: str, part: str = "") -> QLabel:
    """Return a line of text that wraps; `part` is its place in the style sheet."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setProperty("part", part)
    return made


def breakable(text: str) -> str:
    """Return a text whose paths may go on in the next line after any of their folders."""
    return text.replace("/", "/\u200b").replace("\\", "\\\u200b")


def card(*widgets: QWidget) -> QFrame:
    """Return a card with widgets below one another."""
    made = QFrame()
    made.setProperty("part", "card")
    column = QVBoxLayout(made)
    column.setContentsMargins(4 * SPACE_PX, 3 * SPACE_PX, 4 * SPACE_PX, 4 * SPACE_PX)
    column.setSpacing(2 * SPACE_PX)
    for widget in widgets:
        column.addWidget(widget)
    return made


def scrolled(page: QWidget) -> QScrollArea:
    """Return a page that scrolls where a window is too small for it, or letters are very large."""
    frame = QScrollArea()
    page.setObjectName("page")
    page.setContentsMargins(0, 0, 2 * SPACE_PX, 0)  # where the bar comes
    frame.setWidgetResizable(True)
    frame.setFrameShape(QFrame.Shape.NoFrame)
    frame.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    frame.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    frame.setWidget(page)
    return frame


def dress(widget: QWidget, part: str) -> None:
    """Give a widget another place in the style sheet."""
    if widget.property("part") != part:
        widget.setProperty("part", part)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
