import socket

import pytest

from app.failure import StartFailed
from app.supervisor.external import check_external
from tests.helpers.postgres import with_database


async def refusal(dsn: str) -> str:
    with pytest.raises(StartFailed) as caught:
        await check_external(dsn, patience_s=0, place="database.url")
    return str(caught.value)


async def test_a_good_server_passes(cluster_dsn: str) -> None:
    await check_external(cluster_dsn, patience_s=0, place="database.url")


async def test_a_wrong_password_is_said_without_it(cluster_dsn: str) -> None:
    password = cluster_dsn.partition("revenge:")[2].partition("@")[0]
    text = await refusal(cluster_dsn.replace(password, "hunter2"))
    assert "user or the password" in text
    assert "hunter2" not in text


async def test_a_missing_database_is_said(cluster_dsn: str) -> None:
    assert "no database of that name" in await refusal(with_database(cluster_dsn, "nowhere"))


async def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        text = await refusal(f"postgresql://u:hunter2@127.0.0.1:{free.getsockname()[1]}/d")
    assert "cannot be reached" in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    "dsn", ["postgresql://u:hunter2@[::1/d", "postgresql://u:hunter2@h:99999999/d"]
)
async def test_an_address_that_is_none_is_said_without_the_password(dsn: str) -> None:
    assert "hunter2" not in await refusal(dsn)
