"""The overview window."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.texts import t
from gui.widgets import SPACE_PX, breakable, card, dress, label
from gui.widgets.qr import QrCode
from gui.widgets.window import Window
from gui.windows.overview.presenter import SIGNS, Overview, Row, Way, is_for_phones

_SIZE_PX = (880, 620)
_BAR_STEPS = 1000
_SIGN_PX = 14


class OverviewWindow(Window):
    """Shows the page it is told to; `stop_asked` tells which session is to end, `chosen` a deed and its target."""

    stop_asked = Signal(str)
    chosen = Signal(str, str)
    opened = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(t("overview.title"))
        self.resize(*_SIZE_PX)
        self.title, self.text = label("", "title"), label("")
        self.retry = label("", "muted")
        self.ways = _Ways()
        self.ways.chosen.connect(self.chosen)
        self.account = label("", "muted")
        self.parts = _Section(t("overview.parts"))
        self.playing = _Section(t("overview.playing"))
        self.scans = _Section(t("overview.scans"))
        self.disks = _Section(t("overview.disks"))
        self.addresses = _Addresses()
        self.playing.stop_asked.connect(self.stop_asked)
        self._lay_out()

    def present(self, page: Overview) -> None:
        """Show this page."""
        self.title.setText(page.title)
        self.text.setText(breakable(page.text))
        dress(self.text, "" if page.retry else "muted")
        self.retry.setText(page.retry)
        self.retry.setVisible(bool(page.retry))
        self.ways.present(page.ways)
        self.parts.present(page.parts, "")
        self.playing.present(page.playing, page.hint or t("overview.nothing_plays"))
        self.scans.present(page.scans, page.hint or t("overview.no_libraries"))
        self.disks.present(page.disks, page.hint or t("overview.no_disks"))
        self.addresses.present(page.addresses, page.addresses_hint)
        self.addresses.present_wall(page.wall, page.way_in)
        self.account.setText(page.account)
        self.account.setVisible(bool(page.account))

    def add(self, section: QWidget) -> None:
        """Put one more section below the others."""
        self.right.insertWidget(self.right.count() - 1, section)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell that somebody looks."""
        super().showEvent(event)
        self.opened.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Only hide: the tray keeps its windows."""
        event.ignore()
        self.hide()
        self.closed.emit()

    def _lay_out(self) -> None:
        page = QWidget()
        page.setObjectName("page")
        grid = QGridLayout(page)
        grid.setContentsMargins(*[6 * SPACE_PX] * 4)
        grid.setSpacing(4 * SPACE_PX)
        head = QVBoxLayout()
        head.setSpacing(SPACE_PX)
        head.addWidget(self.title)
        head.addWidget(self.text)
        head.addWidget(self.retry)
        head.addWidget(self.ways)
        grid.addLayout(head, 0, 0, 1, 2)
        left, self.right = QVBoxLayout(), QVBoxLayout()
        for column, sections in (
            (left, (self.parts, self.scans, self.disks)),
            (self.right, (self.addresses, self.playing)),
        ):
            column.setSpacing(4 * SPACE_PX)
            for section in sections:
                column.addWidget(section)
            column.addStretch()
        grid.addLayout(left, 1, 0)
        grid.addLayout(self.right, 1, 1)
        grid.addWidget(self.account, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        area = QScrollArea()
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)


class _Ways(QWidget):
    """Buttons beside one another, the first of several stands out; they stay the same while what they do does."""

    chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._shown: Sequence[Way] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 2 * SPACE_PX, 0, 0)
        self._row.setSpacing(2 * SPACE_PX)
        self._row.addStretch()
        self.hide()

    def present(self, ways: Sequence[Way]) -> None:
        """Offer these ways."""
        if ways == self._shown:
            return
        self._shown = ways
        for button in self.findChildren(QPushButton):
            button.hide()
            button.deleteLater()
        for place, way in enumerate(ways):
            button = QPushButton(way.text)
            button.setProperty("part", "primary" if place == 0 and len(ways) > 1 else "")
            button.clicked.connect(lambda _, way=way: self.chosen.emit(way.deed, way.target))
            self._row.insertWidget(place, button)
        self.setVisible(bool(ways))


class _Section(QWidget):
    """A card with a heading and rows."""

    stop_asked = Signal(str)

    def __init__(self, heading: str) -> None:
        super().__init__()
        self._shown: tuple[Sequence[Row], str] | None = None
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3 * SPACE_PX)
        _only(self, card(label(heading, "heading"), self._body))

    def present(self, rows: Sequence[Row], empty: str) -> None:
        """Show these rows, else the sentence `empty`."""
        if (rows, empty) == self._shown:
            return
        self._shown = (rows, empty)
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for row in rows:
            self._column.addWidget(self._line(row))
        if not rows:
            self._column.addWidget(label(empty, "muted"))

    def _line(self, row: Row) -> QWidget:
        line = QWidget()
        across = QHBoxLayout(line)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(2 * SPACE_PX)
        if row.mark:
            sign = QLabel(SIGNS[row.mark])
            sign.setProperty("part", row.mark)
            sign.setFixedWidth(_SIGN_PX)
            across.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(row.title))
        if row.text:
            words.addWidget(label(row.text, "muted"))
        if row.share is not None:
            words.addSpacing(SPACE_PX)
            words.addWidget(_bar(row.share, row.text))
        across.addLayout(words, 1)
        if row.stop_id:
            across.addWidget(self._stop_button(row), 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _stop_button(self, row: Row) -> QPushButton:
        button = QPushButton(t("overview.stop"))
        button.setAccessibleName(t("tray.stop_playing", what=row.title))
        button.clicked.connect(lambda: self.stop_asked.emit(row.stop_id))
        return button


class _Addresses(QWidget):
    """A card with the code for a phone and the addresses below it."""

    def __init__(self) -> None:
        super().__init__()
        self.code = QrCode()
        self.lines = label("")
        self.lines.setTextFormat(Qt.TextFormat.RichText)
        self.lines.setOpenExternalLinks(True)
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.hint, self.wall = label("", "muted"), label("", "warn")
        self.command, self.copy = QLineEdit(), QPushButton(t("overview.copy"))
        self.command.setReadOnly(True)
        self.command.setAccessibleName(t("overview.command"))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.command.text()))
        self.way_in = QWidget()
        across = QHBoxLayout(self.way_in)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self.command, 1)
        across.addWidget(self.copy)
        heading = label(t("overview.addresses"), "heading")
        _only(self, card(heading, self.code, self.lines, self.hint, self.wall, self.way_in))

    def present(self, addresses: Sequence[str], hint: str) -> None:
        """Show these addresses, the first as a code where a phone can open it."""
        has_code = bool(addresses) and is_for_phones(addresses[0])
        self.code.setVisible(has_code)
        if has_code:
            self.code.show_text(addresses[0], t("overview.code", address=addresses[0]))
        self.lines.setText("<br>".join(f'<a href="{one}">{one}</a>' for one in addresses))
        self.lines.setVisible(bool(addresses))
        self.hint.setText(hint)

    def present_wall(self, wall: str, command: str) -> None:
        """Show what stands before the addresses, and the command against it."""
        self.wall.setText(wall)
        self.wall.setVisible(bool(wall))
        self.way_in.setVisible(bool(command))
        if command != self.command.text():
            self.command.setText(command)
            self.command.setCursorPosition(0)


def _bar(share: float, spoken: str) -> QProgressBar:
    bar = QProgressBar()
    bar.setRange(0, _BAR_STEPS)
    bar.setValue(round(min(max(share, 0.0), 1.0) * _BAR_STEPS))
    bar.setTextVisible(False)
    bar.setAccessibleName(spoken)
    return bar


def _only(outer: QWidget, inner: QWidget) -> None:
    column = QVBoxLayout(outer)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(inner)
