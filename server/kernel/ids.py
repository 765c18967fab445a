"""Identifiers: UUIDv7 (RFC 9562, section 5.7), so that rows made later sort later."""

import secrets
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT_RFC = 0b10 << 62


def new_id() -> UUID:
    """Return a new UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    unix_ms = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=(unix_ms << 80) | _VERSION_7 | (high << 64) | _VARIANT_RFC | low)
