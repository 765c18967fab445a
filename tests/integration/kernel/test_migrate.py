"""Migrating: order, walls, two at once, edited and missing files, killed in the middle."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from server.kernel.db import DatabaseUnavailable, open_db
from server.kernel.migrate import (
    AddressInvalid,
    LoginRefused,
    Migrated,
    MigrationDenied,
    MigrationEdited,
    MigrationError,
    MigrationLocked,
    MigrationMisplaced,
    MigrationMissing,
    filled,
    migrate,
    names_of,
)
from server.kernel.phases import Phase
from server.kernel.realm import PUBLIC, REALMS, SEALED, Secrets, new_secrets
from tests.helpers.postgres import create_database, drop_database

MIGRATIONS = Path(__file__).parents[3] / "migrations"
APPLIED = "SELECT number, realm FROM shared.migrations ORDER BY number, realm"


@pytest.fixture
async def empty_dsn(cluster_dsn: str, template: str) -> AsyncIterator[str]:
    dsn = await create_database(cluster_dsn, "migrating")
    yield dsn
    await drop_database(dsn)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the real files that a test may change."""
    return shutil.copytree(MIGRATIONS, tmp_path / "migrations")


async def run(dsn: str, folder: Path, secrets: Secrets, lock_timeout_s: float = 10.0) -> Migrated:
    return await migrate(
        dsn, folder, REALMS, secrets, lambda _phase: None, lock_timeout_s=lock_timeout_s
    )


async def rows(dsn: str, text: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(record) for record in await connection.fetch(text)]
    finally:
        await connection.close()


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def next_number(folder: Path) -> str:
    return f"{1 + len(list(folder.glob('*/*.sql'))):04}"


