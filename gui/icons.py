"""The sail: the mark of the program, in the window and in the panel."""

from typing import Final, Literal

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.look import RESOURCES, TOKENS

Shape = Literal["sail", "sail-broken", "sail-dot"]
"""Well; degraded, the ring broken; needs you, a dot. The shape tells, not the colour."""

_SIZES_PX: Final = (16, 20, 22, 24, 32, 44, 48, 64, 128, 256)
_INK: Final = b"#000000"


def panel_icon(shape: Shape, *, on_dark: bool) -> QIcon:
    """Return the mark in one colour, to be read on a dark or on a light panel."""
    colour = TOKENS.colour["dark" if on_dark else "light"].text
    icon = _icon(shape, colour)
    icon.setIsMask(True)  # macOS then colours it after its menu bar
    return icon


def window_icon() -> QIcon:
    """Return the mark in brass."""
    return _icon("sail", TOKENS.colour["dark"].accent)


def _icon(shape: Shape, colour: str) -> QIcon:
    drawing = (RESOURCES / "icons" / f"{shape}.svg").read_bytes().replace(_INK, colour.encode())
    renderer = QSvgRenderer(QByteArray(drawing))
    icon = QIcon()
    for size_px in _SIZES_PX:
        pixmap = QPixmap(size_px, size_px)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        icon.addPixmap(pixmap)
    return icon
