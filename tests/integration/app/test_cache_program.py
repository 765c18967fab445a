"""Our own cache server under the supervisor: a real Valkey, killed, frozen, orphaned, looked into."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import psutil
import pytest
from msgspec.structs import replace
from redis import Redis
from redis.exceptions import RedisError

from app.cache import open_cache
from app.paths import Paths
from app.supervisor.cache import meaning_of
from app.supervisor.program import ProgramState
from gui.api import Status
from gui.condition import Condition, condition_of, missing
from gui.seen import Seen
from gui.tray.presenter import menu, tooltip
from server.kernel.cache import Shared
from server.kernel.config import Config
from server.kernel.realm import PUBLIC, SEALED, new_secrets
from server.kernel.secret import SecretUrl
from server.kernel.tasks import TaskScope
from tests.helpers.process import assert_no_orphan, processes_of, running_server, until
from tests.helpers.until import until as soon
from tests.helpers.web import default_config

KNOWN = new_secrets()
OWN = default_config()


class Running:
    """What the supervisor says, and the addresses."""

    def __init__(self) -> None:
        self.states: list[ProgramState] = []
        self.urls: dict[str, str] = {}

    @property
    def last(self) -> ProgramState:
        return self.states[-1]

    def is_running(self) -> bool:
        return bool(self.states) and self.last.state == "running"

    def client(self, realm: str = "public") -> "Redis":
        return Redis.from_url(self.urls[realm])


def paths_in(data_dir: Path) -> Paths:
    (data_dir / "logs").mkdir(exist_ok=True)
    return Paths(
        data_dir=data_dir,
        config_file=data_dir / "config.yaml",
        is_config_required=False,
        web_dir=data_dir,
        postgres_bin=None,
        typesense_bin=None,
    )


@asynccontextmanager
async def opened(data_dir: Path, config: Config = OWN) -> AsyncIterator[Running]:
    running = Running()
    async with open_cache(paths_in(data_dir), config, KNOWN, running.states.append) as urls:
        running.urls = dict(urls)
        yield running


async def test_it_starts_serves_and_stops(data_dir: Path) -> None:
    async with opened(data_dir) as cache:
        await soon(cache.is_running)
        with cache.client() as client:
            assert client.set(f"{KNOWN.role(PUBLIC)}:a", b"1")
        folder = data_dir / "run-cache"
        assert (folder.stat().st_mode & 0o777) == 0o700
        assert ((folder / "cache.acl").stat().st_mode & 0o777) == 0o600
        (only,) = processes_of(data_dir)
        password = urlsplit(cache.urls["public"]).password or ""
        assert password not in " ".join(only.cmdline())
        if os.geteuid() == 0:
            assert only.username() == "revenge"
    assert [state.state for state in cache.states] == ["starting", "running", "stopped"]
    assert_no_orphan(data_dir)


async def test_the_rules_let_a_server_do_all_that_it_needs(data_dir: Path) -> None:
    async with opened(data_dir) as running, TaskScope() as tasks:
        await soon(running.is_running)
        shared = Shared(running.urls[PUBLIC.name], KNOWN.role(PUBLIC))
        shared.add("word", lambda: None, may_change=True)
        tasks.spawn(shared.run(), name="shared")
        await soon(lambda: shared.slot("word", "a"))
        await shared.check()
        slot = shared.slot("word", "a") or b""
        await shared.put(slot, b"1", 60)
        assert await shared.get(slot) == b"1"
        shared.drop("word")
        await soon(lambda: shared.slot("word", "a") not in {None, slot})


async def test_a_realm_sees_nothing_of_another_and_no_stranger_anything(data_dir: Path) -> None:
    async with opened(data_dir) as cache:
        await soon(cache.is_running)
        mine, theirs = KNOWN.role(PUBLIC), KNOWN.role(SEALED)
        with cache.client(PUBLIC.name) as client:
            acts: tuple[Callable[[], object], ...] = (
                lambda: client.get(f"{theirs}:a"),
                lambda: client.set(f"{theirs}:a", b"1"),
                lambda: client.publish(f"{theirs}:a", b"1"),
                lambda: client.keys("*"),
                client.scan,
                client.dbsize,
                client.client_list,
                lambda: client.config_get("*"),
                lambda: client.execute_command("MONITOR"),
                lambda: client.eval(f"return redis.call('get', '{mine}:a')", 0),
                client.acl_list,
                client.flushall,
            )
            for act in acts:
                with pytest.raises(RedisError, match=r"permission|can't"):
                    act()
        bare = f"unix://{data_dir / 'run-cache' / 'cache.sock'}"
        with Redis.from_url(bare) as stranger, pytest.raises(RedisError):
            stranger.get("a")


async def test_a_killed_one_is_back_and_says_why(data_dir: Path) -> None:
    async with opened(data_dir) as cache:
        await soon(cache.is_running)
        os.kill(cache.last.pid or 0, signal.SIGKILL)
        await soon(lambda: cache.last.state == "restarting")
        assert cache.last.cause == "cache.killed"
        assert "started again by itself" in (cache.last.reason or "")
        await soon(cache.is_running)
        assert cache.last.restart_count == 1
        with cache.client() as client:
            assert client.ping()


async def test_what_a_killed_server_left_is_ended_by_the_next(data_dir: Path) -> None:
    async with opened(data_dir) as first:
        await soon(first.is_running)
        async with opened(data_dir) as second:
            await soon(second.is_running)
            assert len(processes_of(data_dir)) == 1
            assert second.last.pid != first.last.pid
            second.states.append(second.last)
            os.kill(second.last.pid or 0, 0)


async def test_a_path_too_long_for_a_socket_uses_loopback_and_a_password(data_dir: Path) -> None:
    deep = data_dir / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True, mode=0o711)
    for part in (deep, deep.parent):
        part.chmod(0o711)
    async with opened(deep) as cache:
        await soon(cache.is_running)
        assert "@127.0.0.1:" in cache.urls["public"]
        with cache.client() as client:
            assert client.ping()
        (only,) = processes_of(deep)
        assert {one.laddr.ip for one in only.net_connections()} == {"127.0.0.1"}


async def test_nothing_runs_where_none_is_wanted(data_dir: Path) -> None:
    config = replace(OWN, cache=replace(OWN.cache, own=False))
    async with opened(data_dir, config) as cache:
        assert cache.urls == {}
        assert processes_of(data_dir) == []


async def test_an_external_one_is_taken_as_it_is(data_dir: Path) -> None:
    url = SecretUrl("redis://:secret@192.0.2.1:6379")
    config = replace(OWN, cache=replace(OWN.cache, url=url))
    async with opened(data_dir, config) as cache:
        assert cache.urls["public"] == url.reveal()
        assert processes_of(data_dir) == []


async def test_a_place_that_cannot_be_made_is_no_reason_not_to_start(data_dir: Path) -> None:
    (data_dir / "run-cache").write_text("in the way")
    async with opened(data_dir) as cache:
        assert cache.urls == {}


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (-9, "", "cache.killed"),
        (-15, "", "cache.killed"),
        (1, "Cannot allocate memory", "cache.no_memory"),
        (1, "", "cache.ended"),
    ],
)
def test_an_end_has_a_meaning(code: int, said: str, expected: str) -> None:
    assert meaning_of(code, said).code == expected


def test_the_server_outlives_its_cache_and_leaves_no_orphan(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        server.await_ready()

        def cache_pid() -> int | None:
            return (server.status()["cache"] or {}).get("pid")

        def is_used() -> bool:
            parts = server.client.get("/health").json()["parts"]
            return bool([one for one in parts if one["name"] == "cache" and one["is_healthy"]])

        until(is_used, what="the cache is used")
        for _ in range(4):
            pid = until(cache_pid, what="the cache runs")
            os.kill(pid, signal.SIGKILL)
            until(lambda killed=pid: cache_pid() != killed, what="its end is seen")  # type: ignore[misc]
            assert server.client.get("/health/ready").status_code == 200
        until(cache_pid, what="the cache runs")
        family = psutil.Process(server.pid).children(recursive=True)
        server.process.kill()
        server.process.wait(10)
        assert_no_orphan(data_dir)
        assert psutil.wait_procs(family, timeout=20)[1] == []


def test_a_cache_that_cannot_come_back_is_named_where_people_look(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        server.await_ready()
        until(lambda: (server.status()["cache"] or {}).get("pid"), what="the cache runs")
        shutil.rmtree(data_dir / "run-cache")
        os.kill(server.status()["cache"]["pid"], signal.SIGKILL)

        def degraded() -> Condition | None:
            status = msgspec.convert(server.status(), Status)
            condition = condition_of(status)
            return condition if missing(condition) else None

        condition = until(degraded, what="the cache is missed")
        assert condition.situation == "degraded"
        assert "ended the cache; the system does so" in tooltip(condition, Seen())
        lines = [one.text for one in menu(condition, Seen(), starts_at_login=False)]
        assert "Another program or the system ended the cache" in lines


async def test_a_frozen_one_is_ended_and_started_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.supervisor.program._CHECK_S", 0.1)
    monkeypatch.setattr("app.supervisor.cache._CHECK_EVERY_S", 0.1)
    async with opened(data_dir) as cache:
        await soon(cache.is_running)
        pid = cache.last.pid or 0
        os.kill(pid, signal.SIGSTOP)
        await soon(lambda: cache.is_running() and cache.last.pid != pid)
        await asyncio.sleep(0)
