"""The rules of the setup: the console's code claims the server once, each step is done or skipped."""

import hmac
import secrets
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.kernel.errors import RevengeError, Unavailable
from server.kernel.messages import Messages
from server.kernel.migrate import MigrationError, examine
from server.services.auth.model import AdministratorExists, Locked, NewUser
from server.services.auth.service import Auth, Lockout
from server.services.setup import store
from server.services.setup.model import (
    CodeWrong,
    DatabaseNotice,
    DatabaseTest,
    FirstAdministrator,
    Setup,
    SetupStep,
    StepName,
)

_CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No sign that is read as another: the code is typed from one screen into another."""

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
    )

    def __init__(
        self, db: Db, clock: Clock, auth: Auth, lockout: Lockout, *, is_external: bool
    ) -> None:
        self._db = db
        self._clock = clock
        self._auth = auth
        self._lockout = lockout
        self._is_external = is_external
        self._code: str | None = None

    async def make_code(self) -> None:
        """Make the code, which is good until it is used or the server restarts."""
        if not await self._auth.administrator_exists():
            self._code = "-".join(_word(4) for _ in range(2))

    def pending_code(self) -> str | None:
        """Return the code for the console, None once somebody has claimed the server."""
        return self._code

    async def check_code(self, given: str, address: str) -> None:
        """Pass whoever read the console. Raises: CodeWrong, Locked, AdministratorExists."""
        code = self._code
        if code is None or await self._auth.administrator_exists():
            raise AdministratorExists
        tries = f"setup:{address}"
        await self._lockout.take_try(tries)
        if not hmac.compare_digest(_typed(given), _typed(code)):
            raise CodeWrong
        await self._lockout.forget(tries)

    async def state(self) -> Setup:
        """Return how far the setup is; an administrator accepted what was chosen before."""
        decided: dict[str, Literal["done", "skipped"]] = {
            row.step: row.state for row in await self._db.all(store.DECIDED)
        }
        if self._is_external:
            decided["database"] = "done"
        if await self._auth.administrator_exists():
            decided |= dict.fromkeys(("language", "database", "administrator"), "done")
        steps = [
            SetupStep(name=name, is_required=is_required, state=decided.get(name, "open"))
            for name, is_required in _REQUIRED.items()
        ]
        return Setup(is_complete=all(step.state != "open" for step in steps), steps=steps)

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

    async def decide(self, step: StepName, state: Literal["done", "skipped"]) -> Setup:
        """Note that a step was done, or left for later; return how far the setup is then."""
        await self._db.execute(store.DECIDE, step, state, self._clock.now())
        return await self.state()


class DatabaseTrial:
    """Tries a PostgreSQL before anybody builds on it."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def test(self, url: str, language: str) -> DatabaseTest:
        """Return what a login to the database shows, in words; a password is never among them."""
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


def _where(url: str) -> str:
    """Return host and port of an address that could be asked, without what stands before them."""
    return urlsplit(url).netloc.rpartition("@")[2] or "localhost"


def _word(length: int) -> str:
    return "".join(secrets.choice(_CODE_SIGNS) for _ in range(length))


def _typed(code: str) -> bytes:
    """Return a code as people type it: any case, with or without the dash and spaces."""
    return "".join(sign for sign in code.upper() if sign.isalnum()).encode()
