"""Which page the wizard shows, and what comes next. Without Qt.

Where a wizard begins is known from the server alone, so one that was killed goes on where it was.
"""

from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from gui.api import Refused, Setup
from gui.asking import Ask, sentence
from gui.condition import Condition
from gui.session import Session
from gui.texts import t
from gui.wizard.steps import (
    AdministratorStep,
    DatabaseStep,
    LanguageStep,
    LibraryStep,
    PageName,
    ScanStep,
    Server,
    SignInStep,
)

_CLAIMED: Final = "setup.already_done"
_UNAUTHENTICATED: Final = 401
_BACK: Final[dict[PageName, PageName]] = {"database": "language", "administrator": "database"}


class Line(Struct, frozen=True, kw_only=True):
    """A step in the list at the left."""

    text: str
    state: Literal["done", "now", "ahead"]


class Wizard:
    """Walks through the steps that the server lists. `changed` is called whenever there is something to show."""

    def __init__(
        self,
        ask: Ask,
        changed: Callable[[], object],
        keep: Callable[[Session], object],
        session: Session | None,
    ) -> None:
        self.language = LanguageStep()
        self.database = DatabaseStep()
        self.administrator = AdministratorStep()
        self.sign_in = SignInStep()
        self.library = LibraryStep()
        self.scan = ScanStep()
        self.page: PageName | None = None
        self.error = ""
        self.is_busy = False
        self.is_over = False
        self.is_moving = False
        self.condition = Condition(situation="starting")
        self._server = Server(token=session.token if session else "")
        self._listed: list[PageName] = []
        self._ask = ask
        self._changed = changed
        self._keep = keep
        steps = (self.language, self.database, self.administrator)
        self._steps = {step.name: step for step in (*steps, self.sign_in, self.library, self.scan)}

    @property
    def trouble(self) -> str:
        """Why the server cannot be asked now; empty where it can, or where it starts again because we asked."""
        condition = self.condition
        if condition.is_ready or (self.is_moving and condition.situation != "failed"):
            return ""
        return condition.reason or t(f"situation.{condition.situation}")

    @property
    def is_waiting(self) -> bool:
        """Whether the server was asked for something that is not done yet."""
        return self.is_busy or self.is_moving

    @property
    def can_go_on(self) -> bool:
        """Whether Next does something."""
        is_filled = self.page is not None and self._steps[self.page].is_filled
        return is_filled and not self.is_waiting and not self.trouble

    @property
    def can_go_back(self) -> bool:
        """Whether there is a page before that can still be changed."""
        return self.page in _BACK and _BACK[self.page] in self._listed and not self.is_waiting

    @property
    def can_wait(self) -> bool:
        """Whether the step may be left for later."""
        return self.page is not None and self._steps[self.page].can_wait and not self.is_busy

    def lines(self) -> list[Line]:
        """Return the steps for the list at the left."""
        shown: PageName | None = "administrator" if self.page == "sign_in" else self.page
        place = self._listed.index(shown) if shown in self._listed else -1
        states: tuple[Literal["done", "now", "ahead"], ...] = ("done", "now", "ahead")
        return [
            Line(text=t(f"wizard.step.{name}"), state=states[1 + (index > place) - (index < place)])
            for index, name in enumerate(self._listed)
        ]

    def hear(self, condition: Condition) -> None:
        """Take in how the server fares; a new start has another address and another code."""
        self.condition = condition
        if condition.is_ready and condition.status:
            status = condition.status
            code = status.setup_code or ""
            self._server = replace(self._server, address=status.address, code=code)
            if self.page is None:
                self._load()
        self._changed()

    def go_on(self) -> None:
        """Do what Next says."""
        if not self.can_go_on or self.page is None:
            return
        if self.page == "scan":
            self._end()
            return
        step, server = self._steps[self.page], self._server
        self._work(lambda: step.go_on(server), self._advance)

    def go_back(self) -> None:
        """Show the page before."""
        if self.can_go_back and self.page in _BACK:
            self._show(_BACK[self.page])
            self._changed()

    def put_off(self) -> None:
        """Leave the step for later, which ends the wizard."""
        if self.can_wait and self.page is not None:
            step, server = self._steps[self.page], self._server
            self._work(lambda: step.put_off(server), lambda _: self._end())

    def look(self) -> None:
        """Ask the server about what was entered on this page."""
        if self.page is None or self.is_waiting or self.trouble:
            return
        step, server = self._steps[self.page], self._server

        def put(apply: Callable[[], None]) -> None:
            apply()
            self.error = ""
            self._changed()

        if self.page == "scan":  # comes by itself every second: nobody waits for it
            self._ask(lambda: step.look(server), put, self._miss)
        else:
            self._work(lambda: step.look(server), put)

    def follow_move(self) -> None:
        """Ask whether the server has started again; one that is on its way out may still answer."""
        if self.is_moving and self.condition.is_ready and not self.is_busy:
            self._load()

    def scan_again(self) -> None:
        """Begin the scan that failed once more."""
        server = self._server
        self._work(lambda: self.scan.start_again(server), lambda _: self.look())

    def _load(self) -> None:
        server = self._server
        self._work(lambda: server.client().get("/setup", Setup), self._place)

    def _place(self, setup: Setup) -> None:
        """Show the first page that is still open."""
        if setup.database is not None and setup.database.is_restarting:
            self.is_moving = True
            self._changed()
            return
        self.database.take(setup.database)
        self._listed = [*(step.name for step in setup.steps), "scan"]
        page = self._first_open(setup)
        is_claimed = page in {"library", "scan"}
        self._show("sign_in" if is_claimed and not self._server.token else page)
        self._changed()

    def _first_open(self, setup: Setup) -> PageName:
        """Return the page to show; after a move it is the next one, for another database knows nothing of those before."""
        is_moved, self.is_moving = self.is_moving, False
        opened: list[PageName] = [one.name for one in setup.steps if one.state == "open"]
        if is_moved and setup.database is not None:
            return "database" if setup.database.problem else "administrator"
        return next(iter(opened), "scan")

    def _advance(self, result: Session | Setup | None) -> None:
        if isinstance(result, Setup):
            self._place(result)
            return
        if result is not None:
            self._enter(result)
            return
        if self.page in self._listed:
            self._show(self._listed[self._listed.index(self.page) + 1])
        self._changed()

    def _enter(self, session: Session) -> None:
        """Be the administrator; passwords are of no more use."""
        self._server = replace(self._server, token=session.token)
        self.administrator.password = self.administrator.again = self.sign_in.password = ""
        self._load()
        self._keep(session)

    def _work(self, call: Callable[[], object], done: Callable[..., object]) -> None:
        self.is_busy, self.error = True, ""
        self._changed()

        def finish(result: object) -> None:
            self.is_busy = False
            done(result)

        self._ask(call, finish, self._miss)

    def _miss(self, error: Exception) -> None:
        """Say what went wrong; where the server knows better how far it is, go there."""
        self.is_busy = False
        if self.is_moving:  # the server that was asked is on its way out
            self._changed()
            return
        self.error = sentence(error)
        if isinstance(error, Refused) and error.code == _CLAIMED:
            self._load()
        elif isinstance(error, Refused) and error.status == _UNAUTHENTICATED and self._server.token:
            self._server = replace(self._server, token="")
            self._show("sign_in")
        self._changed()

    def _show(self, page: PageName) -> None:
        self.page, self.error = page, ""

    def _end(self) -> None:
        self.is_over = True
        self._changed()
