"""A list that loads its next page when it is scrolled to the end."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QListView, QVBoxLayout, QWidget

from gui.widgets import SPACE_PX, label

type Index = QModelIndex | QPersistentModelIndex


class _Lines(QAbstractListModel):
    """The lines so far; `more` is asked for the next ones."""

    def __init__(self, parent: QWidget, more: Callable[[], object]) -> None:
        super().__init__(parent)
        self.lines: list[str] = []
        self.is_complete = True
        self._more = more

    def put(self, lines: Sequence[str]) -> None:
        """Show these lines; those that stay are left alone."""
        known = len(self.lines)
        if lines[:known] != self.lines:
            self.beginResetModel()
            self.lines = list(lines)
            self.endResetModel()
        elif len(lines) > known:
            self.beginInsertRows(QModelIndex(), known, len(lines) - 1)
            self.lines += lines[known:]
            self.endInsertRows()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return how many lines there are."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a line, whole in its tooltip too."""
        shown = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}
        return self.lines[index.row()] if role in shown else None

    def canFetchMore(self, parent: Index) -> bool:
        """Return whether there are more on the server."""
        del parent
        return not self.is_complete

    def fetchMore(self, parent: Index) -> None:
        """Ask for them."""
        del parent
        self._more()


class PagedList(QWidget):
    """The list, or one sentence in its place."""

    def __init__(self, name: str, more: Callable[[], object]) -> None:
        super().__init__()
        self.view = QListView()
        self.view.setAccessibleName(name)
        self.view.setWordWrap(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.model = _Lines(self, more)
        self.view.setModel(self.model)
        self.sentence: QLabel = label("", "muted")
        self.sentence.setContentsMargins(0, 3 * SPACE_PX, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sentence)
        column.addWidget(self.view, 1)
        column.addStretch()

    def present(self, lines: Sequence[str], sentence: str, *, is_complete: bool) -> None:
        """Show the lines, and a sentence above them where there is one."""
        self.model.is_complete = is_complete
        self.model.put(lines)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.view.setVisible(bool(lines))
