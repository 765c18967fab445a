"""The windows in which a library is added and changed."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.api import Library
from gui.asking import sentence
from gui.query import Query
from gui.texts import t
from gui.widgets import SPACE_PX, label, scrolled
from gui.widgets.field import Field
from gui.widgets.folder import Sight, choose_folder
from gui.windows.libraries.presenter import Form
from gui.wizard.steps import LibraryStep, Server

_WIDTH_PX: Final = 560
_EDIT_PX: Final = 640
_FOLDERS_PX: Final = 104


class AddDialog(QDialog):
    """A folder, what it would become, and its name. `added` tells that the library is there."""

    added = Signal()

    def __init__(self, server: Server, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("libraries.add.title"))
        self.setMinimumSize(_WIDTH_PX, 560)
        self.step = LibraryStep()
        self._server = server
        self._is_busy = False
        self._build()
        self._present()

    def take(self, path: str) -> None:
        """Look into a folder."""
        self.step.choose(path)
        self.name.line.setText(self.step.title)
        self._work(partial(self.step.look, self._server), lambda put: put())

    def _build(self) -> None:
        self.choose = QPushButton(t("folder.choose"))
        self.choose.clicked.connect(lambda: choose_folder(self, self.take))
        self.path = label("", "muted")
        self.sight = Sight()
        self.name = Field(t("libraries.name"))
        self.name.line.setMaxLength(200)
        self.name.line.textEdited.connect(self._rename)
        self.problem = label("", "bad")
        self.save = QPushButton(t("libraries.add.save"))
        self.save.setProperty("part", "primary")
        self.save.setDefault(True)
        self.save.clicked.connect(self._add)
        column = _column(self)
        column.addWidget(label(t("libraries.add.title"), "title"))
        column.addWidget(label(t("wizard.library.text"), "muted"))
        column.addWidget(self.choose, alignment=Qt.AlignmentFlag.AlignLeft)
        for widget in (self.path, self.name, self.sight, self.problem):
            column.addWidget(widget, 1 if widget is self.sight else 0)
        column.addLayout(_buttons(self, self.save))

    def _rename(self, text: str) -> None:
        self.step.title = text
        self._present()

    def _add(self) -> None:
        self._work(partial(self.step.go_on, self._server), lambda _: self._done())

    def _done(self) -> None:
        self.added.emit()
        self.accept()

    def _work[T](self, call: Callable[[], T], done: Callable[[T], object]) -> None:
        self._is_busy = True
        self.problem.setText("")
        self._present()

        def finish(result: T) -> None:
            self._is_busy = False
            done(result)
            self._present()

        Query(self, call, finish, self._miss)

    def _miss(self, error: Exception) -> None:
        self._is_busy = False
        self.problem.setText(sentence(error))
        self._present()

    def _present(self) -> None:
        step = self.step
        self.path.setText(step.path)
        self.path.setVisible(bool(step.path))
        self.name.setVisible(bool(step.path))
        self.sight.present(step.preview, is_looking=self._is_busy)
        self.choose.setEnabled(not self._is_busy)
        self.save.setEnabled(step.is_filled and not self._is_busy)
        self.problem.setVisible(bool(self.problem.text()))


class EditDialog(QDialog):
    """Name, folders and habits of a library. `saved` tells what is to change."""

    saved = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(t("libraries.edit.title", name=library.name))
        self.setMinimumWidth(_WIDTH_PX)
        self.resize(_WIDTH_PX, _EDIT_PX)
        self.form = Form(library)
        self._build()
        self._present()

    def add_folder(self, path: str) -> None:
        """Have another folder."""
        self.form.add(path)
        self._present()

    def move_folder(self, path: str) -> None:
        """Find the chosen folder there."""
        self.form.move(self.folders.currentRow(), path)
        self._present()

    def take_out(self) -> None:
        """Have the chosen folder no longer."""
        self.form.take_out(self.folders.currentRow())
        self._present()

    def _build(self) -> None:
        self.name = Field(t("libraries.name"))
        self.name.line.setText(self.form.name)
        self.name.line.setMaxLength(200)
        self.name.line.textEdited.connect(self._rename)
        self.folders = QListWidget()
        self.folders.setAccessibleName(t("libraries.folders"))
        self.folders.currentRowChanged.connect(lambda _: self._present())
        self.folders.setMaximumHeight(_FOLDERS_PX)
        self.move_button = QPushButton(t("libraries.folder.move"))
        self.out_button = QPushButton(t("libraries.folder.out"))
        add_button = QPushButton(t("libraries.folder.add"))
        add_button.clicked.connect(lambda: choose_folder(self, self.add_folder))
        self.move_button.clicked.connect(lambda: choose_folder(self, self.move_folder))
        self.out_button.clicked.connect(self.take_out)
        self.watched = _switch("libraries.watched", is_on=self.form.is_watched)
        self.nightly = _switch("libraries.nightly", is_on=self.form.scans_nightly)
        for switch in (self.watched, self.nightly):
            switch.toggled.connect(lambda _: self._switch())
        self.leaving = label(t("libraries.edit.leaves"), "warn")
        self.save = QPushButton(t("libraries.edit.save"))
        self.save.setProperty("part", "primary")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        row = QHBoxLayout()
        for button in (add_button, self.move_button, self.out_button):
            row.addWidget(button)
        row.addStretch()
        self._lay_out(row)

    def _lay_out(self, folder_buttons: QHBoxLayout) -> None:
        inner, outer = QWidget(), _column(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * SPACE_PX)
        column.addWidget(self.name)
        above = QLabel(t("libraries.folders"))
        above.setBuddy(self.folders)
        column.addWidget(above)
        column.addWidget(self.folders)
        column.addLayout(folder_buttons)
        column.addWidget(label(t("libraries.edit.moved"), "muted"))
        column.addWidget(self.leaving)
        for switch, code in ((self.watched, "watched"), (self.nightly, "nightly")):
            column.addWidget(switch)
            hint = label(t(f"libraries.{code}.help"), "muted")
            switch.setAccessibleDescription(hint.text())
            column.addWidget(hint)
        column.addStretch()
        outer.addWidget(scrolled(inner), 1)
        outer.addLayout(_buttons(self, self.save))

    def _rename(self, text: str) -> None:
        self.form.name = text
        self._present()

    def _switch(self) -> None:
        self.form.is_watched = self.watched.isChecked()
        self.form.scans_nightly = self.nightly.isChecked()
        self._present()

    def _save(self) -> None:
        self.saved.emit(self.form.edit())
        self.accept()

    def _present(self) -> None:
        paths = [root.path for root in self.form.roots]
        if paths != [self.folders.item(row).text() for row in range(self.folders.count())]:
            row = self.folders.currentRow()
            self.folders.clear()
            self.folders.addItems(paths)
            self.folders.setCurrentRow(min(row, len(paths) - 1))
        is_one = self.folders.currentRow() >= 0
        self.move_button.setEnabled(is_one)
        self.out_button.setEnabled(is_one and len(paths) > 1)
        self.leaving.setVisible(self.form.leaves())
        self.save.setEnabled(self.form.can_save)


def _column(dialog: QDialog) -> QVBoxLayout:
    column = QVBoxLayout(dialog)
    column.setContentsMargins(*[6 * SPACE_PX] * 4)
    column.setSpacing(3 * SPACE_PX)
    return column


def _buttons(dialog: QDialog, save: QPushButton) -> QHBoxLayout:
    cancel = QPushButton(t("libraries.cancel"))
    cancel.clicked.connect(dialog.reject)
    row = QHBoxLayout()
    row.addStretch()
    row.addWidget(cancel)
    row.addWidget(save)
    return row


def _switch(code: str, *, is_on: bool) -> QCheckBox:
    switch = QCheckBox(t(code))
    switch.setChecked(is_on)
    return switch
