"""Queries, transactions and errors against a real PostgreSQL."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
import pytest
from msgspec import Raw, Struct

from server.kernel.db import DatabaseUnavailable, Db, Query, Tx, open_db
from server.kernel.errors import Conflict, NotFound
from server.kernel.ids import new_id
from server.kernel.realm import PUBLIC, Secrets, realm_dsn
from server.kernel.roles import Owner
from server.kernel.sql import SqlText

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def sql(text: str) -> SqlText:
    return SqlText(name="test", text=text, comment="", path=Path("tests/queries.sql"))


class LibraryTaken(Conflict):
    code = "library.taken"


class LibraryGone(NotFound):
    code = "library.gone"


class LibraryRow(Struct, frozen=True, kw_only=True):
    library_id: UUID
    name: str
    changed_at: datetime


class Part(Struct, frozen=True):
    n: int


class WideRow(Struct, frozen=True, kw_only=True):
    kind: Literal["a", "b"]
    ids: tuple[int, ...]
    part: Part | None
    parts: list[Part]
    raw: Raw
    words: list[str]
    blob: bytes


ADD = Query(
    sql("INSERT INTO libraries (library_id, kind, name, changed_at) VALUES ($1, 'film', $2, $3)"),
    on_conflict={"libraries_pkey": LibraryTaken},
)
ADD_ROOT = Query(
    sql("INSERT INTO roots (root_id, library_id, path) VALUES ($1, $2, $3)"),
    on_conflict={"roots_library_id_fkey": LibraryGone},
)
ALL = Query(sql("SELECT library_id, name, changed_at FROM libraries ORDER BY name"), LibraryRow)
NAMES = Query(sql("SELECT name FROM libraries ORDER BY name"), str)
COUNT = Query(sql("SELECT count(*) FROM libraries"), int)
RENAME = Query(sql("UPDATE libraries SET name = name || $1"))
SLEEP = Query(sql("SELECT 1 FROM pg_sleep($1)"), int)
WIDE = Query(
    sql(
        """SELECT 'a' AS kind, '{1,2}'::int[] AS ids, '{"n":1}'::jsonb AS part,
        (SELECT json_agg(json_build_object('n', n)) FROM generate_series(1, 2) n) AS parts,
        '{"x": [1]}' AS raw, '{p,q}'::text[] AS words, '\\x00ff'::bytea AS blob"""
    ),
    WideRow,
)

END_CONNECTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename LIKE 'rv_public_%' AND datname = current_database()
"""


async def add(db: Db, name: str) -> UUID:
    library_id = new_id()
    await db.execute(ADD, library_id, name, NOW)
    return library_id


async def test_rows_become_structs_and_scalars_with_aware_instants(db: Db) -> None:
    library_id = await add(db, "Films")
    assert await db.all(ALL) == [LibraryRow(library_id=library_id, name="Films", changed_at=NOW)]
    assert await db.one(NAMES) == "Films"
    assert await db.value(COUNT) == 1


async def test_json_arrays_and_literals_fit_the_fields(db: Db) -> None:
    row = await db.value(WIDE)
    assert (row.kind, row.ids, row.words, row.blob) == ("a", (1, 2), ["p", "q"], b"\x00\xff")
    assert (row.part, row.parts) == (Part(1), [Part(1), Part(2)])
    assert msgspec.json.encode(row.raw) == b'{"x": [1]}'


async def test_nothing_found_is_none_an_empty_list_or_an_error_for_value(db: Db) -> None:
    assert await db.one(NAMES) is None
    assert await db.all(NAMES) == []
    with pytest.raises(LookupError, match="gave no row"):
        await db.value(NAMES)


async def test_execute_counts_the_changed_rows(db: Db) -> None:
    await add(db, "a")
    await add(db, "b")
    assert await db.execute(RENAME, "!") == 2


