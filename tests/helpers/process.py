"""A real server process: started with a lifeline, watched over its control listener, killed at will."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from app.runtime import read_runtime

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


def until[T](probe: Callable[[], T | None], *, what: str, within_s: float = PATIENCE_S) -> T:
    """Return the first true answer of `probe`."""
    deadline = time.monotonic() + within_s
    while True:
        with contextlib.suppress(httpx.TransportError):
            if answer := probe():
                return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(0.02)


def command(*words: str, module: str = "app") -> list[str]:
    """Return the command line of the server from source."""
    return [sys.executable, "-m", module, *words]


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Return the environment of a server that knows nothing of this machine's settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("REVENGE_")}
    return {**kept, "REVENGE_DATA_DIR": str(data_dir), **more}


def run_word(
    data_dir: Path, *words: str, text: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run one word of the command line to its end."""
    return subprocess.run(
        command(*words),
        input=text,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(data_dir, **env),
        timeout=PATIENCE_S,
        check=False,
    )


class ServerProcess:
    """One running server. `client` is its public face, `control` the one behind the token."""

    def __init__(
        self,
        data_dir: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        module: str = "app",
        **env: str,
    ) -> None:
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            command("serve", "--lifeline", "--host", host, "--port", f"{port}", module=module),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment(data_dir, **env),
        )
        assert self.process.stdout is not None
        self.client = httpx.Client(timeout=10)
        self.control = httpx.Client(timeout=10)
        self._meet(json.loads(self.process.stdout.readline()))

    def _meet(self, handshake: dict[str, Any]) -> None:
        self.handshake = handshake
        self.client.base_url = f"http://127.0.0.1:{handshake['port']}"
        self.control.base_url = f"{handshake['control_url']}/control/v1"
        self.control.headers["Authorization"] = f"Bearer {handshake['token']}"

    @property
    def pid(self) -> int:
        """The server's own process id."""
        return int(self.handshake["pid"])

    def await_restart(self) -> None:
        """Follow the server into its next run, which greets with another handshake."""
        assert self.process.stdout is not None
        self._meet(json.loads(self.process.stdout.readline()))

    def status(self) -> dict[str, Any]:
        """What control says now."""
        answer: dict[str, Any] = self.control.get("/status").json()
        return answer

    def await_ready(self) -> None:
        """Return when the application answers; fail with the log when the process ends instead."""

        def is_ready() -> bool:
            if self.process.poll() is not None:
                log = self.data_dir / "logs" / "revenge.log"
                pytest.fail(f"the server ended:\n{log.read_text(errors='replace')[-3000:]}")
            return self.client.get("/health/ready").status_code == 200

        until(is_ready, what="the server is ready")

    def close(self) -> int:
        """Let go of the lifeline; return the exit status."""
        self.client.close()
        self.control.close()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return self.process.wait(PATIENCE_S)


@contextlib.contextmanager
def running_server(data_dir: Path, *, port: int = 0, **env: str) -> Iterator[ServerProcess]:
    """Run a server until the block ends."""
    server = ServerProcess(data_dir, port=port, **env)
    try:
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            if server.process.poll() is not None and psutil.pid_exists(server.pid):
                os.kill(server.pid, signal.SIGKILL)
        server.close()


def database_dsn(data_dir: Path) -> str:
    """Return the owner's login to the database of the server that runs, once that is known."""

    def known() -> str | None:
        found = read_runtime(data_dir / "runtime.json")
        return found.database_dsn if found else None

    return until(known, what="runtime.json names the database")


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Return every live process that works in the data directory."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            is_there = Path(process.cwd()).is_relative_to(data_dir)
            if is_there and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def assert_no_orphan(data_dir: Path) -> None:
    """Wait a little for the children of a killed server to be gone. Raises: AssertionError."""
    until(lambda: not processes_of(data_dir), what="every child is gone", within_s=20)
