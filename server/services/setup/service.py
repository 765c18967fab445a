"""The rules of the setup: the console's code claims the server once, each step is done or skipped."""

import hmac
import secrets
from uuid import UUID

from server.kernel.clock import Clock
from server.kernel.db import Db
from server.services.auth.model import AdministratorExists, NewUser
from server.services.auth.service import Auth, Lockout
from server.services.setup import store
from server.services.setup.model import CodeWrong, FirstAdministrator, Setup, SetupStep, StepName

_CODE_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No sign that is read as another: the code is typed from one screen into another."""


class SetupService:
    """Holds the one-time code while nobody has claimed the server."""

    def __init__(self, db: Db, clock: Clock, auth: Auth, lockout: Lockout) -> None:
        self._db = db
        self._clock = clock
        self._auth = auth
        self._lockout = lockout
        self._code: str | None = None

    async def make_code(self) -> None:
        """Make the code, which is good until it is used or the server restarts."""
        if not await self._auth.administrator_exists():
            self._code = "-".join(_word(4) for _ in range(2))

    def pending_code(self) -> str | None:
        """Return the code for the console, None once somebody has claimed the server."""
        return self._code

    async def state(self) -> Setup:
        """Return how far the setup is."""
        decided = {row.step: row.state for row in await self._db.all(store.DECIDED)}
        is_claimed = await self._auth.administrator_exists()
        steps = [
            SetupStep(
                name="administrator", is_required=True, state="done" if is_claimed else "open"
            ),
            SetupStep(name="library", is_required=False, state=decided.get("library", "open")),
        ]
        return Setup(is_complete=all(step.state != "open" for step in steps), steps=steps)

    async def create_administrator(self, given: FirstAdministrator, address: str) -> UUID:
        """Make the first administrator. Raises: CodeWrong, Locked, AdministratorExists, NameUnusable."""
        code = self._code
        if code is None or await self._auth.administrator_exists():
            raise AdministratorExists
        tries = f"setup:{address}"
        await self._lockout.take_try(tries)
        if not hmac.compare_digest(_typed(given.code), _typed(code)):
            raise CodeWrong
        await self._lockout.forget(tries)
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

    async def skip(self, step: StepName) -> None:
        """Leave a step for later."""
        await self._db.execute(store.SKIP, step, self._clock.now())


def _word(length: int) -> str:
    return "".join(secrets.choice(_CODE_SIGNS) for _ in range(length))


def _typed(code: str) -> bytes:
    """Return a code as people type it: any case, with or without the dash and spaces."""
    return "".join(sign for sign in code.upper() if sign.isalnum()).encode()