def with_windows_line_ends(folder: Path) -> None:
    for path in folder.glob("*/*.sql"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


async def test_realm_files_run_for_each_realm_in_the_order_of_numbers(
    empty_dsn: str, secrets: Secrets
) -> None:
    phases: list[Phase] = []
    migrated = await migrate(empty_dsn, MIGRATIONS, REALMS, secrets, phases.append)
    assert migrated.realms == REALMS
    applied = [(1, "shared"), (2, "public"), (2, "qar"), (3, "public")]
    assert (await rows(empty_dsn, APPLIED))[:4] == applied
    assert {phase.name for phase in phases} == {"migrate"}
    counts = [phase.done_count for phase in phases]
    assert counts == sorted(counts)
    assert phases[-1].done_count == phases[-1].total_count > 0


async def test_a_second_run_changes_nothing(empty_dsn: str, secrets: Secrets) -> None:
    await run(empty_dsn, MIGRATIONS, secrets)
    before = await rows(empty_dsn, "SELECT * FROM shared.migrations ORDER BY number, realm")
    await run(empty_dsn, MIGRATIONS, secrets)
    assert await rows(empty_dsn, "SELECT * FROM shared.migrations ORDER BY number, realm") == before


async def test_two_servers_wait_for_one_another(empty_dsn: str, secrets: Secrets) -> None:
    async with asyncio.TaskGroup() as tasks:
        runs = [tasks.create_task(run(empty_dsn, MIGRATIONS, secrets)) for _ in range(3)]
    assert {done.result().realms for done in runs} == {REALMS}


async def test_a_server_that_keeps_the_lock_is_named_as_the_reason(
    empty_dsn: str, secrets: Secrets
) -> None:
    other = await asyncpg.connect(empty_dsn)
    try:
        await other.execute("SELECT pg_advisory_lock($1)", int.from_bytes(b"revenge\0"))
        with pytest.raises(MigrationLocked) as caught:
            await run(empty_dsn, MIGRATIONS, secrets, lock_timeout_s=0.6)
        assert caught.value.context == {"waited_s": 1}
    finally:
        await other.close()


async def test_an_edited_file_is_named(empty_dsn: str, folder: Path, secrets: Secrets) -> None:
    await run(empty_dsn, folder, secrets)
    edited = folder / "public" / "0003_movie.sql"
    edited.write_text(edited.read_text() + "-- changed\n")
    with pytest.raises(MigrationEdited) as caught:
        await run(empty_dsn, folder, secrets)
    assert caught.value.context == {"file": "0003_movie.sql"}


async def test_other_line_ends_are_no_edit(empty_dsn: str, folder: Path, secrets: Secrets) -> None:
    await run(empty_dsn, folder, secrets)
    with_windows_line_ends(folder)
    await run(empty_dsn, folder, secrets)


async def test_a_database_of_a_newer_version_is_refused(
    empty_dsn: str, folder: Path, secrets: Secrets
) -> None:
    write(folder, f"shared/{next_number(folder)}_later.sql", "SELECT 1;")
    await run(empty_dsn, folder, secrets)
    with pytest.raises(MigrationMissing, match="later"):
        await run(empty_dsn, MIGRATIONS, secrets)


@pytest.mark.parametrize(
    "name",
    [
        "public/0003_twice.sql",
        "shared/0099_gap.sql",
        "shared/4_short.sql",
        "elsewhere/0004_folder.sql",
    ],
)
async def test_files_out_of_place_are_named(
    empty_dsn: str, folder: Path, secrets: Secrets, name: str
) -> None:
    write(folder, name, "SELECT 1;")
    with pytest.raises(MigrationMisplaced):
        await run(empty_dsn, folder, secrets)


async def test_no_files_at_all_are_an_error(
    empty_dsn: str, tmp_path: Path, secrets: Secrets
) -> None:
    with pytest.raises(MigrationMisplaced):
        await run(empty_dsn, tmp_path, secrets)


async def test_a_failing_file_leaves_nothing_and_those_before_it_stay(
    empty_dsn: str, folder: Path, secrets: Secrets
) -> None:
    broken = f"{next_number(folder)}_broken.sql"
    write(folder, f"shared/{broken}", "CREATE TABLE half (n int); SELECT nowhere;")
    with pytest.raises(MigrationError) as caught:
        await run(empty_dsn, folder, secrets)
    assert caught.value.context["file"] == broken
    assert await rows(empty_dsn, "SELECT to_regclass('shared.half')") == [(None,)]
    write(folder, f"shared/{broken}", "CREATE TABLE whole (n int);")
    await run(empty_dsn, folder, secrets)
    assert await rows(empty_dsn, "SELECT to_regclass('shared.whole') IS NOT NULL") == [(True,)]


async def test_a_run_that_is_killed_in_a_file_goes_on_at_that_file(
    empty_dsn: str, folder: Path, secrets: Secrets
) -> None:
    slow = f"shared/{next_number(folder)}_slow.sql"
    write(folder, slow, "CREATE TABLE slow (n int); SELECT pg_sleep(30);")
    running = asyncio.gather(run(empty_dsn, folder, secrets), return_exceptions=True)
    await _until_sleeping(empty_dsn)
    await rows(
        empty_dsn,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%'"
        " AND pid <> pg_backend_pid()",
    )
    assert isinstance((await running)[0], DatabaseUnavailable)
    write(folder, slow, "CREATE TABLE slow (n int);")
    await run(empty_dsn, folder, secrets)
    assert await rows(empty_dsn, "SELECT count(*) FROM shared.slow") == [(0,)]


async def test_placeholders_are_those_declared_and_the_checksum_is_of_the_file(
    empty_dsn: str, tmp_path: Path, secrets: Secrets
) -> None:
    text = "CREATE TABLE t (a int[] DEFAULT '{1}'); COMMENT ON SCHEMA {realm_schema} IS '{other}';"
    write(tmp_path, "realm/0001_t.sql", text)
    await run(empty_dsn, tmp_path, secrets)
    checksum = hashlib.sha256(text.encode()).hexdigest()
    assert await rows(empty_dsn, "SELECT DISTINCT checksum FROM shared.migrations") == [(checksum,)]
    assert await rows(empty_dsn, "SELECT obj_description('qar'::regnamespace)") == [("{other}",)]
    assert filled("GRANT {realm_role}", names_of(PUBLIC, None, "ch")) == "GRANT CURRENT_USER"


async def test_without_the_right_to_make_roles_the_sealed_realm_stays_off_until_it_comes(
    cluster_dsn: str, empty_dsn: str
) -> None:
    secrets, login = new_secrets(), "poor_owner"
    dsn = empty_dsn.replace(_login(empty_dsn), f"{login}:pw")
    await rows(cluster_dsn, f"CREATE ROLE {login} LOGIN PASSWORD 'pw'")
    try:
        with pytest.raises(MigrationDenied):
            await run(dsn, MIGRATIONS, secrets)
        await rows(cluster_dsn, f"ALTER DATABASE migrating OWNER TO {login}")
        migrated = await run(dsn, MIGRATIONS, secrets)
        assert migrated.realms == (PUBLIC,)
        assert await rows(dsn, "SELECT to_regnamespace('qar')") == [(None,)]
        async with open_db(migrated.dsns["public"]) as db, db.transaction() as tx:
            await tx.copy("setup_steps", ["step", "state", "done_at"], [])
            await tx.copy("libraries", ["library_id", "kind", "name", "changed_at"], [])

        await rows(cluster_dsn, f"ALTER ROLE {login} CREATEROLE")
        assert (await run(dsn, MIGRATIONS, secrets)).realms == REALMS
        assert (await run(dsn, MIGRATIONS, secrets)).realms == REALMS
        await rows(cluster_dsn, f"ALTER ROLE {login} NOCREATEROLE")
        assert (await run(dsn, MIGRATIONS, secrets)).realms == REALMS
    finally:
        roles = [login, *(secrets.role(realm) for realm in REALMS)]
        await drop_database(empty_dsn)
        await rows(cluster_dsn, f"DROP ROLE IF EXISTS {', '.join(roles)}")


async def test_wrong_logins_and_addresses_get_a_sentence_without_the_password(
    empty_dsn: str, secrets: Secrets
) -> None:
    user = _login(empty_dsn).split(":")[0]
    with pytest.raises(LoginRefused) as refused:
        await run(empty_dsn.replace(_login(empty_dsn), f"{user}:hunter2"), MIGRATIONS, secrets)
    with pytest.raises(LoginRefused):
        await run(empty_dsn.replace("/migrating", "/nowhere"), MIGRATIONS, secrets)
    with pytest.raises(AddressInvalid) as invalid:
        await run("postgresql://me:pa@ss:hunter2@host/db", MIGRATIONS, secrets)
    assert "hunter2" not in f"{refused.value}{invalid.value}"


async def test_secrets_and_results_print_no_password(empty_dsn: str, secrets: Secrets) -> None:
    migrated = await run(empty_dsn, MIGRATIONS, secrets)
    text = f"{secrets!r} {migrated!r} {secrets} {migrated}"
    assert not any(password in text for password in secrets.passwords.values())
    assert SEALED.name in migrated.dsns


def _login(dsn: str) -> str:
    return urlsplit(dsn).netloc.rpartition("@")[0]


async def _until_sleeping(dsn: str) -> None:
    for _ in range(100):
        found = await rows(
            dsn,
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND wait_event = 'PgSleep'",
        )
        if found:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the slow migration never ran")
