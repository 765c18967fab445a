"""The rules of accounts, sessions and wrong passwords."""

import hashlib
import math
import secrets
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from server.kernel.cache import Room
from server.kernel.clock import Clock
from server.kernel.db import Db, Tx
from server.kernel.errors import Unauthenticated, Unavailable
from server.kernel.events import emit
from server.kernel.http.guard import csrf_token_of
from server.kernel.ids import new_id
from server.kernel.log import get_log
from server.kernel.passwords import Passwords
from server.kernel.settings import Live
from server.kernel.viewer import Viewer
from server.services.activity.model import Noted
from server.services.auth import store
from server.services.auth.model import (
    USER_NAME_MAX,
    AccountRow,
    AdministratorExists,
    AuthSettings,
    Device,
    Locked,
    Login,
    NameUnusable,
    NewSession,
    NewUser,
    PasswordChange,
    Profile,
    Role,
    SessionRow,
    SessionsEnded,
    SignedIn,
    User,
    UserNotFound,
    WrongCredentials,
    WrongPassword,
)

SESSIONS_A_USER = 10
TOUCH_EVERY = timedelta(minutes=5)
"""A session in use is noted this often: not one write a request."""

log = get_log(__name__)


class SessionRules:
    """How long a session lives when it is used and when it is not, and what each role may do."""

    def __init__(self, settings: Live[AuthSettings], grants: Mapping[Role, frozenset[str]]) -> None:
        self._settings = settings
        self.grants = grants

    @property
    def life(self) -> timedelta:
        """How long a session lives after it was used."""
        return timedelta(days=self._settings.now.session_days)

    @property
    def idle(self) -> timedelta:
        """How long nobody may use it."""
        return timedelta(days=self._settings.now.session_idle_days)


class Known(Struct, frozen=True, kw_only=True):
    """What is kept of a session between two requests, and when it ends by itself."""

    viewer: Viewer
    ends_at: datetime


class Lockout:
    """Tries at a door, counted per key; too many wrong ones lock it for a while.

    A try counts before it is known to be wrong, so a thousand at once are no way around the limit.
    The counts are in the database, so that a restart opens no door.
    """

    def __init__(self, db: Db, clock: Clock, settings: Live[AuthSettings]) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings

    @property
    def _lock(self) -> timedelta:
        return timedelta(minutes=self._settings.now.lockout_minutes)

    async def take_try(self, *keys: str) -> None:
        """Count a try for each key. Raises: Locked, while one of them is; then none is counted."""
        now = self._clock.now()
        counted = await self._db.all(
            store.NOTE_TRY,
            list(keys),
            self._settings.now.lockout_attempts,
            now + self._lock,
            now,
            now - self._lock,
        )
        if len(counted) < len(keys):
            until = await self._db.one(store.LOCKED_UNTIL, list(keys), now)
            wait_s = (until - now).total_seconds() if until else 1
            raise Locked(retry_after_s=math.ceil(wait_s))

    async def forget(self, *keys: str) -> None:
        """Clear the counts after a right try."""
        await self._db.execute(store.FORGET_FAILURES, list(keys))

    async def clear(self) -> None:
        """Open every door: whoever sits at the console has likely locked their own address too."""
        await self._db.execute(store.FORGET_OLD_FAILURES, self._clock.now() + self._lock)

    async def forget_old(self) -> None:
        """Remove counts that no longer matter."""
        await self._db.execute(store.FORGET_OLD_FAILURES, self._clock.now() - 2 * self._lock)


