"""The window of the wizard: steps at the left, one question at the right, Back and Next below."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.condition import Condition
from gui.icons import window_icon
from gui.query import Query
from gui.session import Session
from gui.texts import speak, t
from gui.widgets import SPACE_PX, dress, label, scrolled
from gui.widgets.window import Window
from gui.wizard.pages import (
    AdministratorPage,
    DatabasePage,
    LanguagePage,
    LibraryPage,
    Page,
    ScanPage,
    SignInPage,
    WaitingPage,
)
from gui.wizard.presenter import Line, Wizard

_SIZE_PX: Final = (720, 520)
_SIDE_PX: Final = 208
_MARK_PX: Final = 28
_SAIL_PX: Final = 44
_DONE: Final = "\N{CHECK MARK}"


class WizardWindow(Window):
    """`signed_in` tells the session that began, `language_chosen` a tag, `finished` whether to open the pages."""

    signed_in = Signal(object)
    language_chosen = Signal(str)
    finished = Signal(bool)

    def __init__(self, condition: Condition, session: Session | None) -> None:
        super().__init__()
        self.resize(*_SIZE_PX)
        self.setMinimumSize(*_SIZE_PX)
        self.wizard = Wizard(partial(Query, self), self.present, self.signed_in.emit, session)
        self._whole = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._is_built = self._is_fresh = False
        self._build()
        self.wizard.hear(condition)

    def hear(self, condition: Condition) -> None:
        """Take in how the server fares."""
        self.wizard.hear(condition)

    def present(self) -> None:
        """Show the wizard as it is now."""
        wizard = self.wizard
        if not self._is_built:
            return
        page = self.pages[wizard.page or "waiting"]
        page.present()
        self._turn_to(page)
        self.side.present(wizard.lines())
        self.busy.setVisible(wizard.is_busy)
        self.error.setText(wizard.error or (wizard.trouble if wizard.page else ""))
        self.error.setVisible(bool(self.error.text()))
        self.back.setEnabled(wizard.can_go_back)
        self.back.setVisible(wizard.page in {"language", "database", "administrator"})
        self.later.setVisible(wizard.can_wait or wizard.page == "scan")
        self.later.setText(t("wizard.close" if wizard.page == "scan" else "wizard.later"))
        has_answer = wizard.page == "library" and wizard.can_go_on and not self.next.isEnabled()
        self.next.setEnabled(wizard.can_go_on)
        self.next.setVisible(wizard.page is not None)
        self.next.setText(t(f"wizard.next.{wizard.page}"))
        if has_answer:
            self.next.setFocus()
        if wizard.is_over and self.isVisible():
            self._leave(opens=wizard.page == "scan")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Return go on from every field: only dialogs have a default button."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.next.click()
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave: what is not done is asked for again."""
        self.finished.emit(False)  # noqa: FBT003 (Qt's signal)
        super().closeEvent(event)

    def _build(self) -> None:
        """Make everything in the words of the language."""
        self.setWindowTitle(t("wizard.title"))
        self._is_built = False
        self.pages: dict[str, Page] = {
            "waiting": WaitingPage(self.wizard),
            "language": LanguagePage(self.wizard, self._speak),
            "database": DatabasePage(self.wizard),
            "administrator": AdministratorPage(self.wizard),
            "sign_in": SignInPage(self.wizard),
            "library": LibraryPage(self.wizard),
            "scan": ScanPage(self.wizard),
        }
        self.stack = QStackedWidget()
        for page in self.pages.values():
            page.edited.connect(self.present)
            self.stack.addWidget(scrolled(page))
        self.error = label("", "bad")
        self.error.setAccessibleName(t("wizard.error"))
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.setAccessibleName(t("wizard.busy"))
        self.later = _button("wizard.later", self._put_off)
        self.back = _button("wizard.back", self.wizard.go_back)
        self.next = _button("wizard.next.language", self.wizard.go_on)
        self.next.setProperty("part", "primary")
        self.side = Side()
        self._lay_out()
        self._is_built = self._is_fresh = True
        self.present()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE_PX)
        buttons.addWidget(self.later)
        buttons.addStretch()
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        right = QVBoxLayout()
        right.setContentsMargins(8 * SPACE_PX, 8 * SPACE_PX, 8 * SPACE_PX, 6 * SPACE_PX)
        right.setSpacing(3 * SPACE_PX)
        right.addWidget(self.stack, 1)
        right.addWidget(self.error)
        right.addWidget(self.busy)
        right.addLayout(buttons)
        self._whole.deleteLater()
        self._whole = QWidget()
        row = QHBoxLayout(self._whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.side)
        row.addLayout(right, 1)
        self._column.addWidget(self._whole)

    def _speak(self, tag: str) -> None:
        """Say everything in another language from now on."""
        speak(tag)
        self.language_chosen.emit(tag)
        self._build()

    def _turn_to(self, page: Page) -> None:
        """Show a page with the focus on its first field, else on Next."""
        index = list(self.pages.values()).index(page)
        if self.stack.currentIndex() != index or self._is_fresh:
            self._is_fresh = False
            self.stack.setCurrentIndex(index)
            (page.first or self.next).setFocus()

    def _put_off(self) -> None:
        if self.wizard.page == "scan":
            self._leave(opens=False)
        else:
            self.wizard.put_off()

    def _leave(self, *, opens: bool) -> None:
        self.blockSignals(True)  # noqa: FBT003 (Qt)
        self.close()
        self.blockSignals(False)  # noqa: FBT003 (Qt)
        self.finished.emit(opens)


class Side(QFrame):
    """The steps, numbered; a check mark where one is done."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("part", "side")
        self.setFixedWidth(_SIDE_PX)
        self._rows: list[tuple[QLabel, QLabel]] = []
        sail = QLabel()
        sail.setPixmap(window_icon().pixmap(_SAIL_PX, _SAIL_PX))
        self._grid = QGridLayout()
        self._grid.setSpacing(3 * SPACE_PX)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6 * SPACE_PX, 8 * SPACE_PX, 4 * SPACE_PX, 6 * SPACE_PX)
        column.addLayout(self._grid)
        column.addStretch()
        column.addWidget(sail)

    def present(self, lines: Sequence[Line]) -> None:
        """Show how far each is; the list of one server stays the same."""
        for row in range(len(self._rows), len(lines)):
            self._rows.append(_row())
            for column, widget in enumerate(self._rows[row]):
                self._grid.addWidget(widget, row, column)
        for row, line in enumerate(lines):
            mark, text = self._rows[row]
            mark.setText(_DONE if line.state == "done" else str(row + 1))
            text.setText(line.text)
            text.setAccessibleName(t(f"wizard.state.{line.state}", step=line.text))
            dress(mark, {"done": "mark-done", "now": "mark-now"}.get(line.state, "mark"))
            dress(text, "now" if line.state == "now" else "muted")


def _row() -> tuple[QLabel, QLabel]:
    mark = QLabel()
    mark.setFixedSize(_MARK_PX, _MARK_PX)
    mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return mark, label("")


def _button(code: str, deed: Callable[[], object]) -> QPushButton:
    button = QPushButton(t(code))
    button.setAutoDefault(True)
    button.clicked.connect(lambda _: deed())
    return button
