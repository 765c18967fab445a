"""The PINs of profiles: who may set one, and how often somebody may guess."""

from uuid import UUID

from server.kernel.db import Db
from server.kernel.log import get_log
from server.kernel.passwords import Passwords
from server.kernel.viewer import Viewer
from server.services.auth import store
from server.services.auth.model import (
    OwnProfiles,
    PinChange,
    PinProof,
    ProfileNotFound,
    WrongPin,
    WrongProof,
)
from server.services.auth.service import Lockout, password_key

log = get_log(__name__)


class Pins:
    """Sets, removes and verifies the PINs of the viewer's own profiles."""

    def __init__(self, db: Db, passwords: Passwords, lockout: Lockout) -> None:
        self._db = db
        self._passwords = passwords
        self._lockout = lockout

    async def profiles(self, viewer: Viewer) -> OwnProfiles:
        """Return the viewer's profiles."""
        return OwnProfiles(items=await self._db.all(store.OWN_PROFILES, viewer.user_id))

    async def verify(self, viewer: Viewer, profile_id: UUID, pin: str) -> None:
        """Return if it is the profile's PIN. Raises: ProfileNotFound, WrongPin, Locked."""
        if not await self._is_pin(await self._pin_hash(viewer, profile_id), profile_id, pin):
            raise WrongPin

    async def change(self, viewer: Viewer, profile_id: UUID, change: PinChange) -> None:
        """Give the profile this PIN. Raises: ProfileNotFound, WrongProof, Locked."""
        await self._require(viewer, profile_id, change)
        pin_hash = await self._passwords.hash(change.pin)
        await self._db.execute(store.SET_PIN, profile_id, pin_hash)
        log.info("profile has a new PIN", profile_id=str(profile_id))

    async def remove(self, viewer: Viewer, profile_id: UUID, proof: PinProof) -> None:
        """Take the profile's PIN away. Raises: ProfileNotFound, WrongProof, Locked."""
        await self._require(viewer, profile_id, proof)
        await self._db.execute(store.SET_PIN, profile_id, None)
        log.info("profile has no PIN any more", profile_id=str(profile_id))

    async def _require(self, viewer: Viewer, profile_id: UUID, proof: PinProof) -> None:
        """Check the password, or else the present PIN: a session left open is not enough."""
        pin_hash = await self._pin_hash(viewer, profile_id)
        if proof.password is not None:
            is_proven = await self._is_password(viewer, proof.password)
        elif proof.current_pin is not None:
            is_proven = await self._is_pin(pin_hash, profile_id, proof.current_pin)
        else:
            is_proven = False
        if not is_proven:
            raise WrongProof
        await self._lockout.forget(_pin_key(profile_id))  # the password opens a locked PIN too

    async def _pin_hash(self, viewer: Viewer, profile_id: UUID) -> str | None:
        row = await self._db.one(store.PROFILE_PIN, viewer.user_id, profile_id)
        if row is None:
            raise ProfileNotFound
        return row.pin_hash

    async def _is_pin(self, pin_hash: str | None, profile_id: UUID, pin: str) -> bool:
        return await self._is_right(pin_hash, pin, _pin_key(profile_id))

    async def _is_password(self, viewer: Viewer, password: str) -> bool:
        account = await self._db.one(store.ACCOUNT_BY_ID, viewer.user_id)
        stored = account.password_hash if account else None
        return await self._is_right(stored, password, password_key(viewer.user_id))

    async def _is_right(self, stored: str | None, given: str, key: str) -> bool:
        """Check a secret, as long as nobody has tried too often. Raises: Locked."""
        await self._lockout.take_try(key)
        is_right = await self._passwords.verify(stored, given)
        if is_right:
            await self._lockout.forget(key)
        return is_right


def _pin_key(profile_id: UUID) -> str:
    return f"pin:{profile_id}"
