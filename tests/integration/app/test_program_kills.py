"""Programs that are killed over and over while they are used: they are back each time, and serve again."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from pathlib import Path
from random import Random
from statistics import median

import pytest
from msgspec.structs import replace
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.cache import open_cache
from app.paths import Paths, find_paths
from app.search import open_search
from app.supervisor.program import ProgramState
from server.kernel.realm import PUBLIC, new_secrets
from server.kernel.search import SearchServer, SearchUnwell
from tests.helpers.process import assert_no_orphan, processes_of
from tests.helpers.typesense import stand_in
from tests.helpers.until import until
from tests.helpers.web import default_config

ROUNDS = int(os.environ.get("REVENGE_DRILL_ROUNDS", "2"))
USER_COUNT = 4
LONGEST_S = 0.3
CHANCE = Random(6)  # noqa: S311 (moments, not secrets)
pytestmark = pytest.mark.timeout(120 + 15 * ROUNDS)

type Changed = Callable[[ProgramState], None]
type Use = Callable[[], Awaitable[object]]


@asynccontextmanager
async def a_cache(paths: Paths, changed: Changed) -> AsyncIterator[Use]:
    known, config = new_secrets(), default_config()
    own = replace(config, cache=replace(config.cache, own=True))
    async with (
        open_cache(paths, own, known, changed) as urls,
        Redis.from_url(urls[PUBLIC.name], socket_timeout=1) as client,
    ):
        yield lambda: client.set(f"{known.role(PUBLIC)}:a", b"1")


@asynccontextmanager
async def a_search_server(paths: Paths, changed: Changed) -> AsyncIterator[Use]:
    async with open_search(paths, default_config(), "a-key", changed) as address:
        assert address is not None
        async with aclosing(SearchServer(address)) as server:
            yield server.check


class Users:
    """Many who use a program all the time."""

    def __init__(self, use: Use) -> None:
        self.answered_count = 0
        self.missed_count = 0
        self._use = use

    async def go_on(self) -> None:
        while True:
            try:
                await self._use()
                self.answered_count += 1
            except (RedisError, SearchUnwell):
                self.missed_count += 1
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("opened", [a_cache, a_search_server])
async def test_a_program_is_back_after_every_kill(
    opened: Callable[[Paths, Changed], AbstractAsyncContextManager[Use]],
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("app.supervisor.program._STEADY_S", 0.0)  # else the pauses grow to 30 s
    (data_dir / "logs").mkdir()
    program = str(stand_in(data_dir))
    paths = find_paths({"REVENGE_DATA_DIR": str(data_dir), "REVENGE_TYPESENSE_BIN": program})
    states: list[ProgramState] = []
    away_s: list[float] = []

    async def is_back(kill_count: int) -> None:
        def is_running() -> bool:
            return states[-1:] != [] and states[-1].state == "running"

        await until(lambda: is_running() and states[-1].restart_count == kill_count, within_s=60)
        answered_count = users.answered_count
        await until(lambda: users.answered_count > answered_count)

    async with opened(paths, states.append) as use, asyncio.TaskGroup() as group:
        users = Users(use)
        tasks = [group.create_task(users.go_on()) for _ in range(USER_COUNT)]
        await is_back(0)
        for count in range(1, ROUNDS + 1):
            await asyncio.sleep(CHANCE.uniform(0, LONGEST_S))
            os.kill(states[-1].pid or 0, signal.SIGKILL)
            killed_s = time.monotonic()
            await is_back(count)
            away_s.append(time.monotonic() - killed_s)
        assert [one.pid for one in processes_of(data_dir)] == [states[-1].pid]
        for task in tasks:
            task.cancel()
    assert_no_orphan(data_dir)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{opened.__name__}: {ROUNDS} kills, serves again after {median(away_s):.2f} s, at most {max(away_s):.2f} s; "
            f"{users.answered_count} answers, {users.missed_count} misses\n"
        )
