"""The wall between realms: one login per realm, with rights on its own schema and on little else."""

import secrets as random
from collections.abc import Sequence

import asyncpg

from server.kernel.realm import Realm, Secrets, scram_verifier

_ROWS = "SELECT, INSERT, UPDATE, DELETE"
_VISIBLE_TO_ALL = {"users": "user_id", "profiles": "profile_id"}

type Owner = asyncpg.Connection[asyncpg.Record]


async def put_roles(owner: Owner, realms: Sequence[Realm], secrets: Secrets) -> bool:
    """Make the realms' roles, or give them their passwords again; return whether all of them exist.

    A login without CREATEROLE uses roles that were made before, else there are none.
    """
    names = [secrets.role(realm) for realm in realms]
    found = {
        record["rolname"]
        for record in await owner.fetch(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)", names
        )
    }
    may_create = await owner.fetchval(
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    if not may_create:
        return found.issuperset(names)
    for realm, name in zip(realms, names, strict=True):
        verifier = scram_verifier(secrets.passwords[realm.name], random.token_bytes(16))
        verb = "ALTER" if name in found else "CREATE"
        await owner.execute(f"{verb} ROLE {quoted(name)} LOGIN PASSWORD '{verifier}'")
        await owner.execute(f"ALTER ROLE {quoted(name)} SET search_path = {realm.search_path}")
    return True


async def put_schemas(owner: Owner, realms: Sequence[Realm]) -> None:
    """Make the shared schema and the realms' own, closed to everybody but their owner."""
    for schema in ("shared", *(realm.schema for realm in realms)):
        if await owner.fetchval("SELECT to_regnamespace($1) IS NULL", schema):
            await owner.execute(f"CREATE SCHEMA {quoted(schema)}")
            await owner.execute(f"REVOKE ALL ON SCHEMA {quoted(schema)} FROM PUBLIC")


async def put_rights(owner: Owner, realms: Sequence[Realm], secrets: Secrets) -> None:
    """Give each role its rights on all tables that exist now; idempotent."""
    for realm in realms:
        role, schema = quoted(secrets.role(realm)), quoted(realm.schema)
        await owner.execute(f"GRANT USAGE ON SCHEMA shared, {schema} TO {role}")
        await owner.execute(f"GRANT {_ROWS} ON ALL TABLES IN SCHEMA {schema} TO {role}")
        await owner.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}")
        if realm.owns_accounts:
            await owner.execute(f"GRANT {_ROWS} ON ALL TABLES IN SCHEMA shared TO {role}")
            await owner.execute(f"REVOKE ALL ON shared.migrations, shared.channels FROM {role}")
            continue
        for table, column in _VISIBLE_TO_ALL.items():
            if await owner.fetchval("SELECT to_regclass($1) IS NOT NULL", f"shared.{table}"):
                await owner.execute(f"GRANT SELECT ({column}) ON shared.{table} TO {role}")


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
