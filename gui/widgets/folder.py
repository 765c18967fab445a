"""Choosing a folder, and what it would become."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QListWidget, QVBoxLayout, QWidget

from gui.api import Preview, Warned
from gui.pace import number
from gui.texts import t
from gui.widgets import SPACE_PX, label

_TITLES_MIN_PX: Final = 96
_HARMLESS: Final = "library.read_only"


class Sight(QWidget):
    """What a folder would become: how many, the first ones, what to know before."""

    def __init__(self) -> None:
        super().__init__()
        self.count = label("", "heading")
        self.titles = QListWidget()
        self.titles.setAccessibleName(t("sight.titles"))
        self.titles.setUniformItemSizes(True)
        self.titles.setMinimumHeight(_TITLES_MIN_PX)
        self.warnings = label("", "warn")
        self.remarks = label("", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * SPACE_PX)
        for widget in (self.count, self.titles, self.warnings, self.remarks):
            column.addWidget(widget, 1 if widget is self.titles else 0)
        column.addStretch()

    def present(self, preview: Preview | None, *, is_looking: bool) -> None:
        """Show what was seen; None where nothing was."""
        text = t("sight.looking") if is_looking and preview is None else ""
        self.count.setText(_line(preview) if preview and preview.media_count else text)
        self.count.setVisible(bool(self.count.text()))
        items = preview.items if preview else []
        titles = [f"{one.title} ({one.year})" if one.year else one.title for one in items]
        if titles != [self.titles.item(row).text() for row in range(self.titles.count())]:
            self.titles.clear()
            self.titles.addItems(titles)
        self.titles.setVisible(bool(titles))
        warned = preview.warnings if preview else []
        _show(self.warnings, [one for one in warned if one.code != _HARMLESS])
        _show(self.remarks, [one for one in warned if one.code == _HARMLESS])


def _line(preview: Preview) -> str:
    """Return how many media files a folder holds, and as what."""
    code = "sight.count" if preview.is_complete else "sight.at_least"
    return t(code, kind=t(f"kind.{preview.kind}"), count=number(preview.media_count))


def _show(place: QLabel, warned: Sequence[Warned]) -> None:
    """Show sentences below one another, nothing where there are none."""
    place.setText("\n".join(one.detail for one in warned))
    place.setVisible(bool(warned))


def choose_folder(parent: QWidget, take: Callable[[str], object]) -> None:
    """Have a folder chosen in the system's own dialog."""
    dialog = QFileDialog(parent, t("folder.title"))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(take)
    dialog.open()
