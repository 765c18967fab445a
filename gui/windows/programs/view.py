"""The card of the programs that may be installed."""

import html
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui.errand import Errand, Program
from gui.texts import t
from gui.widgets import SPACE_PX, breakable, card, dress, label
from gui.windows.overview.presenter import SIGNS, Mark
from gui.windows.programs.presenter import Programs, Row

_LOOK_MS = 15_000
_INSTALL_MS = 6 * 3_600_000
_BAR_STEPS = 1000
_SIGN_PX = 14


class ProgramsCard(QWidget):
    """Has the command line, `program`, show and install what there is; that works with a server that is off too."""

    def __init__(self, program: Program, restart: Callable[[], object]) -> None:
        super().__init__()
        self._program = program
        self.programs = Programs(self._run, self.present, restart)
        self.lines: dict[str, _Line] = {}
        self.note = label("", "muted")
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3 * SPACE_PX)
        self._column.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card(label(t("programs.title"), "heading"), body))
        self.present()

    def present(self) -> None:
        """Show what is known now."""
        self.note.setText(self.programs.note)
        self.note.setVisible(bool(self.programs.note))
        for row in self.programs.rows:
            if row.name not in self.lines:
                self.lines[row.name] = self._line(row.name)
            self.lines[row.name].present(row)

    def _line(self, name: str) -> "_Line":
        line = _Line()
        line.install.connect(lambda: self.programs.install(name))
        line.agree.connect(self.programs.agree)
        line.restart.connect(self.programs.restart)
        line.cancel.connect(self.programs.cancel)
        self._column.addWidget(line)
        return line

    def _run(
        self,
        words: Sequence[str],
        on_end: Callable[[bytes | None], object],
        on_line: Callable[[bytes], object] | None = None,
        /,
    ) -> Errand:
        limit_ms = _INSTALL_MS if on_line else _LOOK_MS
        return Errand(self, self._program, words, on_end, on_line=on_line, limit_ms=limit_ms)


class _Line(QWidget):
    """A program; its widgets stay, so that what somebody is about to press does too."""

    install = Signal()
    agree = Signal()
    restart = Signal()
    cancel = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._deed: str | None = None
        self.sign = QLabel()
        self.sign.setFixedWidth(_SIGN_PX)
        self.title, self.what, self.text = label(""), label("", "muted"), label("", "muted")
        self.what.setTextFormat(Qt.TextFormat.RichText)
        self.what.setOpenExternalLinks(True)
        self.what.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.bar = QProgressBar()
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setTextVisible(False)
        self.deed, self.stop = QPushButton(), QPushButton(t("programs.cancel"))
        self.deed.clicked.connect(self._do)
        self.stop.clicked.connect(self.cancel)
        self._lay_out()

    def present(self, row: Row) -> None:
        """Show this program."""
        mark: Mark = "good" if row.is_installed else "faint"
        self.sign.setText(SIGNS[mark])
        dress(self.sign, mark)
        self.title.setText(row.title)
        link = f'<a href="{html.escape(row.license_url)}">{html.escape(row.license)}</a>'
        self.what.setText(f"{html.escape(row.what)} {t('programs.license', license=link)}")
        self.text.setText(breakable(row.text))
        dress(self.text, "bad" if row.is_bad else "muted")
        self.bar.setVisible(row.share is not None)
        self.bar.setValue(round((row.share or 0.0) * _BAR_STEPS))
        self.bar.setAccessibleName(row.text)
        self._deed = row.deed
        self.deed.setVisible(row.deed is not None)
        self.deed.setText(row.deed_text)
        self.deed.setAccessibleName(f"{row.deed_text} {row.title}")
        dress(self.deed, "primary" if row.deed == "agree" else "")
        self.stop.setVisible(row.can_cancel)
        self.stop.setAccessibleName(f"{self.stop.text()}: {row.title}")
        self.ways.setVisible(row.deed is not None or row.can_cancel)

    def _do(self) -> None:
        deeds = {"install": self.install, "agree": self.agree, "restart": self.restart}
        if self._deed is not None:
            deeds[self._deed].emit()

    def _lay_out(self) -> None:
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(2 * SPACE_PX)
        across.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.ways = QWidget()
        buttons = QHBoxLayout(self.ways)
        buttons.setContentsMargins(0, 2 * SPACE_PX, 0, 0)
        buttons.setSpacing(2 * SPACE_PX)
        for button in (self.deed, self.stop):
            buttons.addWidget(button)
        buttons.addStretch()
        for widget in (self.title, self.what, self.text):
            words.addWidget(widget)
        words.addSpacing(SPACE_PX)
        words.addWidget(self.bar)
        words.addWidget(self.ways)
        across.addLayout(words, 1)
