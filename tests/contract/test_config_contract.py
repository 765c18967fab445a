"""The tables of the contract: every key and variable that they name is ours, and every key of ours is read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from server.kernel.config import KEYS, Key
from server.kernel.config.keys import VARIABLES

ROOT: Final = Path(__file__).parents[2]
CONTRACT: Final = ROOT.parent / "shared" / "requirements" / "source-of-truth.md"
KINDS: Final = {
    "int": {"number"},
    "bool": {"switch"},
    "string": {"text", "choice", "secret", "secret URL"},
}
WITHOUT_TABLES: Final = pytest.mark.skipif(
    not CONTRACT.is_file(), reason=f"no contract at {CONTRACT}: its tables are not compared"
)


def tables(title: str) -> Iterator[dict[str, str]]:
    """Yield the rows of all tables in a chapter, by the heads of their columns."""
    text = CONTRACT.read_text("utf-8")
    chapter = re.split(
        r"^## ", text.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE
    )[0]
    for table in re.findall(r"(?:^\|.*\n)+", chapter, re.MULTILINE):
        head, _, *rows = [
            [cell.strip().strip("`") for cell in line.strip("|").split("|")]
            for line in table.splitlines()
        ]
        yield from (dict(zip(head, row, strict=True)) for row in rows)


@WITHOUT_TABLES
def test_every_key_of_the_contract_is_ours_with_its_type_and_default() -> None:
    rows = list(tables("Configuration Keys"))
    assert len(rows) >= 11
    for row in rows:
        key = KEYS[f"{row['Section']}.{row['Key']}"]
        assert key.kind in KINDS[row["Type"]], key.name
        assert written(key.default) == row["Default"], key.name


@WITHOUT_TABLES
def test_every_variable_of_the_contract_means_its_key() -> None:
    rows = list(tables("Environment Variable Mapping"))
    assert len(rows) >= 27
    for row in rows:
        variable = row.get("Env Variable") or row["Environment Variable"]
        name = row.get("Config Key") or row["YAML Path"]
        key = VARIABLES[variable]
        assert key.name == name
        if "Type" in row:
            assert key.kind in KINDS[row["Type"]], name
        if minimum := re.fullmatch(r"Min (\d+) chars", row.get("Notes", "")):
            assert key.extra["min_length"] == int(minimum[1])


def written(default: object) -> str:
    """Return a default as the contract writes it."""
    return str(default).lower() if default not in {None, ""} else "-"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_a_key_is_read_or_says_why_nothing_reads_it(key: Key) -> None:
    section, leaf = key.name.split(".")[-2:]
    if key.unread:
        assert key.unread.endswith(".")
        assert not any(re.search(rf"\.{section}\.{leaf}\b", source) for source in SOURCES)
    elif len(key.choices) != 1:  # a single choice tells nobody anything
        held = re.compile(rf"\.{section}\b|\bsettings\.now\b|\blimits\(\)")
        read = re.compile(rf"\.{leaf}\b")
        assert any(held.search(source) and read.search(source) for source in SOURCES)


SOURCES: Final = [
    path.read_text("utf-8")
    for room in ("app", "server")
    for path in (ROOT / room).rglob("*.py")
    if "kernel/config/" not in path.as_posix()
]
