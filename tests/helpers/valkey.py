"""A real Valkey for tests, killed and started again at will."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from app.supervisor.child import before_exec
from bundled.cache import find_valkey


class Valkey:
    """One server on a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "cache.sock"
        self.url = f"unix://{self._socket}"
        self.start()

    def start(self) -> Self:
        """Start it and wait until it answers."""
        found = find_valkey()
        assert found is not None
        self._process = subprocess.Popen(
            [found.program, "--port", "0", "--unixsocket", self._socket, "--save", ""],
            stdout=subprocess.DEVNULL,
            cwd=self._socket.parent,
            preexec_fn=before_exec(death_signal=signal.SIGKILL),  # noqa: PLW1509 (no threads yet)
        )
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return self

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()
        self._process.wait(10)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def freeze(self) -> None:
        """Have it hold every connection and answer none."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def client(self) -> "Redis":
        """Return a client that sees everything."""
        return Redis.from_url(self.url)

    def _answers(self) -> bool:
        with Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    """Run one until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="rv-", dir="/tmp"))
    valkey = Valkey(folder)
    try:
        yield valkey
    finally:
        valkey.kill()
        shutil.rmtree(folder, ignore_errors=True)
