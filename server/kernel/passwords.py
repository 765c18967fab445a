"""Passwords at rest: Argon2id, 64 MiB, three passes, four lanes (RFC 9106, section 4)."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHES_AT_ONCE = 2
"""Each hash takes 64 MiB and a core: a crowd at the door waits instead of taking the machine."""


class Passwords:
    """Hashes and verifies off the event loop, at most two at a time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
        self._slots = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the encoded hash of a password."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Return whether the password matches; without a hash, false after the time of a check."""
        if self._nobody is None:
            self._nobody = await self.hash(secrets.token_hex())
        async with self._slots:
            is_match = await asyncio.to_thread(self._matches, encoded or self._nobody, password)
        return is_match and encoded is not None

    def is_outdated(self, encoded: str) -> bool:
        """Return whether the hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(encoded)

    def _matches(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
