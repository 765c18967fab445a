"""The pages of the wizard: each shows a step and writes into it what is entered."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from gui.pace import fraction, in_words, is_under_way, number
from gui.texts import LANGUAGES, language, t
from gui.widgets import SPACE_PX, dress, label
from gui.widgets.field import Field
from gui.widgets.folder import Sight, choose_folder
from gui.wizard.presenter import Wizard

_POLL_MS: Final = 1_000
_MILLE: Final = 1_000
_URL_MAX: Final = 2_048


class Page(QWidget):
    """A title, a sentence and what is asked; `edited` tells that something was entered."""

    edited = Signal()

    def __init__(self, wizard: Wizard, name: str) -> None:
        super().__init__()
        self.wizard = wizard
        self.first: QWidget | None = None
        self.title = label(t(f"wizard.{name}.title"), "title")
        self.text = label(t(f"wizard.{name}.text"), "muted")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(3 * SPACE_PX)
        self.column.addWidget(self.title)
        self.column.addWidget(self.text)
        self.column.addSpacing(SPACE_PX)

    def ask(self, code: str, take: Callable[[str], object]) -> Field:
        """Add a line to write in."""
        field = Field(t(code))
        field.line.textEdited.connect(take)
        field.line.textEdited.connect(lambda _: self.edited.emit())
        self.column.addWidget(field)
        self.first = self.first or field
        return field

    def present(self) -> None:
        """Show the step."""


class WaitingPage(Page):
    """While the server starts, or does not."""

    def __init__(self, wizard: Wizard) -> None:
        super().__init__(wizard, "waiting")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(t("wizard.waiting.title"))
        self.retry = label("", "muted")
        self.column.addWidget(self.bar)
        self.column.addWidget(self.retry)
        self.column.addStretch()

    def present(self) -> None:
        """Show how the server fares."""
        condition = self.wizard.condition
        has_failed = condition.situation == "failed"
        self.title.setText(t("situation.failed" if has_failed else "wizard.waiting.title"))
        self.text.setText(condition.reason if has_failed else t("wizard.waiting.text"))
        dress(self.text, "bad" if has_failed else "muted")
        self.bar.setVisible(not has_failed)
        again = t("wizard.waiting.retry", seconds=condition.retry_in_s)
        self.retry.setText(again if has_failed else "")


class LanguagePage(Page):
    """One button a language, each in its own words."""

    def __init__(self, wizard: Wizard, choose: Callable[[str], object]) -> None:
        super().__init__(wizard, "language")
        self.choices = {tag: QRadioButton(t(f"language.{tag}")) for tag in LANGUAGES}
        for tag, choice in self.choices.items():
            choice.setChecked(tag == language())
            choice.clicked.connect(lambda _, tag=tag: choose(tag))
            self.column.addWidget(choice)
        self.first = self.choices[language()]
        self.column.addStretch()


class DatabasePage(Page):
    """The built-in database, or another one, which can be tried before the server starts again with it."""

    def __init__(self, wizard: Wizard) -> None:
        super().__init__(wizard, "database")
        self._choices = QButtonGroup(self)
        self.own, self.external = self._offer("own"), self._offer("external")
        self.url = self.ask("wizard.database.url", wizard.database.write_url)
        self.url.line.setMaxLength(_URL_MAX)
        self.url.line.setPlaceholderText("postgres://name:…@nas/revenge")
        self.test = QPushButton(t("wizard.database.test"))
        self.test.clicked.connect(wizard.look)
        self.url.line.returnPressed.connect(self.test.click)
        self.column.removeWidget(self.url)
        row = QHBoxLayout()
        row.addWidget(self.url, 1)
        row.addWidget(self.test, alignment=Qt.AlignmentFlag.AlignBottom)
        self.column.addLayout(row)
        self.answer = label("")
        self.column.addWidget(self.answer)
        self.column.addStretch()
        self._poll = QTimer(self, interval=_POLL_MS)
        self._poll.timeout.connect(self._follow)

    def present(self) -> None:
        """Show what is chosen, and what is known of it; follow the server where it starts again."""
        step, is_moving = self.wizard.database, self.wizard.is_moving
        if is_moving and not self._poll.isActive():
            self._poll.start()
        chosen = self.external if step.is_external else self.own
        chosen.setChecked(True)
        self.first = chosen
        for widget in (self.url, self.test):
            widget.setVisible(step.is_external and not step.is_pinned)
        is_open = not is_moving and not step.is_pinned
        self.own.setEnabled(is_open)
        self.external.setEnabled(is_open)
        self.url.setEnabled(is_open)
        if self.url.line.text().strip() != step.url:
            self.url.line.setText(step.url)
        can_ask = not self.wizard.is_waiting and not self.wizard.trouble
        self.test.setEnabled(bool(step.url) and can_ask)
        text, tone = (t("wizard.database.moving"), "muted") if is_moving else step.known()
        self.answer.setText(text)
        dress(self.answer, tone)

    def _offer(self, name: str) -> QRadioButton:
        """Add a choice with what is to be said of it."""
        choice = QRadioButton(t(f"wizard.database.{name}"))
        choice.clicked.connect(self._choose)
        self._choices.addButton(choice)
        hint = label(t(f"wizard.database.{name}_hint"), "muted")
        hint.setContentsMargins(7 * SPACE_PX, 0, 0, 0)
        choice.setAccessibleDescription(hint.text())
        pair = QVBoxLayout()
        pair.setSpacing(0)
        pair.addWidget(choice)
        pair.addWidget(hint)
        self.column.addLayout(pair)
        return choice

    def _follow(self) -> None:
        if not self.wizard.is_moving:
            self._poll.stop()
        self.wizard.follow_move()

    def _choose(self) -> None:
        self.wizard.database.is_external = self.external.isChecked()
        self.edited.emit()
        if self.external.isChecked():
            self.url.line.setFocus()


class AdministratorPage(Page):
    """Name and password of the first account."""

    def __init__(self, wizard: Wizard) -> None:
        super().__init__(wizard, "administrator")
        step = wizard.administrator
        self.user = self.ask("sign_in.name", lambda text: setattr(step, "user", text))
        self.password = self.ask("sign_in.password", lambda text: setattr(step, "password", text))
        self.password.hide_signs()
        self.again = self.ask(
            "wizard.administrator.again", lambda text: setattr(step, "again", text)
        )
        self.again.hide_signs()
        self.user.line.setText(step.user)
        self.user.line.setMaxLength(64)
        self.complaint = label("", "bad")
        self.column.addWidget(self.complaint)
        self.column.addStretch()

    def present(self) -> None:
        """Show what does not fit yet."""
        self.complaint.setText(self.wizard.administrator.complaint)


class SignInPage(Page):
    """Name and password of the account that is there."""

    def __init__(self, wizard: Wizard) -> None:
        super().__init__(wizard, "sign_in")
        step = wizard.sign_in
        self.user = self.ask("sign_in.name", lambda text: setattr(step, "user", text))
        self.password = self.ask("sign_in.password", lambda text: setattr(step, "password", text))
        self.password.hide_signs()
        self.user.line.setText(step.user)
        self.column.addStretch()


class LibraryPage(Page):
    """A folder, and what it would become."""

    def __init__(self, wizard: Wizard) -> None:
        super().__init__(wizard, "library")
        self.choose = QPushButton(t("folder.choose"))
        self.choose.clicked.connect(self._ask)
        self.first = self.choose
        self.folder = QLabel()
        self.folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folder.setMinimumWidth(0)
        row = QHBoxLayout()
        row.addWidget(self.choose)
        row.addWidget(self.folder, 1)
        self.column.addLayout(row)
        self.sight = Sight()
        self.column.addWidget(self.sight, 1)
        self.column.addStretch()

    def present(self) -> None:
        """Show the folder and what lies in it."""
        step = self.wizard.library
        self._shorten()
        dress(self.choose, "" if step.path else "primary")
        self.sight.present(step.preview, is_looking=bool(step.path) and self.wizard.is_busy)

    def take(self, path: str) -> None:
        """Look into a folder."""
        self.wizard.library.choose(path)
        self.wizard.look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the path as fits."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        path, mode = self.wizard.library.path, Qt.TextElideMode.ElideMiddle
        width_px = self.width() - self.choose.sizeHint().width() - 8 * SPACE_PX
        self.folder.setText(self.folder.fontMetrics().elidedText(path, mode, width_px))
        self.folder.setToolTip(path)

    def _ask(self) -> None:
        if not self.wizard.is_busy:
            choose_folder(self, self.take)


class ScanPage(Page):
    """The first scan, asked after every second."""

    def __init__(self, wizard: Wizard) -> None:
        super().__init__(wizard, "scan")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(t("wizard.step.scan"))
        self.line = label("", "muted")
        self.films = label("", "heading")
        self.unread = label("", "warn")
        self.again = QPushButton(t("wizard.scan.again"))
        self.again.clicked.connect(wizard.scan_again)
        for widget in (self.bar, self.line, self.films, self.unread):
            self.column.addWidget(widget)
        self.column.addWidget(self.again, alignment=Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch()
        self._poll = QTimer(self, interval=_POLL_MS)
        self._poll.timeout.connect(wizard.look)

    def present(self) -> None:
        """Show how far it is."""
        if not self._poll.isActive() and not self.wizard.is_over:
            self._poll.start()
            self.wizard.look()
        library = self.wizard.scan.library
        scan = library.scan if library else None
        self.bar.setVisible(scan is None or is_under_way(scan))
        self.again.setVisible(scan is not None and scan.state == "failed")
        if library is None or scan is None:
            return
        done = fraction(scan)
        self.bar.setRange(0, 0 if done is None else _MILLE)
        self.bar.setValue(round((done or 0) * _MILLE))
        self.title.setText(t(f"wizard.scan.{scan.state}"))
        self.text.setVisible(is_under_way(scan))
        self.line.setText(in_words(scan, self.wizard.scan.pace.rate_per_s))
        dress(self.line, "bad" if scan.state == "failed" else "muted")
        self.films.setText(t("wizard.scan.films", count=number(library.item_count)))
        unread = t("pace.unread", count=number(scan.error_count)) if scan.error_count else ""
        self.unread.setText(unread)

    def hideEvent(self, event: object) -> None:
        """Ask no more."""
        del event
        self._poll.stop()