async def test_an_error_in_a_transaction_leaves_nothing(db: Db) -> None:
    async def fail() -> None:
        async with db.transaction() as tx:
            await tx.execute(ADD, new_id(), "Films", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await db.value(COUNT) == 0


async def test_a_nested_transaction_is_a_savepoint(db: Db) -> None:
    async def add_both(tx: Tx, first: UUID, second: UUID) -> None:
        async with tx.transaction():
            await tx.execute(ADD, first, "undone", NOW)
            await tx.execute(ADD, second, "taken", NOW)

    taken = new_id()
    async with db.transaction() as tx:
        await tx.execute(ADD, taken, "kept", NOW)
        with pytest.raises(LibraryTaken):
            await add_both(tx, new_id(), taken)
        await tx.many(ADD, [(new_id(), "many 1", NOW), (new_id(), "many 2", NOW)])
        await tx.copy(
            "libraries",
            ["library_id", "kind", "name", "changed_at"],
            [(new_id(), "film", "x", NOW)],
        )
    assert await db.all(NAMES) == ["kept", "many 1", "many 2", "x"]


async def test_a_violated_constraint_becomes_the_declared_error(db: Db) -> None:
    library_id = await add(db, "Films")
    with pytest.raises(LibraryTaken):
        await db.execute(ADD, library_id, "again", NOW)
    with pytest.raises(LibraryGone):
        await db.execute(ADD_ROOT, new_id(), new_id(), b"/films")
    with pytest.raises(asyncpg.UniqueViolationError):
        await db.execute(Query(ADD.sql), library_id, "undeclared", NOW)


async def test_statements_can_be_counted(db: Db, statements: list[SqlText]) -> None:
    await db.all(NAMES)
    async with db.transaction() as tx:
        await tx.value(COUNT)
    assert statements == [NAMES.sql, COUNT.sql]


async def test_cancelling_ends_the_statement_and_frees_the_connection(
    owner_dsn: str, secrets: Secrets
) -> None:
    async with open_db(realm_dsn(owner_dsn, PUBLIC, secrets), min_size=1, max_size=1) as db:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await db.one(SLEEP, 30.0)
        async with asyncio.timeout(3):
            assert await db.value(COUNT) == 0


async def test_a_statement_over_its_time_is_unavailable(owner_dsn: str, secrets: Secrets) -> None:
    dsn = realm_dsn(owner_dsn, PUBLIC, secrets)
    async with open_db(dsn, min_size=1, max_size=1, command_timeout_s=0.1) as db:
        with pytest.raises(DatabaseUnavailable):
            await db.one(SLEEP, 30.0)


async def test_a_read_is_repeated_when_its_connection_was_ended(db: Db, owner: Owner) -> None:
    await add(db, "Films")
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(db.value(SLEEP, 1.0))
        await asyncio.sleep(0.2)
        await owner.execute(END_CONNECTIONS)
    assert reading.result() == 1


async def test_a_write_is_not_repeated_when_its_connection_was_ended(db: Db, owner: Owner) -> None:
    slow_write = Query(sql("UPDATE libraries SET name = name || pg_sleep($1)::text"))
    await add(db, "Films")
    writing = asyncio.gather(db.execute(slow_write, 5.0))
    await asyncio.sleep(0.2)
    await owner.execute(END_CONNECTIONS)
    with pytest.raises(DatabaseUnavailable):
        await writing
    assert await db.all(NAMES) == ["Films"]


async def test_an_error_of_the_caller_stays_what_it_is(db: Db) -> None:
    with pytest.raises(OSError, match="disk"):
        async with db.transaction():
            raise OSError("disk")
    with pytest.raises(asyncpg.InterfaceError, match="expects 0 arguments"):
        await db.one(COUNT, 1)


async def test_nobody_at_the_address_is_unavailable() -> None:
    with pytest.raises(DatabaseUnavailable):
        async with open_db("postgresql://nobody:x@127.0.0.1:1/none"):
            pass
