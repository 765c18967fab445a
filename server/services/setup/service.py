"""The rules of the setup: the console's code claims the server once, each step is done or skipped."""

import hmac
import secrets
from typing import ClassVar, Final, Literal
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from server.kernel.clock import Clock
from server.kernel.config import KEYS, Problem
from server.kernel.config.values import parse
from server.kernel.db import Db
from server.kernel.errors import RevengeError, Unavailable
from server.kernel.messages import Messages
from server.kernel.migrate import AddressInvalid, MigrationError, examine
from server.services.auth.model import AdministratorExists, Locked, NewUser
from server.services.auth.service import Auth, Lockout
from server.services.setup import store
from server.services.setup.model import (
    CodeWrong,
    DatabaseNotice,
    DatabaseNotKept,
    DatabasePinned,
    DatabaseTest,
    DatabaseUnusable,
    FirstAdministrator,
    Restarting,
    Setup,
    SetupDatabase,
    SetupStep,
    StepName,
)
from server.services.setup.sources import DatabaseHome

_CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No sign that is read as another: the code is typed from one screen into another."""

_OPTIONS: Final = frozenset({"host", "port", "sslmode"})
"""What may follow the question mark of an address; other options name files, or change how the server works."""

_REQUIRED: Final[dict[StepName, bool]] = {
    "language": False,
    "database": False,
    "administrator": True,
    "library": False,
}
"""The steps in their order, and whether the server is of no use without them."""


class SetupService:
    """Holds the one-time code while nobody has claimed the server."""

    CLAIM_ERRORS: ClassVar[tuple[type[RevengeError], ...]] = (
        CodeWrong,
        Locked,
        AdministratorExists,
        Restarting,
    )

    def __init__(
        self, db: Db, clock: Clock, auth: Auth, lockout: Lockout, database: "DatabaseStep"
    ) -> None:
        self._db = db
        self._clock = clock
        self._auth = auth
        self._lockout = lockout
        self._database = database
        self._code: str | None = None

    async def make_code(self) -> None:
        """Make the code, which is good until it is used or the server restarts for another reason than the setup."""
        if not await self._auth.administrator_exists():
            self._code = self._database.kept_code or "-".join(_word(4) for _ in range(2))

    def pending_code(self) -> str | None:
        """Return the code for the console, None once somebody has claimed the server."""
        return self._code

    async def check_code(self, given: str, address: str) -> None:
        """Pass whoever read the console. Raises: CodeWrong, Locked, AdministratorExists, Restarting."""
        if self._database.is_moving:
            raise Restarting
        code = self._code
        if code is None or await self._auth.administrator_exists():
            raise AdministratorExists
        tries = f"setup:{address}"
        await self._lockout.take_try(tries)
        if not hmac.compare_digest(_typed(given), _typed(code)):
            raise CodeWrong
        await self._lockout.forget(tries)

    async def state(self, language: str) -> Setup:
        """Return how far the setup is; an administrator accepted what was chosen before."""
        decided: dict[str, Literal["done", "skipped"]] = {
            row.step: row.state for row in await self._db.all(store.DECIDED)
        }
        decided |= self._database.decided()
        is_claimed = await self._auth.administrator_exists()
        if is_claimed:
            decided |= dict.fromkeys(("language", "database", "administrator"), "done")
        steps = [
            SetupStep(name=name, is_required=is_required, state=decided.get(name, "open"))
            for name, is_required in _REQUIRED.items()
        ]
        return Setup(
            is_complete=all(step.state != "open" for step in steps),
            steps=steps,
            database=None if is_claimed else self._database.now(language),
        )

    async def create_administrator(self, given: FirstAdministrator) -> UUID:
        """Make the first administrator, after `check_code`. Raises: AdministratorExists, NameUnusable."""
        user_id = await self._auth.create_first_administrator(
            NewUser(
                name=given.name,
                password=given.password,
                role="administrator",
                language=given.language,
            )
        )
        self._code = None
        return user_id

    async def decide(self, step: StepName, state: Literal["done", "skipped"]) -> None:
        """Note that a step was done, or left for later."""
        await self._db.execute(store.DECIDE, step, state, self._clock.now())

    async def move(self, url: str | None, language: str) -> None:
        """Restart on another database, after `check_code`. Raises: AdministratorExists, those of `DatabaseStep.move`."""
        await self._database.require(url, language)
        if self._code is None:  # claimed while that was tried
            raise AdministratorExists
        await self._database.move(url, self._code)


class DatabaseStep:
    """The database of the server: which it is, whether another one would do, and the move there."""

    MOVE_ERRORS: ClassVar[tuple[type[RevengeError], ...]] = (
        DatabasePinned,
        DatabaseUnusable,
        DatabaseNotKept,
    )

    def __init__(self, home: DatabaseHome, messages: Messages, *, is_external: bool) -> None:
        self._home = home
        self._messages = messages
        self._is_external = is_external
        self.is_moving = False

    @property
    def kept_code(self) -> str | None:
        """The code of the run before, which asked for this one."""
        return self._home.kept_code

    def decided(self) -> dict[str, Literal["done", "skipped"]]:
        """Return the steps that nobody has to decide any more; a chosen one was noted in the database before."""
        if self._home.is_chosen:
            return {"language": "done", "database": "done"}
        return {"database": "done"} if self._is_external else {}

    def now(self, language: str) -> SetupDatabase:
        """Return which one the server stands on."""
        refusal = self._home.refusal
        problem = None
        if refusal is not None:
            reason = self._messages.text(language, refusal.code, refusal.context).detail
            context = {"reason": reason}
            problem = self._messages.text(language, DatabaseNotice.LEFT, context).detail
        return SetupDatabase(
            is_external=self._is_external,
            is_restarting=self.is_moving,
            pinned_by=self._home.pinned_by,
            problem=problem,
        )

    async def require(self, url: str | None, language: str) -> None:
        """Return where the server can move there. Raises: DatabasePinned, DatabaseUnusable."""
        if self._home.pinned_by is not None:
            raise DatabasePinned
        if url is None:
            return
        tested = await self.test(url, language)
        if not tested.is_usable:
            raise DatabaseUnusable(reason=tested.detail)

    async def move(self, url: str | None, code: str) -> None:
        """Restart there, after `require`. Raises: Restarting, DatabaseNotKept."""
        if self.is_moving:
            raise Restarting
        self.is_moving = True
        try:
            await self._home.move(url, code)
        except OSError as error:
            self.is_moving = False
            raise DatabaseNotKept(reason=error.strerror) from error

    async def test(self, url: str, language: str) -> DatabaseTest:
        """Return what a login to the database shows, in words; a password is never among them."""
        if (objection := _objection(url)) is not None:
            return self._said(language, objection, {})
        try:
            found = await examine(url)
        except MigrationError as error:
            return self._said(language, error.code, error.context)
        except Unavailable:
            return self._said(language, DatabaseNotice.UNREACHABLE, {"where": _where(url)})
        code = DatabaseNotice.USABLE if found.may_make_roles else DatabaseNotice.WITHOUT_ROLES
        if found.is_used:
            code = DatabaseNotice.USED
        said = self._said(language, code, {"version": found.version})
        return DatabaseTest(is_usable=True, code=said.code, detail=said.detail)

    def _said(self, language: str, code: str, context: dict[str, object]) -> DatabaseTest:
        detail = self._messages.text(language, code, context).detail
        return DatabaseTest(is_usable=False, code=code, detail=detail)


def _objection(url: str) -> str | None:
    """Return why an address is not even tried.

    All of a login must stand in it: the driver would take the rest from files and the environment of the
    server, which are not for whoever holds the code, and hand them to the host that the address names.
    """
    if (
        isinstance(parse(KEYS["database.url"], url, ""), Problem)
        or url.partition("?")[0].count("@") > 1
    ):
        return AddressInvalid.code
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if options.keys() - _OPTIONS:
        return DatabaseNotice.OPTIONS
    host = parts.netloc.rpartition("@")[2]
    sockets = [] if host else options.get("host", "").split(",")
    is_local = bool(sockets) and all(path.startswith("/") for path in sockets)
    is_whole = parts.username and (parts.password or is_local) and parts.path.strip("/")
    return None if is_whole and (host or is_local) else DatabaseNotice.INCOMPLETE


def _where(url: str) -> str:
    """Return host and port of an address that could be asked, without what stands before them."""
    return urlsplit(url).netloc.rpartition("@")[2] or "localhost"


def _word(length: int) -> str:
    return "".join(secrets.choice(_CODE_SIGNS) for _ in range(length))


def _typed(code: str) -> bytes:
    """Return a code as people type it: any case, with or without the dash and spaces."""
    return "".join(sign for sign in code.upper() if sign.isalnum()).encode()
