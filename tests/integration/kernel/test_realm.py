"""The wall between realms, tried from both sides, and the logins that it is made of."""

import base64
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec
import pytest

from server.kernel.ids import new_id
from server.kernel.realm import (
    PUBLIC,
    SEALED,
    Realm,
    Secrets,
    new_secrets,
    own_dsn,
    realm_dsn,
    scram_verifier,
)
from server.kernel.roles import Owner

ADD_USER = """
INSERT INTO shared.users
    (user_id, name, name_key, display_name, password_hash, role, language, created_at, changed_at)
VALUES ($1, 'Ann', 'ann', 'Ann', 'hash', 'member', 'en', now(), now())
"""
ADD_PROFILE = """
INSERT INTO shared.profiles (profile_id, user_id, name, is_default, max_level, created_at)
VALUES ($1, $1, 'Ann', true, 100, now())
"""


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Owner]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM qar.items",
        "SELECT to_regclass('qar.items')",
        "SELECT count(*) FROM qar.libraries",
        "DELETE FROM qar.progress",
        "CREATE TABLE qar.mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "SELECT * FROM shared.migrations",
        "SET ROLE revenge",
    ],
)
async def test_the_public_role_is_denied(owner_dsn: str, secrets: Secrets, statement: str) -> None:
    async with connected(realm_dsn(owner_dsn, PUBLIC, secrets)) as public:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await public.fetch(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM shared.users",
        "SELECT * FROM shared.profiles",
        "SELECT * FROM shared.sessions",
        "SELECT * FROM shared.login_failures",
        "UPDATE shared.users SET name = 'x'",
        "SELECT * FROM public.items",
        "INSERT INTO public.lexemes VALUES ('x', 1)",
        "SELECT * FROM shared.migrations",
    ],
)
async def test_the_sealed_role_is_denied(owner_dsn: str, secrets: Secrets, statement: str) -> None:
    async with connected(realm_dsn(owner_dsn, SEALED, secrets)) as sealed:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await sealed.fetch(statement)


@pytest.mark.parametrize("realm", [PUBLIC, SEALED], ids=lambda realm: realm.name)
async def test_unqualified_names_are_those_of_the_own_realm(
    owner: Owner, owner_dsn: str, secrets: Secrets, realm: Realm
) -> None:
    async with connected(realm_dsn(owner_dsn, realm, secrets)) as connection:
        await connection.execute("INSERT INTO lexemes VALUES ('word', 1)")
        assert await connection.fetchval("SELECT count(user_id) FROM users") == 0
    rows = await owner.fetch("SELECT tableoid::regclass::text AS name FROM public.lexemes")
    rows += await owner.fetch("SELECT tableoid::regclass::text AS name FROM qar.lexemes")
    assert [row["name"] for row in rows] == ["lexemes" if realm is PUBLIC else "qar.lexemes"]


async def test_deleting_a_user_reaches_rows_of_every_realm_without_a_grant(
    owner: Owner, owner_dsn: str, secrets: Secrets
) -> None:
    user_id = new_id()
    await owner.execute(ADD_USER, user_id)
    await owner.execute(ADD_PROFILE, user_id)
    async with connected(realm_dsn(owner_dsn, SEALED, secrets)) as sealed:
        await add_list(sealed, user_id)
    async with connected(realm_dsn(owner_dsn, PUBLIC, secrets)) as public:
        await public.execute("DELETE FROM users WHERE user_id = $1", user_id)
    assert await owner.fetchval("SELECT count(*) FROM qar.lists") == 0


async def test_a_user_has_one_default_profile(owner: Owner) -> None:
    user_id = new_id()
    await owner.execute(ADD_USER, user_id)
    await owner.execute(ADD_PROFILE, user_id)
    with pytest.raises(asyncpg.UniqueViolationError, match="profiles_one_default"):
        await owner.execute(
            "INSERT INTO shared.profiles SELECT $1, user_id, name, true, language, max_level, created_at"
            " FROM shared.profiles",
            new_id(),
        )


async def test_deleting_a_library_takes_everything_of_its_items(owner: Owner) -> None:
    await owner.execute(
        "INSERT INTO libraries (library_id, kind, name, changed_at) VALUES ($1, 'x', 'x', now())",
        library_id := new_id(),
    )
    await owner.execute(
        """INSERT INTO items (item_id, key, kind, library_id, root_item_id, title, sort_title, unit,
        rating_level, on_shelf, card_json, state, added_at, changed_at, version)
        VALUES ($1, 'k', 'x', $2, $1, 't', 't', 'ms', 0, true, '{}', 'present', now(), now(), 1)""",
        item_id := new_id(),
        library_id,
    )
    await owner.execute("INSERT INTO movies (item_id) VALUES ($1)", item_id)
    await owner.execute("INSERT INTO external_ids VALUES ($1, 'imdb', 'tt1')", item_id)
    await owner.execute("DELETE FROM libraries")
    assert await owner.fetchval("SELECT count(*) FROM movies") == 0
    assert await owner.fetchval("SELECT count(*) FROM external_ids") == 0


def test_the_login_is_replaced_and_the_rest_of_the_address_stays() -> None:
    secrets = Secrets(installation="ab", passwords={"public": "p/@:?ß"})
    dsn = realm_dsn("postgresql://me:x%40@h:5433/db?sslmode=require&password=y", PUBLIC, secrets)
    assert dsn == "postgresql://rv_public_ab:p%2F%40%3A%3F%C3%9F@h:5433/db?sslmode=require"
    socket = realm_dsn("postgresql://me:x@/db?host=%2Frun&port=5", PUBLIC, secrets)
    assert urlsplit(socket).query == "host=%2Frun&port=5"
    assert own_dsn("postgresql://me@h/db", PUBLIC) == (
        "postgresql://me@h/db?search_path=public%2C+shared"
    )


def test_secrets_survive_their_file() -> None:
    secrets = new_secrets()
    assert msgspec.json.decode(msgspec.json.encode(secrets), type=Secrets) == secrets
    assert new_secrets() != secrets


def test_the_verifier_signs_the_example_of_rfc_7677() -> None:
    """The exchange of section 3: the server's signature comes out of the stored server key."""
    verifier = scram_verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    message = f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}"
    server_key = base64.b64decode(verifier.rpartition(":")[2])
    signature = hmac.digest(server_key, message.encode(), "sha256")
    assert base64.b64encode(signature) == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


async def add_list(connection: Owner, profile_id: UUID) -> None:
    await connection.execute(
        "INSERT INTO lists (list_id, owner, kind, pool) VALUES ($1, $2, 'watch', 'video')",
        new_id(),
        profile_id,
    )
