"""The window of the libraries: the list at the left, the chosen one at the right."""

from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gui.api import Library
from gui.pace import fraction, is_under_way
from gui.query import Query
from gui.texts import t
from gui.widgets import SPACE_PX, dress, label
from gui.widgets.paged import PagedList
from gui.widgets.window import Window
from gui.windows.libraries.forms import AddDialog, EditDialog
from gui.windows.libraries.presenter import (
    Pages,
    Shelf,
    entry,
    history_line,
    problem_line,
    root_line,
    scan_text,
)
from gui.wizard.steps import Server

_SIZE_PX: Final = (900, 600)
_LIST_PX: Final = 260
_POLL_MS: Final = 1_500
_MILLE: Final = 1_000
_ID: Final = Qt.ItemDataRole.UserRole


class LibrariesWindow(Window):
    """Looks at the server while it is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(t("libraries.title"))
        self.resize(*_SIZE_PX)
        self.shelf = Shelf(partial(Query, self), self.present)
        self._server = Server()
        self._is_built = False
        self._poll = QTimer(self, interval=_POLL_MS)
        self._poll.timeout.connect(self.shelf.look)
        self._build()

    def connect_to(self, server: Server) -> None:
        """Ask this server from now on; without a token there is nothing to see."""
        if server != self._server:
            self._server = server
            self.shelf.connect(server.session())

    def present(self) -> None:
        """Show what is known now."""
        if not self._is_built:
            return
        shelf = self.shelf
        self._present_list()
        chosen = shelf.chosen
        self.nothing.setVisible(chosen is None)
        self.detail.setVisible(chosen is not None)
        self.nothing_text.setText(shelf.error or t(f"libraries.situation.{shelf.situation}"))
        dress(self.nothing_text, "bad" if shelf.error else "muted")
        self.add.setEnabled(shelf.situation in {"empty", "full"})
        if chosen is not None:
            self._present_one(chosen)

    def open_add(self) -> AddDialog:
        """Open the window in which a library is added."""
        dialog = AddDialog(self._server, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.added.connect(self.shelf.look)
        dialog.open()
        return dialog

    def open_edit(self) -> EditDialog | None:
        """Open the window in which the chosen library is changed."""
        if self.shelf.chosen is None:
            return None
        dialog = EditDialog(self.shelf.chosen, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self.shelf.edit)
        dialog.open()
        return dialog

    def open_remove(self) -> QMessageBox | None:
        """Ask whether the chosen library is to be forgotten, saying what stays."""
        library = self.shelf.chosen
        if library is None:
            return None
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(t("libraries.remove"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(t("libraries.remove.title", name=library.name))
        paths = "\n".join(root.path or "" for root in library.roots)
        goes, stays = t("libraries.remove.goes"), t("libraries.remove.stays")
        box.setInformativeText(f"{goes}\n\n{stays}\n{paths}")
        yes = box.addButton(t("libraries.remove.yes"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(
            box.addButton(t("libraries.cancel"), QMessageBox.ButtonRole.RejectRole)
        )
        yes.clicked.connect(self.shelf.remove)
        box.open()
        return box

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to look."""
        super().showEvent(event)
        self.shelf.look()
        self._poll.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more."""
        super().hideEvent(event)
        self._poll.stop()

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setFixedWidth(_LIST_PX)
        self.list.setAccessibleName(t("libraries.list"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._choose)
        self.add = _button("libraries.add", self.open_add)
        self.add.setProperty("part", "primary")
        self.nothing = QWidget()
        self.nothing_text = label("", "muted")
        self.nothing_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle = QVBoxLayout(self.nothing)
        middle.addWidget(self.nothing_text)
        self._build_detail()
        left = QVBoxLayout()
        left.setSpacing(3 * SPACE_PX)
        left.addWidget(self.list, 1)
        left.addWidget(self.add)
        row = QHBoxLayout(self)
        row.setContentsMargins(*[5 * SPACE_PX] * 4)
        row.setSpacing(6 * SPACE_PX)
        row.addLayout(left)
        row.addWidget(self.nothing, 1)
        row.addWidget(self.detail, 1)
        self._is_built = True
        self.present()

    def _build_detail(self) -> None:
        self.detail = QWidget()
        self.name = label("", "title")
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(t("libraries.scanning"))
        self.line = label("", "muted")
        self.error = label("", "bad")
        self.scan = _button("libraries.scan", self.shelf.scan)
        self.stop = _button("libraries.stop", self.shelf.stop)
        self.edit = _button("libraries.edit", self.open_edit)
        self.remove = _button("libraries.remove", self.open_remove)
        self._build_tabs()
        buttons = QHBoxLayout()
        for button in (self.scan, self.stop, self.edit, self.remove):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self.detail)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * SPACE_PX)
        for widget in (self.name, self.bar, self.line, self.error):
            column.addWidget(widget)
        column.addLayout(buttons)
        column.addWidget(self.tabs, 1)

    def _build_tabs(self) -> None:
        self.folders = label("")
        self.folders.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folders.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.folders.setContentsMargins(0, 3 * SPACE_PX, 0, 0)
        self.history = PagedList(t("libraries.history"), self.shelf.history.more)
        self.problems = PagedList(t("libraries.problems"), self.shelf.problems.more)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.folders, t("libraries.folders"))
        self.tabs.addTab(self.history, t("libraries.history"))
        self.tabs.addTab(self.problems, t("libraries.problems"))

    def _present_list(self) -> None:
        entries = [entry(one) for one in self.shelf.libraries]
        self.list.blockSignals(True)  # noqa: FBT003 (Qt)
        while self.list.count() > len(entries):
            self.list.takeItem(self.list.count() - 1)
        for row, one in enumerate(entries):
            if row == self.list.count():
                self.list.addItem(QListWidgetItem())
            item = self.list.item(row)
            text = f"{one.name}\n{one.state}"
            if item.text() != text:
                item.setText(text)
                item.setToolTip(text)
            item.setData(_ID, one.library_id)
            if self.shelf.chosen and one.library_id == self.shelf.chosen.library_id:
                self.list.setCurrentRow(row)
        self.list.blockSignals(False)  # noqa: FBT003 (Qt)

    def _present_one(self, library: Library) -> None:
        shelf, scan = self.shelf, library.scan
        runs = is_under_way(scan)
        self.name.setText(library.name)
        self.bar.setVisible(runs)
        done = fraction(scan) if scan else None
        self.bar.setRange(0, 0 if done is None else _MILLE)
        self.bar.setValue(round((done or 0) * _MILLE))
        self.line.setText(scan_text(scan, shelf.pace) if scan else t("libraries.never"))
        dress(self.line, "bad" if scan and scan.state == "failed" else "muted")
        self.error.setText(shelf.error)
        self.error.setVisible(bool(shelf.error))
        self.scan.setVisible(not runs)
        self.stop.setVisible(runs)
        for button in (self.scan, self.stop, self.edit, self.remove):
            button.setEnabled(not shelf.is_busy)
        self.folders.setText("\n".join(root_line(root) for root in library.roots))
        history, problems = shelf.history, shelf.problems
        _fill(self.history, history, [history_line(one) for one in history.items], "no_history")
        _fill(self.problems, problems, [problem_line(one) for one in problems.items], "no_problems")

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and isinstance(library_id := item.data(_ID), UUID):
            self.shelf.choose(library_id)


def _fill[T](place: PagedList, pages: Pages[T], lines: list[str], code: str) -> None:
    nothing = t(f"libraries.{code}") if pages.is_complete and not lines else ""
    place.present(lines, pages.error or nothing, is_complete=pages.is_complete)


def _button(code: str, deed: object) -> QPushButton:
    button = QPushButton(t(code))
    button.clicked.connect(deed)
    return button
