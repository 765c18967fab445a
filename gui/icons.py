"""The sail: the mark of the program, in the window and in the panel."""

import sys
from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.look import RESOURCES, TOKENS, Scheme, Shape

_PANEL_PX: Final = (16, 20, 22, 24, 32, 44, 48)
_WINDOW_PX: Final = (16, 32, 48, 64, 128, 256)
_INK: Final = b"#000000"
_SCHEMES: Final[dict[bool, tuple[Scheme, Scheme]]] = {
    True: ("dark", "light"),
    False: ("light", "dark"),
}
_RIM_PARTS: Final = 32
_RIM_OPACITY: Final = 0.35


@cache
def panel_icon(shape: Shape, *, on_dark: bool) -> QIcon:
    """Return the mark in one colour for a dark or a light panel.

    Where the panel's colour is not known for sure a rim of the other colour keeps it readable;
    macOS takes the shape alone and colours it after its menu bar.
    """
    ink, rim = (TOKENS.colour[scheme].text for scheme in _SCHEMES[on_dark])
    is_mask = sys.platform == "darwin"
    icon = _icon(shape, ink, "" if is_mask else rim, _PANEL_PX)
    icon.setIsMask(is_mask)
    return icon


def window_icon() -> QIcon:
    """Return the mark in brass."""
    return _icon("sail", TOKENS.colour["dark"].accent, "", _WINDOW_PX)


def _icon(shape: Shape, ink: str, rim: str, sizes_px: Sequence[int]) -> QIcon:
    icon = QIcon()
    for size_px in sizes_px:
        pixmap = QPixmap(size_px, size_px)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        if rim:
            _draw_rim(painter, shape, rim, size_px)
        _drawing(shape, ink).render(painter)
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def _draw_rim(painter: QPainter, shape: Shape, rim: str, size_px: int) -> None:
    """Draw the mark shifted a little in every direction, under the mark itself."""
    drawing, shift_px = _drawing(shape, rim), size_px / _RIM_PARTS
    painter.setOpacity(_RIM_OPACITY)
    for x, y in product((-shift_px, 0, shift_px), repeat=2):
        drawing.render(painter, QRectF(x, y, size_px, size_px))
    painter.setOpacity(1)


def _drawing(shape: Shape, ink: str) -> QSvgRenderer:
    drawn = (RESOURCES / "icons" / f"{shape}.svg").read_bytes()
    return QSvgRenderer(QByteArray(drawn.replace(_INK, ink.encode())))
