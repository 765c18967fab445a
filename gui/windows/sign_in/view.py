"""The window in which a user signs in."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from gui.query import Query
from gui.session import Session, sign_in
from gui.texts import t
from gui.widgets import SPACE_PX, label
from gui.windows.sign_in.presenter import can_try, why_not

_WIDTH_PX = 420


class SignIn(QDialog):
    """Name and password; `signed_in` tells the session."""

    signed_in = Signal(object)

    def __init__(self, address: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._address = address
        self.setWindowTitle(t("sign_in.title"))
        self.setMinimumWidth(_WIDTH_PX)
        self.name, self.password = QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.problem = label("", "bad")
        self.problem.hide()
        self.button = QPushButton(t("sign_in.button"))
        self.button.setProperty("part", "primary")
        self.button.setDefault(True)
        self._lay_out()
        self.name.textChanged.connect(self._weigh)
        self.password.textChanged.connect(self._weigh)
        self.button.clicked.connect(self._try)
        self._weigh()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setVerticalSpacing(2 * SPACE_PX)
        form.addRow(t("sign_in.name"), self.name)
        form.addRow(t("sign_in.password"), self.password)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[6 * SPACE_PX] * 4)
        column.setSpacing(3 * SPACE_PX)
        column.addWidget(label(t("sign_in.title"), "title"))
        column.addWidget(label(t("sign_in.why"), "muted"))
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addWidget(self.button)

    def _weigh(self) -> None:
        self.button.setEnabled(can_try(self.name.text(), self.password.text()))

    def _try(self) -> None:
        self.button.setEnabled(False)
        name, password = self.name.text().strip(), self.password.text()
        Query(self, lambda: sign_in(self._address, name, password), self._enter, self._stay)

    def _enter(self, session: Session) -> None:
        self.password.clear()
        self.signed_in.emit(session)
        self.accept()

    def _stay(self, error: Exception) -> None:
        self.problem.setText(why_not(error))
        self.problem.show()
        self.password.selectAll()
        self.password.setFocus()
        self._weigh()
