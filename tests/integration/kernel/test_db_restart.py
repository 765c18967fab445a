"""A pool lives on when PostgreSQL is killed and comes back."""

from pathlib import Path

import pytest

from server.kernel.db import DatabaseUnavailable, Query, open_db
from server.kernel.sql import SqlText
from tests.helpers.postgres import data_directory, running_cluster

ONE = Query(SqlText(name="one", text="SELECT 1", comment="", path=Path("tests/queries.sql")), int)


async def test_reads_answer_again_after_the_server_was_killed_and_restarted() -> None:
    with data_directory() as folder:
        with running_cluster(folder) as cluster:
            opened = open_db(cluster.dsn, min_size=2, max_size=4)
            db = await opened.__aenter__()
            assert await db.value(ONE) == 1
        try:
            with pytest.raises(DatabaseUnavailable):
                await db.value(ONE)
            with running_cluster(folder):
                assert [await db.value(ONE) for _ in range(5)] == [1] * 5
        finally:
            await opened.__aexit__(None, None, None)
