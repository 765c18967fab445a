"""What is done to a running server: kills, stops, lies. Each fault undoes what does not heal by itself."""

import asyncio
import os
import random
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Self

import asyncpg
import psutil
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bench.chaos.listener import be_deaf
from tests.helpers.postgres import free_port
from tests.helpers.process import ServerProcess, database_dsn

CONFIG: Final = "logging:\n  level: info\n"
_PROGRAM: Final = "bench.chaos.server"
_CACHE_LOGIN: Final = "chaos"
_CACHE_RULE: Final = f"user {_CACHE_LOGIN} on nopass ~* &* +@all\n"
_FULL_BYTES: Final = 8192
_DEAF_S: Final = 10.0

Strike = Callable[[], Awaitable[bool]]


class Victim:
    """A server that runs, and the ways to hurt it. Faults return False where there is nothing to hit now."""

    def __init__(self, data_dir: Path, chance: random.Random) -> None:
        self._data_dir = data_dir
        self._chance = chance
        self._port = free_port()
        self._run_dir = data_dir / "run-cache"
        self._config = data_dir / "config.yaml"
        self._config.write_text(CONFIG, encoding="utf-8")
        self.server = self._started()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def dsn(self) -> str:
        """The owner's login to its database."""
        return database_dsn(self._data_dir)

    def health(self) -> str:
        """Return how it says that it fares, and which parts are not well."""
        ready = self.server.client.get("/health/ready").json()
        unwell = [
            f"{one['name']} {one['code']}" for one in ready["checks"] if one["state"] != "healthy"
        ]
        return ", ".join([ready["status"], *unwell])

    def faults(self, headers: Mapping[str, str], *, kills_server: bool) -> dict[str, Strike]:
        """Return all faults by name; clients among them show these headers."""
        found: dict[str, Strike] = {
            "PostgreSQL killed": self._kill_postgres,
            "process of PostgreSQL killed": self._kill_backend,
            "PostgreSQL stopped for seconds": self._stop_postgres,
            "disk full under PostgreSQL": self._fill_disk,
            "connection that listens cut": self._cut_listener,
            "cache killed": self._kill_cache,
            "cache stopped for seconds": self._stop_cache,
            "cache flushed": self._flush_cache,
            "cache with another password": self._change_password,
            "worker killed": self._kill_worker,
            "worker stopped for seconds": self._stop_worker,
            "configuration half written": self._break_config,
            "client that never reads": lambda: be_deaf(self.url, headers, seconds=_DEAF_S),
        }
        return found | ({"server killed": self._kill_server} if kills_server else {})

    async def open_cache(self) -> None:
        """Let ourselves into the cache: a login of ours among its rules, which it reads when it starts."""
        rules = self._run_dir / "cache.acl"
        rules.write_text(rules.read_text(encoding="utf-8") + _CACHE_RULE, encoding="utf-8")
        await self._kill_cache()
        async with asyncio.timeout(60):
            while not await self.cache_answers():  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.1)

    async def cache_answers(self) -> bool:
        """Return whether the cache is there."""
        with suppress(RedisError, OSError):
            async with self._cache() as cache:
                return bool(await cache.ping())
        return False

    async def _kill_postgres(self) -> bool:
        postgres = await self._postgres()
        return _signalled(postgres[:1], signal.SIGKILL)

    async def _kill_backend(self) -> bool:
        children = (await self._postgres())[1:]
        return bool(children) and _signalled([self._chance.choice(children)], signal.SIGKILL)

    async def _stop_postgres(self) -> bool:
        return await self._held(await self._postgres())

    async def _fill_disk(self) -> bool:
        """Let no process of it write further into any file than a page, as where a disk is full."""
        family = await self._postgres()
        is_hit = await asyncio.to_thread(_limit, family, f"{_FULL_BYTES}")
        await asyncio.sleep(self._chance.uniform(1, 4))
        await asyncio.to_thread(_limit, family, "unlimited")
        return is_hit

    async def _cut_listener(self) -> bool:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(self.dsn, timeout=5)
            try:
                return bool(
                    await connection.fetchval(
                        "SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        " WHERE application_name = 'revenge listener'"
                    )
                )
            finally:
                connection.terminate()
        return False

    async def _kill_cache(self) -> bool:
        return _signalled(await self._valkey(), signal.SIGKILL)

    async def _stop_cache(self) -> bool:
        return await self._held(await self._valkey())

    async def _flush_cache(self) -> bool:
        with suppress(RedisError, OSError):
            async with self._cache() as cache:
                return bool(await cache.flushall())
        return False

    async def _change_password(self) -> bool:
        """Take the server's logins another password and cut them off, for some seconds."""
        with suppress(RedisError, OSError):
            async with self._cache() as cache:
                logins = {*map(str, await cache.acl_users())} - {"default", _CACHE_LOGIN}
                for login in logins:
                    await cache.acl_setuser(
                        login, enabled=True, passwords=["+other"], reset_passwords=True
                    )
                    await cache.client_kill_filter(user=login)
                await asyncio.sleep(self._chance.uniform(1, 5))
                await cache.acl_load()
                return True
        return False

    async def _kill_worker(self) -> bool:
        workers = self._workers()
        return bool(workers) and _signalled([self._chance.choice(workers)], signal.SIGKILL)

    async def _stop_worker(self) -> bool:
        workers = self._workers()
        return bool(workers) and await self._held([self._chance.choice(workers)])

    async def _break_config(self) -> bool:
        """Leave the file as an editor does that dies, then write it whole."""
        self._config.write_text(CONFIG[: len(CONFIG) // 2], encoding="utf-8")
        await asyncio.sleep(self._chance.uniform(1, 5))
        self._config.write_text(CONFIG, encoding="utf-8")
        return True

    async def _kill_server(self) -> bool:
        """Kill the server and start it again on its port, as whoever looks after it does."""
        self.server.process.kill()
        await asyncio.to_thread(self.server.close)
        self.server = await asyncio.to_thread(self._started)
        await asyncio.to_thread(self.server.await_ready)
        await self.open_cache()
        return True

    def _started(self) -> ServerProcess:
        return ServerProcess(self._data_dir, port=self._port, module=_PROGRAM)

    async def _held(self, processes: list[psutil.Process]) -> bool:
        """Stop processes, and let them go on after some seconds."""
        is_hit = _signalled(processes, signal.SIGSTOP)
        try:
            await asyncio.sleep(self._chance.uniform(1, 8))
        finally:
            _signalled(processes, signal.SIGCONT)
        return is_hit

    async def _postgres(self) -> list[psutil.Process]:
        """Return PostgreSQL and its children, none while it is away."""
        return await self._family("postgres")

    async def _valkey(self) -> list[psutil.Process]:
        return await self._family("cache")

    async def _family(self, program: str) -> list[psutil.Process]:
        state = (await asyncio.to_thread(self.server.status))[program]
        with suppress(psutil.NoSuchProcess):
            if state and state["pid"]:
                first = psutil.Process(state["pid"])
                return [first, *first.children()]
        return []

    def _workers(self) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.server.pid).children():
            with suppress(psutil.Error):
                if child.cmdline()[-1:] == ["worker"]:
                    found.append(child)
        return found

    @asynccontextmanager
    async def _cache(self) -> AsyncIterator[Redis]:
        socket = self._run_dir / "cache.sock"
        async with Redis(
            unix_socket_path=str(socket),
            username=_CACHE_LOGIN,
            password="",
            socket_timeout=2,
            decode_responses=True,
        ) as cache:
            yield cache


def _signalled(processes: Iterable[psutil.Process], number: signal.Signals) -> bool:
    """Return whether one of them was there to hear the signal."""
    is_heard = False
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            one.send_signal(number)
            is_heard = True
    return is_heard


def _limit(processes: Iterable[psutil.Process], file_bytes: str) -> bool:
    """Limit what processes may write into a file; return whether that could be done to one of them.

    By a program, for it must run as their user: even root may not everywhere do it to others.
    """
    codes = []
    for one in processes:
        with suppress(psutil.Error):
            is_root = os.geteuid() == 0
            done = subprocess.run(
                ["prlimit", "--pid", f"{one.pid}", f"--fsize={file_bytes}:"],
                user=one.uids().real if is_root else None,
                group=one.gids().real if is_root else None,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            codes.append(done.returncode)
    return 0 in codes
