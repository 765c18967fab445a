"""The schema itself: the same by every road, and with the manners that the catalogue relies on."""

import shutil
from pathlib import Path

from server.kernel.migrate import migrate
from server.kernel.phases import Phase
from server.kernel.realm import REALMS, Secrets
from server.kernel.roles import Owner
from tests.helpers.postgres import create_database, drop_database
from tests.helpers.schema import COMMITTED, MIGRATIONS, dump_schema

REGENERATE = "the schema changed: python3 dev.py gen"


class Stopped(Exception):
    """The server went away between two steps."""


async def migrate_and_dump(
    cluster_dsn: str, name: str, migrations: list[Path], secrets: Secrets
) -> str:
    dsn = await create_database(cluster_dsn, name)
    try:
        for folder in migrations:
            await migrate(dsn, folder, REALMS, secrets, lambda _phase: None)
        return dump_schema(dsn)
    finally:
        await drop_database(dsn)


def first_files(folder: Path, count: int) -> Path:
    """A copy of the migrations as they were when there were `count` of them."""
    for path in sorted(MIGRATIONS.glob("*/*.sql"), key=lambda path: path.name)[:count]:
        target = folder / path.relative_to(MIGRATIONS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


async def test_the_committed_schema_is_that_of_a_fresh_database(
    cluster_dsn: str, template: str, secrets: Secrets
) -> None:
    fresh = await migrate_and_dump(cluster_dsn, "fresh", [MIGRATIONS], secrets)
    assert fresh == _committed(), REGENERATE


async def test_migrating_version_by_version_gives_the_same_schema(
    cluster_dsn: str, template: str, secrets: Secrets, tmp_path: Path
) -> None:
    count = _file_count()
    versions = [first_files(tmp_path / str(n), n) for n in range(2, count + 1)]
    stepwise = await migrate_and_dump(cluster_dsn, "stepwise", versions, secrets)
    assert stepwise == _committed(), REGENERATE


async def test_stopping_at_every_step_gives_the_same_schema(
    cluster_dsn: str, template: str, secrets: Secrets
) -> None:
    dsn = await create_database(cluster_dsn, "stopped")
    try:
        stop_count = 0
        while not await _ran_to_the_end(dsn, secrets, stop_at=stop_count):
            stop_count += 1
        assert stop_count > _file_count()
        assert dump_schema(dsn) == _committed(), REGENERATE
    finally:
        await drop_database(dsn)


async def test_every_table_whose_key_is_an_item_goes_with_the_item(owner: Owner) -> None:
    lonely = await owner.fetch(
        """
        SELECT key.conrelid::regclass::text AS name
        FROM pg_constraint key
        JOIN pg_attribute a ON a.attrelid = key.conrelid AND a.attnum = ANY (key.conkey)
        WHERE key.contype = 'p' AND a.attname = 'item_id' AND key.conrelid <> ALL (
            ARRAY['public.items'::regclass, 'qar.items'::regclass]
        ) AND NOT EXISTS (
            SELECT FROM pg_constraint f
            WHERE f.conrelid = key.conrelid AND f.contype = 'f' AND f.confdeltype = 'c'
                AND f.conkey = ARRAY[a.attnum]
                AND f.confrelid IN ('public.items'::regclass, 'qar.items'::regclass)
        )
        """
    )
    assert lonely == []


async def test_every_foreign_key_has_an_index_for_its_deletes(owner: Owner) -> None:
    slow = await owner.fetch(
        """
        SELECT f.conrelid::regclass::text AS name, f.conname FROM pg_constraint f
        WHERE f.contype = 'f' AND f.conparentid = 0 AND NOT EXISTS (
            SELECT FROM pg_index i
            WHERE i.indrelid = f.conrelid AND i.indpred IS NULL AND i.indkey[0] = f.conkey[1]
        )
        """
    )
    assert slow == []


async def test_ids_have_no_default(owner: Owner) -> None:
    made_by_sql = await owner.fetch(
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema IN ('shared', 'public', 'qar')
            AND column_name LIKE '%\\_id' AND column_default IS NOT NULL
        """
    )
    assert made_by_sql == []


async def test_instants_know_their_zone(owner: Owner) -> None:
    naive = await owner.fetch(
        """
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema IN ('shared', 'public', 'qar') AND column_name LIKE '%\\_at'
            AND data_type <> 'timestamp with time zone'
        """
    )
    assert naive == []


async def _ran_to_the_end(dsn: str, secrets: Secrets, *, stop_at: int) -> bool:
    def report(phase: Phase) -> None:
        if phase.done_count == stop_at and phase.total_count:
            raise Stopped

    try:
        await migrate(dsn, MIGRATIONS, REALMS, secrets, report)
    except Stopped:
        return False
    return True


def _file_count() -> int:
    return len(list(MIGRATIONS.glob("*/*.sql")))


def _committed() -> str:
    return COMMITTED.read_text(encoding="utf-8")
