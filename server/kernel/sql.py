"""Named SQL: a slice's statements stand in `queries.sql`, beside the `store.py` that gives them row types."""

import re
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

_HEADER = re.compile(r"^-- ([a-z][a-z0-9_]*): (.*)$", re.MULTILINE)


class SqlText(Struct, frozen=True, kw_only=True):
    """One statement; `comment` is its purpose and the meaning of `$1`, `$2`, one line each."""

    name: str
    text: str
    comment: str
    path: Path

    def __str__(self) -> str:
        return f"{self.path.parent.name}.{self.name}"


class SqlFileError(Exception):
    """A `queries.sql` that cannot be used, or a name that it lacks; the text says where."""


def load(store_file: str) -> Callable[[str], SqlText]:
    """Return the lookup by name for the `queries.sql` in the folder of `store_file`.

    A statement starts at a line `-- name: purpose` and ends at the next one. Raises: SqlFileError.
    """
    path = Path(store_file).with_name("queries.sql")
    try:
        statements = parse(path.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise SqlFileError(f"{path} cannot be read: {error}") from error

    def sql(name: str) -> SqlText:
        if name not in statements:
            raise SqlFileError(f"{path} has no statement {name!r}; it has {', '.join(statements)}")
        return statements[name]

    return sql


def parse(text: str, path: Path) -> dict[str, SqlText]:
    """Return the statements of a file by name, in the order of the file. Raises: SqlFileError."""
    before, *sections = _HEADER.split(text)
    if _without_comments(before):
        raise SqlFileError(f"{path} has SQL before its first '-- name: purpose' line")
    statements: dict[str, SqlText] = {}
    for name, purpose, body in zip(*[iter(sections)] * 3, strict=True):
        if name in statements:
            raise SqlFileError(f"{path} names {name!r} twice")
        statements[name] = _statement(name, purpose, body, path)
    return statements


def _statement(name: str, purpose: str, body: str, path: Path) -> SqlText:
    lines = body.strip().splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    comment = [purpose.strip(), *(line.removeprefix("--").strip() for line in lines[:count])]
    statement = "\n".join(lines[count:]).strip().removesuffix(";")
    if not _without_comments(statement):
        raise SqlFileError(f"{path}: {name!r} has no SQL")
    return SqlText(name=name, text=statement, comment="\n".join(comment), path=path)


def _without_comments(text: str) -> str:
    return re.sub(r"--.*", "", text).strip()
