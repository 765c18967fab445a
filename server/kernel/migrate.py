"""Brings a database to the schema of this version: forward only, each file once, never edited."""

import asyncio
import hashlib
import re
import secrets as random
from collections.abc import AsyncIterator, Mapping, Sequence, Set
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import asyncpg
from msgspec import Struct

from server.kernel.db import DatabaseUnavailable, our_errors
from server.kernel.errors import RevengeError
from server.kernel.phases import Phase, Report
from server.kernel.realm import Realm, Secrets, own_dsn, realm_dsn
from server.kernel.roles import Owner, put_rights, put_roles, put_schemas, quoted

SHARED: Final = Realm(name="shared", schema="shared")
_PER_REALM: Final = "realm"
_FILE = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_PLACEHOLDER = re.compile(r"\{(realm_schema|realm_role|realm_channel)\}")
_LOCK: Final = int.from_bytes(b"revenge\0")  # any number that every version of the server shares
_MINIMUM_MAJOR: Final = 17
_NOT_THE_FILE: Final = (  # what the connection or the server is to blame for
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
)
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS shared.migrations (
    number     integer NOT NULL,
    realm      text NOT NULL,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (number, realm)
);
CREATE TABLE IF NOT EXISTS shared.channels (
    realm text PRIMARY KEY,
    name  text NOT NULL
)
"""


class MigrationError(RevengeError):
    """The database cannot be brought to the schema of this version."""

    code = "migrate.failed"


class MigrationEdited(MigrationError):
    """A file was changed after it ran here."""

    code = "migrate.edited"


class MigrationMissing(MigrationError):
    """The database knows a file that this version does not have: it was used by a newer one."""

    code = "migrate.missing"


class MigrationMisplaced(MigrationError):
    """The files are not numbered 0001, 0002 and so on, or stand in a folder that is no realm's."""

    code = "migrate.misplaced"


class MigrationLocked(MigrationError):
    """Another server keeps migrating this database."""

    code = "migrate.locked"


class MigrationDenied(MigrationError):
    """The login may not make schemas, tables or roles."""

    code = "migrate.denied"


class PostgresTooOld(MigrationError):
    """The server is older than version 17."""

    code = "migrate.postgres_too_old"


class LoginRefused(MigrationError):
    """PostgreSQL does not accept the login, or has no such database."""

    code = "db.login_refused"


class AddressInvalid(MigrationError):
    """The address of the database is no PostgreSQL URL."""

    code = "db.address_invalid"


class Migration(Struct, frozen=True, kw_only=True):
    """One file; `folder` says for which realms it runs."""

    number: int
    folder: str
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Return the SHA-256 of the text as it stands in the file, line ends apart."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Examined(Struct, frozen=True, kw_only=True):
    """What a database offers; `is_used` when a server keeps its data there already."""

    version: str
    may_make_roles: bool
    is_used: bool


class Migrated(Struct, frozen=True, kw_only=True):
    """What is there now: the realms that can be opened, and by name how each logs in and calls.

    `channels` are the names under which a realm's tables notify.
    """

    realms: tuple[Realm, ...]
    dsns: dict[str, str]
    channels: dict[str, str]

    def __repr__(self) -> str:
        return f"Migrated(realms={[realm.name for realm in self.realms]})"


