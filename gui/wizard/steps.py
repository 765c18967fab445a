"""The steps of the wizard: what each asks, whether that is enough, what it has the server do. Without Qt.

`look` and `go_on` block, so they run off the main thread; what `look` returns puts its answer in place there.
"""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Final, Literal

from msgspec import Struct

from gui.api import (
    Client,
    DatabaseChoice,
    DatabaseTest,
    DatabaseWish,
    FirstAdministrator,
    Libraries,
    Library,
    NewLibrary,
    Preview,
    PreviewWish,
    Setup,
    SetupDatabase,
    SignedIn,
    StepDecided,
)
from gui.pace import Pace, is_under_way
from gui.session import DEVICE_NAME, Session, sign_in
from gui.texts import language, t

PageName = Literal["language", "database", "administrator", "sign_in", "library", "scan"]
Tone = Literal["good", "bad", "muted"]
PASSWORD_MIN: Final = 8
_LOOK_S: Final = 40.0
"""A disk may take 20 s to answer, and its folder is looked through for 8 s."""


class Server(Struct, frozen=True, kw_only=True):
    """How to ask it: where it is, the code while nobody has claimed it, a session afterwards."""

    address: str = ""
    code: str = ""
    token: str = ""

    def client(self) -> Client:
        """Return a client of its API."""
        return Client(f"{self.address.rstrip('/')}/api/v1", self.token, timeout_s=_LOOK_S)

    def session(self) -> Client | None:
        """Return the same for who is signed in; None where nobody is, or no server."""
        return self.client() if self.address and self.token else None


class Step:
    """A page of the wizard; most ask nothing of the server before it is left."""

    name: PageName
    can_wait = False

    @property
    def is_filled(self) -> bool:
        """Whether what was entered is enough to go on."""
        return True

    def go_on(self, server: Server) -> Session | Setup | None:
        """Have the server do it, if there is something to do; return the session where one begins, the setup where it starts again. Raises: Failed."""
        del server
        return None

    def look(self, server: Server) -> Callable[[], None]:
        """Ask the server about what was entered, where it can say something of it. Raises: Failed."""
        del server
        return lambda: None

    def put_off(self, server: Server) -> None:
        """Leave a step that can wait for later. Raises: Failed."""


class LanguageStep(Step):
    """Which language; the choice is in force at once."""

    name = "language"

    def go_on(self, server: Server) -> None:
        """Note that it was chosen."""
        _decide(server, "language")


class DatabaseStep(Step):
    """The server's own database, or an external one, with which the server starts again."""

    name = "database"

    def __init__(self) -> None:
        self.is_external = False
        self.url = ""
        self.test: DatabaseTest | None = None
        self.now: SetupDatabase | None = None

    @property
    def is_pinned(self) -> bool:
        """Whether the configuration says which it is."""
        return self.now is not None and self.now.pinned_by is not None

    @property
    def is_used(self) -> bool:
        """Whether the server stands on what is chosen."""
        is_external = self.now is not None and self.now.is_external
        is_another = self.is_external and bool(self.url)
        return self.is_pinned or (self.is_external == is_external and not is_another)

    @property
    def is_filled(self) -> bool:
        """The server's own needs nothing, another one an address."""
        return self.is_used or not self.is_external or bool(self.url)

    def take(self, now: SetupDatabase | None) -> None:
        """Take in which one the server stands on; an address that is used is of no more use here."""
        self.now, self.test = now, None
        if now is not None and not now.problem:
            self.is_external = now.is_external
            self.url = ""

    def known(self) -> tuple[str, Tone]:
        """Return what is known of the choice in words, and how they are meant."""
        now, test = self.now, self.test
        if test is not None and self.is_external:
            return test.detail, "good" if test.is_usable else "bad"
        if now is None:
            return "", "muted"
        if now.pinned_by is not None:
            return t(f"wizard.database.pinned_{now.pinned_by}"), "muted"
        if now.problem:
            return now.problem, "bad"
        return t("wizard.database.used") if now.is_external and self.is_used else "", "good"

    def write_url(self, url: str) -> None:
        """Take another address; what was said of the one before is no longer true."""
        self.url = url.strip()
        self.test = None

    def look(self, server: Server) -> Callable[[], None]:
        """Try the external one."""
        url = self.url
        wish = DatabaseWish(code=server.code, url=url)
        test = server.client().send("POST", "/setup/database/test", wish, DatabaseTest)

        def put() -> None:
            self.test = test if url == self.url else None

        return put

    def go_on(self, server: Server) -> Setup | None:
        """Stay, or have the server start again with the other one."""
        if self.is_used:
            _decide(server, "database")
            return None
        choice = DatabaseChoice(code=server.code, url=self.url if self.is_external else None)
        return server.client().send("POST", "/setup/database", choice, Setup)


