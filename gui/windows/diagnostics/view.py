"""The window of the diagnostics: the documents at the left, the text of the chosen one at the right."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QFontDatabase, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
)

from gui.api import Client
from gui.diagnosis import Diagnosis
from gui.query import Query
from gui.texts import t
from gui.widgets import SPACE_PX, breakable, label
from gui.widgets.window import Window
from gui.windows.diagnostics.presenter import Sheaf, file_name, line

_SIZE_PX: Final = (920, 600)
_LIST_PX: Final = 220


class DiagnosticsWindow(Window):
    """Gathers when it is opened, from the server that `control` gives, None while there is none."""

    def __init__(
        self,
        control: Callable[[], Client | None],
        gather: Callable[[Client | None], Diagnosis],
    ) -> None:
        super().__init__()
        self.setWindowTitle(t("diagnostics.title"))
        self.resize(*_SIZE_PX)
        self.sheaf = Sheaf(partial(Query, self), self.present, control, gather)
        self.list = QListWidget()
        self.list.setAccessibleName(t("diagnostics.documents"))
        self.list.setFixedWidth(_LIST_PX)
        self.list.currentRowChanged.connect(self._show_chosen)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(t("diagnostics.content"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.note, self.error = label("", "muted"), label("", "bad")
        self.refresh = QPushButton(t("diagnostics.refresh"))
        self.refresh.clicked.connect(self.sheaf.refresh)
        self.save = QPushButton(t("diagnostics.save"))
        self.save.setProperty("part", "primary")
        self.save.clicked.connect(self._ask_where)
        self._lay_out()
        self.present()

    def present(self) -> None:
        """Show what was gathered."""
        sheaf = self.sheaf
        lines = [line(one) for one in sheaf.documents]
        if lines != [self.list.item(row).text() for row in range(self.list.count())]:
            chosen = max(self.list.currentRow(), 0)
            self.list.clear()
            self.list.addItems(lines)
            self.list.setCurrentRow(min(chosen, len(lines) - 1))
        self._show_chosen()
        self.note.setText(breakable(sheaf.note))
        self.note.setVisible(bool(sheaf.note))
        self.error.setText(breakable(sheaf.error))
        self.error.setVisible(bool(sheaf.error))
        self.save.setEnabled(sheaf.can_save)
        self.refresh.setEnabled(not sheaf.is_busy)

    def showEvent(self, event: QShowEvent) -> None:
        """Gather."""
        super().showEvent(event)
        if not event.spontaneous():
            self.sheaf.refresh()

    def _show_chosen(self) -> None:
        row, documents = self.list.currentRow(), self.sheaf.documents
        text = documents[row].text if 0 <= row < len(documents) else ""
        self.text.setPlaceholderText(t("diagnostics.empty") if documents else "")
        if text != self.text.toPlainText():
            self.text.setPlainText(text)

    def _ask_where(self) -> None:
        """Have a place chosen in the system's own dialog, which asks before it takes a file that is there."""
        place = QStandardPaths.StandardLocation.DocumentsLocation
        documents = Path(QStandardPaths.writableLocation(place))
        folder = documents if documents.is_dir() else Path.home()
        usual = str(folder / file_name(datetime.now().astimezone().date()))
        dialog = QFileDialog(self, t("diagnostics.save.title"), usual, t("diagnostics.save.filter"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.sheaf.save(Path(path)))
        dialog.open()

    def _lay_out(self) -> None:
        middle, below, words = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        for row in (middle, below):
            row.setSpacing(3 * SPACE_PX)
        middle.addWidget(self.list)
        middle.addWidget(self.text, 1)
        words.setSpacing(SPACE_PX)
        words.addWidget(self.note)
        words.addWidget(self.error)
        below.addLayout(words, 1)
        below.addWidget(self.refresh)
        below.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[4 * SPACE_PX] * 4)
        column.setSpacing(3 * SPACE_PX)
        column.addWidget(label(t("diagnostics.text")))
        column.addWidget(label(t("diagnostics.left_out"), "muted"))
        column.addLayout(middle, 1)
        column.addLayout(below)