async def migrate(
    owner_dsn: str,
    migrations_dir: Path,
    realms: Sequence[Realm],
    secrets: Secrets,
    report: Report,
    *,
    lock_timeout_s: float = 60.0,
) -> Migrated:
    """Make roles, schemas and tables as this version wants them; safe to repeat and to kill.

    Raises: MigrationError, DatabaseUnavailable.
    """
    migrations = await asyncio.to_thread(read_migrations, migrations_dir, realms)
    report(Phase(name="migrate"))
    async with _owner(owner_dsn, lock_timeout_s) as owner:
        await _lock(owner, lock_timeout_s)
        has_roles = await put_roles(owner, realms, secrets)
        active = tuple(realm for realm in realms if has_roles or not realm.is_optional)
        await put_schemas(owner, active)
        await owner.execute(_TABLE)
        channels = {realm.name: await _channel(owner, realm) for realm in active}
        names = {
            realm.name: names_of(
                realm,
                secrets.role(realm) if has_roles and realm is not SHARED else None,
                channels.get(realm.name, ""),
            )
            for realm in (SHARED, *active)
        }
        applied = await _applied(owner, migrations)
        await _run_pending(owner, _steps(migrations, active), applied, names, report)
        if has_roles:
            async with owner.transaction():
                await put_rights(owner, active, secrets)
    dsns = {
        realm.name: realm_dsn(owner_dsn, realm, secrets) if has_roles else own_dsn(owner_dsn, realm)
        for realm in active
    }
    return Migrated(realms=active, dsns=dsns, channels=channels)


async def examine(owner_dsn: str, *, timeout_s: float = 10.0) -> Examined:
    """Return what a database offers, without changing it. Raises: MigrationError, DatabaseUnavailable."""
    try:
        async with asyncio.timeout(timeout_s), _owner(owner_dsn, timeout_s) as owner:
            version = _check_version(owner)
            if not await owner.fetchval(
                "SELECT has_database_privilege(current_database(), 'CREATE')"
            ):
                raise MigrationDenied(detail="CREATE")
            return Examined(
                version=version,
                may_make_roles=await owner.fetchval(
                    "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
                ),
                is_used=await owner.fetchval("SELECT to_regclass('shared.migrations') IS NOT NULL"),
            )
    except TimeoutError as error:
        raise DatabaseUnavailable from error
    except asyncpg.PostgresError as error:  # such as a database that the login may not enter
        raise LoginRefused(detail=error.message) from error
    except asyncpg.InterfaceError as error:  # such as encryption that the server does not offer
        raise AddressInvalid from error


def read_migrations(migrations_dir: Path, realms: Sequence[Realm]) -> list[Migration]:
    """Return the files of all folders in the order of their numbers. Raises: MigrationMisplaced."""
    folders = {SHARED.name, _PER_REALM, *(realm.name for realm in realms)}
    found = []
    for path in migrations_dir.glob("*/*.sql"):
        named = _FILE.fullmatch(path.name)
        if named is None or path.parent.name not in folders:
            raise MigrationMisplaced(file=f"{path.parent.name}/{path.name}")
        text = path.read_text(encoding="utf-8")
        found.append(
            Migration(number=int(named[1]), folder=path.parent.name, name=path.name, text=text)
        )
    found.sort(key=lambda migration: migration.number)
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise MigrationMisplaced(file=f"{migration.folder}/{migration.name}")
    if not found:
        raise MigrationMisplaced(file=f"{migrations_dir.name}/*/0001_*.sql")
    return found


@asynccontextmanager
async def _owner(dsn: str, lock_timeout_s: float) -> AsyncIterator[Owner]:
    """Connect as the owner, and turn what PostgreSQL refuses into sentences."""
    try:
        with our_errors():
            owner = await asyncpg.connect(
                dsn, timeout=10, server_settings={"application_name": "revenge"}
            )
    except (
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
    ) as error:
        raise LoginRefused(detail=error.message) from error
    except (ValueError, asyncpg.ClientConfigurationError) as error:
        raise AddressInvalid from error  # no detail: the driver may quote a piece of the password
    try:
        with our_errors():
            yield owner
    except asyncpg.InsufficientPrivilegeError as error:
        raise MigrationDenied(detail=error.message) from error
    except asyncpg.LockNotAvailableError as error:
        raise MigrationLocked(waited_s=round(lock_timeout_s)) from error
    finally:
        with suppress(OSError, asyncpg.InterfaceError, asyncpg.PostgresError):
            await owner.close(timeout=2)


