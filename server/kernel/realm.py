"""Realms: separate worlds in one database, each with its own schema and its own login."""

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from msgspec import Struct

_SCRAM_ITERATIONS = 4096  # PostgreSQL's own default, scram_iterations


class Realm(Struct, frozen=True, kw_only=True):
    """A world of its own; its role reads and writes `schema` and, as needed, `shared`.

    `owns_accounts` marks the one realm that signs people in. `is_optional` realms stay off where the
    wall of roles cannot be built.
    """

    name: str
    schema: str
    owns_accounts: bool = False
    is_optional: bool = False

    @property
    def search_path(self) -> str:
        """Where unqualified names are looked up; slices' SQL names no schema."""
        return f"{self.schema}, shared"


PUBLIC: Final = Realm(name="public", schema="public", owns_accounts=True)
SEALED: Final = Realm(name="qar", schema="qar", is_optional=True)
REALMS: Final = (PUBLIC, SEALED)


class Secrets(Struct, frozen=True, kw_only=True):
    """What an installation keeps in a file of its own: its suffix and the roles' passwords by realm."""

    installation: str
    passwords: dict[str, str]

    def __repr__(self) -> str:
        return f"Secrets(installation={self.installation!r}, passwords=***)"

    def role(self, realm: Realm) -> str:
        """Return the realm's role; the suffix keeps two installations on one server apart."""
        return f"rv_{realm.name}_{self.installation}"

    def key(self, realm: Realm) -> bytes:
        """Return a key of the realm that lasts as long as the installation, and says nothing of the password."""
        password = self.passwords[realm.name].encode()
        return hashlib.blake2b(password, digest_size=32, person=b"realm key").digest()


def new_secrets() -> Secrets:
    """Return random secrets for a new installation."""
    return Secrets(
        installation=secrets.token_hex(4),
        passwords={realm.name: secrets.token_urlsafe(32) for realm in REALMS},
    )


def realm_dsn(owner_dsn: str, realm: Realm, known: Secrets) -> str:
    """Return the owner's DSN with the login of the realm's role in place of the owner's."""
    parts = urlsplit(owner_dsn)
    host = parts.netloc.rpartition("@")[2]
    login = f"{quote(known.role(realm), safe='')}:{quote(known.passwords[realm.name], safe='')}"
    rest = [pair for pair in parse_qsl(parts.query) if pair[0] not in {"user", "password"}]
    return urlunsplit(parts._replace(netloc=f"{login}@{host}", query=urlencode(rest)))


def own_dsn(owner_dsn: str, realm: Realm) -> str:
    """Return the owner's DSN for a realm without a role of its own."""
    parts = urlsplit(owner_dsn)
    query = urlencode([*parse_qsl(parts.query), ("search_path", realm.search_path)])
    return urlunsplit(parts._replace(query=query))


def scram_verifier(password: str, salt: bytes) -> str:
    """Return what PostgreSQL stores for a password (RFC 5803), so that no statement holds the password."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    texts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{texts[0]}${texts[1]}:{texts[2]}"
