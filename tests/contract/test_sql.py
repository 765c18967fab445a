"""Every named query against the migrated schema, under the login that will run it."""

import re
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from msgspec import Struct

from server.kernel.db import Query
from server.kernel.realm import PUBLIC, REALMS, Realm, Secrets, realm_dsn
from server.kernel.sql import parse
from tests.helpers.queries import all_queries, fits, may_be_none, queries_of, stores

OF_ACCOUNTS = {"auth", "setup"}  # built once, not once per realm
FOR_EVERY_REALM = ("server/kernel/", "server/services/")
NULLABLE = """
SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace IN ('shared'::regnamespace, 'public'::regnamespace)
    AND c.relkind IN ('r', 'p') AND a.attnum > 0
GROUP BY a.attname HAVING NOT bool_or(a.attnotnull)
"""


def runs() -> list[Any]:
    """Each query with each realm whose parts its slice is built from."""
    return [
        pytest.param(query, realm, id=f"{query}-{realm.name}")
        for query in all_queries()
        for realm in REALMS
        if realm is PUBLIC or _is_for_every_realm(query)
    ]


def _is_for_every_realm(query: Query[Any]) -> bool:
    folder = query.sql.path.parent
    in_realms = any(room in folder.as_posix() for room in FOR_EVERY_REALM)
    return in_realms and folder.name not in OF_ACCOUNTS


@pytest.mark.parametrize(("query", "realm"), runs())
async def test_query_prepares_and_its_columns_match_the_row_type(
    query: Query[Any], realm: Realm, owner_dsn: str, secrets: Secrets
) -> None:
    connection = await asyncpg.connect(realm_dsn(owner_dsn, realm, secrets))
    try:
        if _is_plannable(query):  # unlike PREPARE, EXPLAIN also checks the role's rights
            await connection.execute(f"EXPLAIN (GENERIC_PLAN) {query.sql.text}")
        statement = await connection.prepare(query.sql.text)
        columns = {column.name: column.type.name for column in statement.get_attributes()}
        parameter_count = len(statement.get_parameters())
        assert len(columns) == len(statement.get_attributes()), "two columns of one name"
    finally:
        await connection.close()
    _assert_row_fits(query, columns)
    documented = {int(number) for number in re.findall(r"\$(\d+)", query.sql.comment)}
    assert documented == set(range(1, parameter_count + 1)), "parameters and their comment differ"


async def test_columns_that_may_be_null_are_optional(owner_dsn: str, secrets: Secrets) -> None:
    connection = await asyncpg.connect(owner_dsn)
    try:
        nullable = {record["attname"] for record in await connection.fetch(NULLABLE)}
    finally:
        await connection.close()
    wrong = [
        f"{query}: {field.encode_name}"
        for query in all_queries()
        if isinstance(query.row, type) and issubclass(query.row, Struct)
        for field in msgspec.structs.fields(query.row)
        if field.encode_name in nullable and not may_be_none(field.type)
    ]
    assert wrong == []


@pytest.mark.parametrize("store", stores(), ids=lambda path: path.parent.name)
def test_every_statement_is_used_and_has_a_purpose(store: Path) -> None:
    path = store.with_name("queries.sql")
    statements = parse(path.read_text(encoding="utf-8"), path)
    used = [query.sql.name for query in queries_of(store)]
    assert sorted(used) == sorted(statements)
    assert [name for name, sql in statements.items() if not sql.comment.split("\n")[0]] == []


def _is_plannable(query: Query[Any]) -> bool:
    return query.sql.text.lower().startswith(("select", "insert", "update", "delete", "with"))


def _assert_row_fits(query: Query[Any], columns: dict[str, str]) -> None:
    if query.row is None:
        assert columns == {}
    elif isinstance(query.row, type) and issubclass(query.row, Struct):
        fields = {field.encode_name: field for field in msgspec.structs.fields(query.row)}
        required = {name for name, field in fields.items() if field.required}
        assert required <= set(columns) <= set(fields)
        wrong = {
            name: (column, fields[name].type)
            for name, column in columns.items()
            if not fits(column, fields[name].type)
        }
        assert wrong == {}
    else:
        assert len(columns) == 1
        assert all(fits(column, query.row) for column in columns.values())
