"""The schema of a database as text; run as a program it prints `migrations/schema.sql`."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path

from bundled.postgres import find_postgres
from server.kernel.migrate import migrate
from server.kernel.realm import REALMS, new_secrets
from tests.helpers.postgres import start_cluster

MIGRATIONS = Path(__file__).parents[2] / "migrations"
COMMITTED = MIGRATIONS / "schema.sql"
_VARIES = re.compile(
    r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)\n", re.MULTILINE
)


def dump_schema(dsn: str) -> str:
    """Return tables, constraints, indexes and rights; what differs from one machine to the next is left out."""
    command = [str(find_postgres().program("pg_dump")), "--schema-only", "--no-owner", dsn]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    text = re.sub(r"\b(rv_[a-z]+)_[0-9a-f]{8}\b", r"\1", _VARIES.sub("", text))
    text = re.sub(r"\bch_[0-9a-f]{32}", "ch", text)
    return re.sub(r"\n{2,}", "\n\n", text).strip() + "\n"


def _print() -> None:
    with start_cluster() as dsn:
        asyncio.run(migrate(dsn, MIGRATIONS, REALMS, new_secrets(), lambda _phase: None))
        sys.stdout.write(dump_schema(dsn))


if __name__ == "__main__":
    _print()
