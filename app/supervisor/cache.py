"""Our own cache server: Dragonfly or Valkey in memory only, on a private socket, one login for each realm."""

import asyncio
import hashlib
import os
import secrets
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from app.supervisor.account import can
from app.supervisor.child import Account
from app.supervisor.cluster import fits_socket, free_port
from app.supervisor.leftover import end_programs
from app.supervisor.program import Meaning, Spec
from bundled.cache import CacheServer

_MEMORY = "64mb"
_START_TIMEOUT_S = 10.0
_STOP_S = 1.0  # nothing of it is worth waiting for
_CHECK_EVERY_S = 10.0
_SOCKET = "cache.sock"
_RULES = "cache.acl"
_COMMANDS = "-@all +get +set +incrby +publish +subscribe +unsubscribe +ping +hello +auth +select"
_KILLED = Meaning(
    "cache.killed",
    "Another program or the system ended the cache; the system does so when memory runs out. It is started again by itself.",
)
_NO_MEMORY = Meaning(
    "cache.no_memory", "This computer has too little memory free. Close other programs."
)
_UNKNOWN = Meaning(
    "cache.ended",
    "The cache ended unexpectedly. It is started again by itself, and everything goes on without it.",
)
_FROM_OUTSIDE = (9, 15)  # SIGKILL, SIGTERM


class Place(Struct, frozen=True, kw_only=True):
    """Where it listens, and who may: a password for each login, another one with every start."""

    run_dir: Path
    port: int | None
    passwords: dict[str, str]

    def url(self, login: str) -> str:
        """Return the address with a login; a secret."""
        who = f"{quote(login, safe='')}:{quote(self.passwords[login], safe='')}"
        if self.port is not None:
            return f"redis://{who}@127.0.0.1:{self.port}"
        return f"unix://{who}@{quote(str(self.run_dir / _SOCKET))}"


def prepare_cache(run_dir: Path, account: Account | None, logins: Iterable[str]) -> Place:
    """Return a place for it, its rules written: each login sees the names that begin with itself. Raises: OSError."""
    run_dir.mkdir(mode=0o700, exist_ok=True)
    passwords = {login: secrets.token_urlsafe(32) for login in logins}
    lines = ["user default off"]
    for login, password in passwords.items():
        digest = hashlib.sha256(password.encode()).hexdigest()
        lines.append(f"user {login} on #{digest} ~{login}:* &{login}:* {_COMMANDS}")
    rules = run_dir / _RULES
    rules.unlink(missing_ok=True)
    rules.touch(mode=0o600)
    rules.write_text("\n".join(lines) + "\n")
    if account is not None:
        for path in (run_dir, rules):
            os.chown(path, account.uid, account.gid)
    port = None if fits_socket(run_dir) else free_port()
    return Place(run_dir=run_dir, port=port, passwords=passwords)


def cache_spec(
    server: CacheServer, place: Place, *, account: Account | None, log_file: Path
) -> Spec:
    """Return how a cache server is run."""
    socket = place.run_dir / _SOCKET
    listen = (
        ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
        if place.port is None
        else ["--bind", "127.0.0.1", "--port", str(place.port)]
    )
    rules = ["--aclfile", str(place.run_dir / _RULES)]

    async def check() -> None:
        await _ping(place)

    async def is_ready(_pid: int) -> bool:
        try:
            await _ping(place)
        except (OSError, EOFError):
            return False
        return True

    def clear_away() -> None:
        end_programs(server.program.name, place.run_dir)
        socket.unlink(missing_ok=True)

    return Spec(
        name=server.name,
        family="cache",
        command=(str(server.program), *listen, *rules, *_options(server)),
        folder=place.run_dir,
        log_file=log_file,
        account=account,
        is_ready=is_ready,
        clear_away=clear_away,
        meaning_of=meaning_of,
        start_timeout_s=_START_TIMEOUT_S,
        stop_signals=("SIGTERM", "SIGKILL"),
        stop_wait_s=_STOP_S,
        death_signal=signal.SIGKILL,
        check=check,
        check_interval_s=_CHECK_EVERY_S,
    )


def reachable_program(server: CacheServer, data_dir: Path, account: Account | None) -> CacheServer:
    """Return a program that the account can run: this one, or a copy in the data directory. Raises: OSError."""
    if can(account, server.program, "x"):
        return server
    copy = data_dir / "programs" / server.program.name
    copy.parent.mkdir(mode=0o711, exist_ok=True)
    shutil.copyfile(server.program, copy)
    copy.chmod(0o755)
    return CacheServer(server.name, copy)


def meaning_of(code: int, said: str) -> Meaning:
    """Return what an end of the cache server means for a person."""
    if -code in _FROM_OUTSIDE:
        return _KILLED
    return _NO_MEMORY if "memory" in said.casefold() else _UNKNOWN


def _options(server: CacheServer) -> list[str]:
    """Return what keeps it small and off the disk."""
    if server.name == "Dragonfly":
        sized = ["--maxmemory", "256mb", "--proactor_threads", "1"]  # its least for one thread
        return [*sized, "--cache_mode", "--dbfilename", "", "--logtostderr"]
    forgetting = ["--maxmemory", _MEMORY, "--maxmemory-policy", "allkeys-lfu"]
    return [*forgetting, "--save", "", "--appendonly", "no", "--databases", "1"]


async def _ping(place: Place) -> None:
    """Return if it answers. Raises: OSError, EOFError."""
    login, password = next(iter(place.passwords.items()))
    reader, writer = await (
        asyncio.open_connection("127.0.0.1", place.port)
        if place.port is not None
        else asyncio.open_unix_connection(str(place.run_dir / _SOCKET))
    )
    try:
        writer.write(f"AUTH {login} {password}\r\nPING\r\n".encode())
        answer = await reader.readline() + await reader.readline()
    finally:
        writer.close()
    if answer != b"+OK\r\n+PONG\r\n":
        raise EOFError