async def _lock(owner: Owner, timeout_s: float) -> None:
    """Wait until no other server migrates; the lock ends with the connection."""
    _check_version(owner)
    await owner.execute(f"SET lock_timeout = {int(timeout_s * 1000)}")
    await owner.execute("SELECT pg_advisory_lock($1)", _LOCK)


def _check_version(owner: Owner) -> str:
    """Return the version of the server, such as `18.6`. Raises: PostgresTooOld."""
    version: str = owner.get_settings().server_version.split()[0]  # packagers add theirs
    if owner.get_server_version().major < _MINIMUM_MAJOR:
        raise PostgresTooOld(version=version, minimum=_MINIMUM_MAJOR)
    return version


def _steps(
    migrations: Sequence[Migration], realms: Sequence[Realm]
) -> list[tuple[Migration, Realm]]:
    """Return what has to have run, in order: a file of the folder `realm` once for each realm."""
    return [
        (migration, realm)
        for migration in migrations
        for realm in (SHARED, *realms)
        if migration.folder == realm.name
        or (migration.folder == _PER_REALM and realm is not SHARED)
    ]


async def _run_pending(
    owner: Owner,
    steps: Sequence[tuple[Migration, Realm]],
    applied: Set[tuple[int, str]],
    names: Mapping[str, Mapping[str, str]],
    report: Report,
) -> None:
    for done_count, (migration, realm) in enumerate(steps):
        report(Phase(name="migrate", done_count=done_count, total_count=len(steps)))
        if (migration.number, realm.name) not in applied:
            await _run(owner, migration, realm, names[realm.name])
    report(Phase(name="migrate", done_count=len(steps), total_count=len(steps)))


async def _applied(owner: Owner, migrations: Sequence[Migration]) -> set[tuple[int, str]]:
    """Return which files ran for which realm, after checking that they are still the same."""
    checksums = {migration.number: migration.checksum for migration in migrations}
    records = await owner.fetch(
        "SELECT number, realm, name, checksum FROM shared.migrations ORDER BY number"
    )
    for record in records:
        if record["number"] not in checksums:
            raise MigrationMissing(file=record["name"])
        if record["checksum"] != checksums[record["number"]]:
            raise MigrationEdited(file=record["name"])
    return {(record["number"], record["realm"]) for record in records}


async def _channel(owner: Owner, realm: Realm) -> str:
    """Return the name of the realm's channel: random, for every login may listen to all of them."""
    await owner.execute(
        "INSERT INTO shared.channels VALUES ($1, $2) ON CONFLICT DO NOTHING",
        realm.name,
        f"ch_{random.token_hex(16)}",
    )
    name: str = await owner.fetchval(
        "SELECT name FROM shared.channels WHERE realm = $1", realm.name
    )
    return name


async def _run(owner: Owner, migration: Migration, realm: Realm, names: Mapping[str, str]) -> None:
    try:
        async with owner.transaction():
            await owner.execute("SELECT set_config('search_path', $1, true)", realm.search_path)
            await owner.execute(filled(migration.text, names))
            await owner.execute(
                "INSERT INTO shared.migrations (number, realm, name, checksum) VALUES ($1, $2, $3, $4)",
                migration.number,
                realm.name,
                migration.name,
                migration.checksum,
            )
    except _NOT_THE_FILE:
        raise
    except asyncpg.PostgresError as error:
        raise MigrationError(file=migration.name, detail=error.message) from error


def names_of(realm: Realm, role: str | None, channel: str) -> dict[str, str]:
    """Return what the placeholders stand for; without a role of its own the realm is the owner's."""
    return {
        "realm_schema": quoted(realm.schema),
        "realm_role": quoted(role) if role else "CURRENT_USER",
        "realm_channel": channel,
    }


def filled(text: str, names: Mapping[str, str]) -> str:
    """Return a file's text with the realm's names; all other braces stay as they are."""
    return _PLACEHOLDER.sub(lambda found: names[found[1]], text)
