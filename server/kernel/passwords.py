"""Passwords at rest: Argon2id, 64 MiB, three passes, four lanes (RFC 9106, section 4)."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
HASHES_AT_ONCE: Final = 2
"""Each hash takes 64 MiB and a core: a crowd at the door waits instead of taking the machine."""


class Passwords:
    """Hashes and verifies off the event loop, at most two at a time, given-up ones included."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(HASHES_AT_ONCE, "password")
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the encoded hash of a password."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Return whether the password matches; without a hash, false after the time of a check."""
        if self._nobody is None:
            self._nobody = await self.hash(secrets.token_hex())
        loop, known = asyncio.get_running_loop(), encoded or self._nobody
        is_match = await loop.run_in_executor(self._threads, self._matches, known, password)
        return is_match and encoded is not None

    def is_outdated(self, encoded: str) -> bool:
        """Return whether the hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(encoded)

    def _matches(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False