class AdministratorStep(Step):
    """The first account."""

    name = "administrator"

    def __init__(self) -> None:
        self.user = self.password = self.again = ""

    @property
    def complaint(self) -> str:
        """What is wrong with what was entered so far; empty where nothing is, or nothing was."""
        if self.password and len(self.password) < PASSWORD_MIN:
            return t("wizard.administrator.short", count=PASSWORD_MIN)
        if self.again and self.again != self.password:
            return t("wizard.administrator.differ")
        return ""

    @property
    def is_filled(self) -> bool:
        """All three are there and agree."""
        return bool(self.user.strip() and self.password and self.again and not self.complaint)

    def go_on(self, server: Server) -> Session:
        """Make it, and be it."""
        new = FirstAdministrator(
            code=server.code,
            name=self.user.strip(),
            password=self.password,
            language="de" if language() == "de" else "en",
            device_name=DEVICE_NAME,
        )
        answer = server.client().send("POST", "/setup/administrator", new, SignedIn)
        return Session(name=answer.user.name, token=answer.token or "")


class SignInStep(Step):
    """Signing in where the account was made but the session was lost."""

    name = "sign_in"

    def __init__(self) -> None:
        self.user = self.password = ""

    @property
    def is_filled(self) -> bool:
        """Both are there."""
        return bool(self.user.strip() and self.password)

    def go_on(self, server: Server) -> Session:
        """Sign in."""
        return sign_in(server.address, self.user.strip(), self.password)


class LibraryStep(Step):
    """The first folder."""

    name = "library"
    can_wait = True

    def __init__(self) -> None:
        self.path = self.title = ""
        self.preview: Preview | None = None

    @property
    def is_filled(self) -> bool:
        """It was looked into, and will be called something."""
        return self.preview is not None and bool(self.title.strip())

    def choose(self, path: str) -> None:
        """Take another folder, and its name."""
        self.path = path
        self.title = PurePath(path).name
        self.preview = None

    def look(self, server: Server) -> Callable[[], None]:
        """Look into the folder."""
        path = self.path
        preview = server.client().send(
            "POST", "/libraries/preview", PreviewWish(path=path), Preview
        )

        def put() -> None:
            self.preview = preview if path == self.path else None

        return put

    def go_on(self, server: Server) -> None:
        """Make the library, which begins its scan."""
        kind = self.preview.kind if self.preview else ""
        new = NewLibrary(name=self.title.strip(), kind=kind, paths=[self.path])
        server.client().send("POST", "/libraries", new, Library)

    def put_off(self, server: Server) -> None:
        """Leave folders for later."""
        server.client().tell("POST", "/setup/library/skip")


class ScanStep(Step):
    """The first scan, live; the wizard may be left while it runs."""

    name = "scan"

    def __init__(self) -> None:
        self.library: Library | None = None
        self.pace = Pace()

    def look(self, server: Server) -> Callable[[], None]:
        """Ask how far it is."""
        libraries = server.client().get("/libraries", Libraries).items

        def put() -> None:
            self.library = _to_follow(libraries)
            if self.library and self.library.scan:
                self.pace.note(self.library.scan)

        return put

    def start_again(self, server: Server) -> None:
        """Have the library scanned once more. Raises: Failed."""
        if self.library is not None:
            server.client().tell("POST", f"/libraries/{self.library.library_id}/scan")


def _decide(server: Server, step: Literal["language", "database"]) -> None:
    decided = StepDecided(code=server.code, step=step)
    server.client().send("POST", "/setup/decided", decided, Setup)


def _to_follow(libraries: Sequence[Library]) -> Library | None:
    """Return the library that is scanned, else the last."""
    running = [one for one in libraries if is_under_way(one.scan)]
    return [*libraries, *running][-1] if libraries else None
