"""Keeps looking at the server, as long as it is ready, and tells what is new. Also holds who is signed in."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from gui.api import Client, Refused
from gui.condition import Condition
from gui.keeper import Keeper
from gui.link import Link
from gui.query import Query
from gui.seen import Seen, look, notices
from gui.session import Session

_LOOK_MS: Final = 4_000
_SOON_MS: Final = 150
_UNAUTHENTICATED: Final = 401


class Watch(QObject):
    """One look after the other. `changed` tells what was seen, `noticed` what is worth a notice, `kept` where the session lies."""

    changed = Signal(object)
    noticed = Signal(object)
    failed = Signal(str)
    kept = Signal()

    def __init__(self, parent: QObject, link: Link, keeper: Keeper) -> None:
        super().__init__(parent)
        self.seen = Seen()
        self.session: Session | None = None
        self._link = link
        self._keeper = keeper
        self._is_looking = False
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        link.changed.connect(self._follow)
        keeper.changed.connect(self.kept)
        keeper.load(self._begin)

    @property
    def is_session_in_file(self) -> bool:
        """Whether only the permissions of a file protect the session."""
        return self._keeper.is_in_file

    def look(self) -> None:
        """Look now, unless a look is under way."""
        if self._is_looking or not self._link.condition.is_ready:
            return
        self._is_looking = True
        address, session = self._link.address, self.session
        Query(
            self,
            lambda: look(address, session.token if session else ""),
            lambda seen: self._take(seen, session),
            lambda error: self._miss(error, session),
        )

    def ask(self, call: Callable[[Client], object]) -> None:
        """Have something done with the session, then look; a failure is told in words."""
        client = Client(self._link.address, self.session.token if self.session else "")
        Query(self, lambda: call(client), lambda _: self._soon(), self._report)

    def sign_in(self, session: Session) -> None:
        """Be this user from now on."""
        self.session = session
        self._keeper.keep(session)
        self._soon()

    def sign_out(self) -> None:
        """Be nobody, here and on the server."""
        self.ask(lambda client: client.tell("POST", "/api/v1/auth/logout"))
        self._lose()

    def _begin(self, session: Session | None) -> None:
        self.session = session
        self._soon()

    def _soon(self) -> None:
        QTimer.singleShot(_SOON_MS, self, self.look)

    def _lose(self) -> None:
        self.session = None
        self._keeper.forget()
        self._tell(Seen(checks=self.seen.checks))

    def _take(self, seen: Seen, session: Session | None) -> None:
        self._is_looking = False
        if session is self.session:
            for notice in notices(self.seen, seen):
                self.noticed.emit(notice)
            self._tell(seen)
        else:
            self._soon()

    def _miss(self, error: Exception, session: Session | None) -> None:
        """A session that is no longer good is forgotten; who is not there is told by the link."""
        self._is_looking = False
        if (
            isinstance(error, Refused)
            and error.status == _UNAUTHENTICATED
            and session is self.session
        ):
            self._lose()
            self._soon()

    def _report(self, error: Exception) -> None:
        self.failed.emit(str(error))

    def _tell(self, seen: Seen) -> None:
        if seen != self.seen:
            self.seen = seen
            self.changed.emit(seen)

    def _follow(self, condition: Condition) -> None:
        if condition.is_ready and not self._timer.isActive():
            self._timer.start()
            self.look()
        elif not condition.is_ready:
            self._timer.stop()
