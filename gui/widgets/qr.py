"""An address as a QR code, for the camera of a phone."""

import segno
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_QUIET_MODULES = 4
_STEP_PX = 4


def qr_image(text: str) -> QImage:
    """Return the code of a text, one pixel a module, with the quiet zone that ISO 18004 asks for."""
    code = segno.make(text, error="m", micro=False)
    rows = [bytes(row) for row in code.matrix_iter(border=_QUIET_MODULES)]
    image = QImage(len(rows), len(rows), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            if is_dark:
                image.setPixelColor(x, y, QColor("black"))
    return image


class QrCode(QWidget):
    """Draws the code of one text, black on white in every scheme: cameras want it so."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str, spoken: str) -> None:
        """Show this text; `spoken` is what a screen reader says."""
        self.setAccessibleName(spoken)
        if text != self._text:
            self._text = text
            self._image = qr_image(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size on the page."""
        return self._image.size() * _STEP_PX

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw each module as whole pixels."""
        del event
        painter = QPainter(self)
        painter.drawImage(self.rect(), self._image)
        painter.end()
