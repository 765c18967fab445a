"""Names for places in the order of events, which say nothing: not how many there were, nor whether two are the same."""

import base64
import binascii
import hmac
import secrets
from hashlib import blake2b
from typing import Final

_PART_BYTES: Final = 8
_NAME_LENGTH: Final = 32


class Places:
    """Names positions with a key; a name is another one each time, and nobody else can make one.

    A position itself would tell a viewer how much happens that is kept from them. Encrypted, then authenticated
    (Bellare and Namprempre, 2000); a name that could be changed would give the position away bit by bit.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def name(self, position: int) -> str:
        """Return a new name."""
        nonce = secrets.token_bytes(_PART_BYTES)
        hidden = _xor(position.to_bytes(_PART_BYTES), self._hash(b"hide", nonce))
        parts = nonce + hidden + self._hash(b"seal", nonce + hidden)
        return base64.urlsafe_b64encode(parts).decode()

    def position(self, name: str) -> int | None:
        """Return what a name stands for, None for one that is not ours."""
        if len(name) != _NAME_LENGTH:
            return None
        try:
            parts = base64.b64decode(name, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        sealed, seal = parts[:-_PART_BYTES], parts[-_PART_BYTES:]
        if not hmac.compare_digest(seal, self._hash(b"seal", sealed)):
            return None
        nonce, hidden = sealed[:_PART_BYTES], sealed[_PART_BYTES:]
        return int.from_bytes(_xor(hidden, self._hash(b"hide", nonce)))

    def _hash(self, purpose: bytes, content: bytes) -> bytes:
        return blake2b(content, digest_size=_PART_BYTES, key=self._key, person=purpose).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