class Auth:
    """Makes accounts, begins and ends sessions, and tells who a token belongs to."""

    def __init__(
        self,
        db: Db,
        clock: Clock,
        passwords: Passwords,
        lockout: Lockout,
        rules: SessionRules,
        sessions: Room[Known],
    ) -> None:
        self._db = db
        self._clock = clock
        self._passwords = passwords
        self._lockout = lockout
        self._rules = rules
        self._sessions = sessions

    async def administrator_exists(self) -> bool:
        """Return whether the server has been claimed."""
        return await self._db.value(store.ADMINISTRATOR_EXISTS)

    async def create_first_administrator(self, user: NewUser) -> UUID:
        """Make the first administrator. Raises: AdministratorExists, NameUnusable."""
        key, password_hash = name_key(user.name), await self._passwords.hash(user.password)
        async with self._db.transaction() as tx:
            await tx.execute(store.LOCK_ACCOUNTS)
            if await tx.value(store.ADMINISTRATOR_EXISTS):
                raise AdministratorExists
            return await self._create(tx, user, key, password_hash)

    async def _create(self, tx: Tx, user: NewUser, key: str, password_hash: str) -> UUID:
        user_id, now, name = new_id(), self._clock.now(), user.name.strip()
        await tx.execute(
            store.INSERT_USER, user_id, name, key, password_hash, user.role, user.language, now
        )
        await tx.execute(store.INSERT_PROFILE, new_id(), user_id, name, user.language, now)
        await emit(tx, Noted(what="account.created", user_id=user_id, user_name=name))
        return user_id

    async def login(self, given: Login, device: Device) -> NewSession:
        """Return a new session. Raises: WrongCredentials, Locked."""
        try:
            key = name_key(given.name)
        except NameUnusable as error:
            raise WrongCredentials from error
        tries = (f"user:{key}", f"address:{device.client_address}")
        await self._lockout.take_try(*tries)
        account = await self._db.one(store.ACCOUNT, key)
        stored = account.password_hash if account and not account.is_disabled else None
        if not await self._passwords.verify(stored, given.password) or account is None:
            await self._note_refused(account, device)
            raise WrongCredentials
        await self._lockout.forget(*tries)
        if self._passwords.is_outdated(account.password_hash):
            await self._db.execute(
                store.SET_PASSWORD,
                account.user_id,
                await self._passwords.hash(given.password),
                self._clock.now(),
            )
        return await self.begin_session(account.user_id, device)

    async def begin_session(self, user_id: UUID, device: Device) -> NewSession:
        """Return a new session of a user; its token is stored only as a hash."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        async with self._db.transaction() as tx:
            await tx.execute(
                store.INSERT_SESSION,
                new_id(),
                _hash(token),
                user_id,
                device.name,
                device.client_address,
                device.user_agent,
                now,
                now + self._rules.life,
            )
            ended = await tx.all(store.DELETE_OLDEST_SESSIONS, user_id, SESSIONS_A_USER)
            name = await tx.one(store.USER_NAME, user_id)
            begun = Noted(
                what="session.begun",
                user_id=user_id,
                user_name=name,
                address=device.client_address,
                subject=device.name or None,
            )
            over = (SessionsEnded(user_id=user_id, session_id=one) for one in ended)
            await emit(tx, begun, *over)
        row = await self._row(_hash(token), now)
        if row is None:  # the account was disabled or removed in this very moment
            raise Unauthenticated
        return NewSession(signed_in=self._signed_in(row, token), token=token)

    async def session(self, token: str | None) -> SignedIn:
        """Return the session of a token. Raises: Unauthenticated."""
        row = await self._row(_hash(token), self._clock.now()) if token else None
        if row is None or token is None:
            raise Unauthenticated
        return self._signed_in(row, token)

    async def viewer(self, token: str) -> Viewer | None:
        """Return who a token belongs to, None when it is not good; notes that it is in use."""
        now = self._clock.now()
        token_hash, period = _hash(token), now.timestamp() // TOUCH_EVERY.total_seconds()

        async def load() -> Known | None:
            return await self._known(token_hash, now)

        known = await self._sessions.get(f"{token_hash.hex()}:{period:.0f}", load)
        return None if known is None or known.ends_at <= now else known.viewer

    async def viewer_now(self, token: str) -> Viewer | None:
        """Return the same as the database has it this moment: for rights that may just have changed."""
        known = await self._known(_hash(token), self._clock.now())
        return None if known is None else known.viewer

    async def logout(self, viewer: Viewer) -> None:
        """End the viewer's session."""
        async with self._db.transaction() as tx:
            await tx.execute(store.DELETE_SESSION, viewer.session_id)
            name = await tx.one(store.USER_NAME, viewer.user_id)
            left = Noted(what="session.ended", user_id=viewer.user_id, user_name=name)
            over = SessionsEnded(user_id=viewer.user_id, session_id=viewer.session_id)
            await emit(tx, left, over)

    async def change_password(self, viewer: Viewer, change: PasswordChange) -> None:
        """Change the viewer's password and end their other sessions. Raises: WrongPassword, Locked."""
        key = password_key(viewer.user_id)
        await self._lockout.take_try(key)
        account = await self._db.one(store.ACCOUNT_BY_ID, viewer.user_id)
        stored = account.password_hash if account else None
        if not await self._passwords.verify(stored, change.current_password):
            raise WrongPassword
        await self._lockout.forget(key)
        await self._set_password(viewer.user_id, change.new_password, stays=viewer.session_id)

    async def reset_password(self, name: str, password: str) -> None:
        """Give an account a new password and end all its sessions. Raises: UserNotFound."""
        account = await self._db.one(store.ACCOUNT, name_key(name))
        if account is None:
            raise UserNotFound(name=name)
        await self._set_password(account.user_id, password, stays=None)
        await self._lockout.clear()
        log.info("password reset at the console", user_id=str(account.user_id))

    async def forget_ended(self) -> None:
        """Remove sessions that ended and failures that no longer count."""
        now = self._clock.now()
        await self._db.execute(store.DELETE_ENDED_SESSIONS, now, now - self._rules.idle)
        await self._lockout.forget_old()

    async def _set_password(self, user_id: UUID, password: str, *, stays: UUID | None) -> None:
        """Give an account a new password and end its sessions but the one that stays."""
        password_hash = await self._passwords.hash(password)
        async with self._db.transaction() as tx:
            await tx.execute(store.SET_PASSWORD, user_id, password_hash, self._clock.now())
            await tx.execute(store.DELETE_SESSIONS, user_id, stays)
            name = await tx.one(store.USER_NAME, user_id)
            changed = Noted(what="account.password_changed", user_id=user_id, user_name=name)
            await emit(tx, SessionsEnded(user_id=user_id, kept_session_id=stays), changed)

    async def _note_refused(self, account: AccountRow | None, device: Device) -> None:
        """Note a wrong password; what was typed as a name is not kept, for it may be a password."""
        refused = Noted(
            what="session.refused",
            user_id=account.user_id if account else None,
            user_name=account.name if account else None,
            address=device.client_address,
        )
        async with self._db.transaction() as tx:
            await emit(tx, refused)

    async def _known(self, token_hash: bytes, now: datetime) -> Known | None:
        """Return a live session, and note that it is in use."""
        row = await self._row(token_hash, now)
        if row is None:
            return None
        ends_at = min(row.expires_at, row.last_seen_at + self._rules.idle)
        if now - row.last_seen_at > TOUCH_EVERY:
            life, idle = self._rules.life, self._rules.idle
            with suppress(Unavailable):  # on a full disk one can still look
                await self._db.execute(store.TOUCH_SESSION, row.session_id, now, now + life)
                ends_at = now + min(life, idle)
        return Known(viewer=self._viewer(row), ends_at=ends_at)

    async def _row(self, token_hash: bytes, now: datetime) -> SessionRow | None:
        return await self._db.one(store.SESSION, token_hash, now, now - self._rules.idle)

    def _viewer(self, row: SessionRow) -> Viewer:
        return Viewer(
            user_id=row.user_id,
            profile_id=row.profile_id,
            profile_name=row.profile_name,
            session_id=row.session_id,
            realm="public",
            permissions=self._rules.grants[row.role],
            library_ids=tuple(row.library_ids),
            max_level=row.max_level,
            language=row.language,
        )

    def _signed_in(self, row: SessionRow, token: str) -> SignedIn:
        return SignedIn(
            user=User(
                user_id=row.user_id, name=row.user_name, role=row.role, language=row.language
            ),
            profile=Profile(profile_id=row.profile_id, name=row.profile_name),
            permissions=sorted(self._rules.grants[row.role]),
            csrf_token=csrf_token_of(token),
            token=None,
            expires_at=row.expires_at,
        )


def name_key(name: str) -> str:
    """Return the form in which two names are the same (NFKC, case folded). Raises: NameUnusable."""
    stripped = name.strip()
    key = unicodedata.normalize("NFKC", stripped).casefold()
    is_hidden = any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in key)
    if not key or len(stripped) > USER_NAME_MAX or is_hidden:
        raise NameUnusable
    return key


def password_key(user_id: UUID) -> str:
    """Return under which key tries of a signed-in user's own password count, whatever they are for."""
    return f"change:{user_id}"


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
