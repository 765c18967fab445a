"""Small pieces that several windows use."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.look import TOKENS

SPACE_PX = TOKENS.space_px
_LONG = re.compile(r"\S{17,}")


def label(text: str, part: str = "") -> QLabel:
    """Return a line of text that wraps; `part` is its place in the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)  # names of films and people are no markup
    made.setWordWrap(True)
    made.setProperty("part", part)
    return made


def breakable(name: str) -> str:
    """Return a name that may be broken inside a word longer than a line has room for."""
    return _LONG.sub(lambda word: "\u200b".join(word[0]), name)


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
