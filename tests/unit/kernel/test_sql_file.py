"""Reading `queries.sql`."""

from pathlib import Path

import pytest

from server.kernel.sql import SqlFileError, load, parse

PATH = Path("server/services/films/queries.sql")
TEXT = """-- What this file is about.

-- get: One film.
-- $1 item_id,
--    $2 level
SELECT *  -- all of it
FROM films
WHERE item_id = $1;

-- count: How many.
SELECT count(*) FROM films
"""


def test_statements_come_with_name_purpose_and_parameters() -> None:
    statements = parse(TEXT, PATH)
    assert list(statements) == ["get", "count"]
    assert statements["get"].comment == "One film.\n$1 item_id,\n$2 level"
    assert statements["get"].text == "SELECT *  -- all of it\nFROM films\nWHERE item_id = $1"
    assert statements["count"].text == "SELECT count(*) FROM films"
    assert str(statements["get"]) == "films.get"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-- a: x\nSELECT 1\n-- a: y\nSELECT 2", "names 'a' twice"),
        ("SELECT 1\n-- a: x\nSELECT 2", "has SQL before its first"),
        ("-- a: x\n-- b: y\nSELECT 2", "'a' has no SQL"),
        ("-- a: x\n-- $1 only\n", "'a' has no SQL"),
        ("-- a: x\n;\n", "'a' has no SQL"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(SqlFileError, match=problem):
        parse(text, PATH)


def test_an_unknown_name_and_a_missing_file_are_named(tmp_path: Path) -> None:
    store = tmp_path / "store.py"
    with pytest.raises(SqlFileError, match="cannot be read"):
        load(str(store))
    (tmp_path / "queries.sql").write_bytes(b"-- a: x\nSELECT '\xff'")
    with pytest.raises(SqlFileError, match="cannot be read"):
        load(str(store))
    (tmp_path / "queries.sql").write_text("-- a: x\nSELECT 1")
    sql = load(str(store))
    assert sql("a").text == "SELECT 1"
    with pytest.raises(SqlFileError, match="has no statement 'b'; it has a"):
        sql("b")
