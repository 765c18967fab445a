"""What the benchmarks share: programs that start and stop, load, medians of alternating rounds."""

import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psutil

REPOSITORY = Path(__file__).parents[1]
READ_BYTES = 1 << 20


def alternate(rounds: int, measured: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Return the median of each, taken in turns: noise of the machine then falls on all alike."""
    values: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(rounds):
        for name, measure in measured.items():
            values[name].append(measure())
    return {name: statistics.median(found) for name, found in values.items()}


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, stop_s: float = 20
) -> Iterator[psutil.Process]:
    """Run a program and end it, with its children, on the way out; it inherits no output."""
    process = psutil.Popen(
        list(command),
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        tree = tree_of(process)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
        _, alive = psutil.wait_procs(tree, timeout=stop_s)
        for one in alive:
            one.kill()
        process.wait()


@contextlib.contextmanager
def nginx(root: Path, port: int) -> Iterator[psutil.Process]:
    """Serve a directory with nginx, two processes and sendfile; needs Debian's package nginx-light."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        sys.exit("nginx is not installed: apt-get install nginx-light")
    with tempfile.TemporaryDirectory() as folder:
        paths = "".join(
            f"{name}_temp_path {folder}/{name};"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = f"user {psutil.Process().username()};" if psutil.Process().uids().real == 0 else ""
        configuration = Path(folder, "nginx.conf")
        configuration.write_text(
            f"{user} daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;"
            "events { worker_connections 512; }"
            f"http {{ access_log off; sendfile on; {paths}"
            f"server {{ listen 127.0.0.1:{port}; location / {{ root {root}; }} }} }}"
        )
        command = [program, "-p", folder, "-e", f"{folder}/error.log", "-c", str(configuration)]
        with running(command) as process:
            wait_until_open(port)
            yield process


def wait_until_open(port: int, *, timeout_s: float = 20) -> None:
    """Wait until something listens on a port of the loopback interface. Raises: TimeoutError."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.005)
    raise TimeoutError(f"nothing listens on port {port}")


def status_of(url: str) -> int | None:
    """Return the status that a URL answers with, or None where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def request_for(url: str, headers: Sequence[str]) -> tuple[tuple[str, int], bytes]:
    """Return where to connect and the GET request to send there."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", *headers]
    head = "\r\n".join([*lines, "Connection: close", "", ""])
    return (parts.hostname or "127.0.0.1", parts.port or 80), head.encode()


def pull(url: str, *, streams: int, seconds: float, headers: Sequence[str] = ()) -> float:
    """Read a URL again and again with some clients at once and return MB/s."""
    address, head = request_for(url, headers)
    counts = [0] * streams
    end = time.perf_counter() + seconds

    def read(index: int) -> None:
        buffer = bytearray(READ_BYTES)
        while time.perf_counter() < end:
            with socket.create_connection(address) as connection:
                connection.sendall(head)
                while time.perf_counter() < end and (count := connection.recv_into(buffer)):
                    counts[index] += count

    started = time.perf_counter()
    threads = [threading.Thread(target=read, args=(index,)) for index in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started) / 1e6


def tree_of(process: psutil.Process) -> list[psutil.Process]:
    """Return a process and everything it started that still runs."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU time that a process and its children have used."""
    total = 0.0
    for one in tree_of(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def pss_bytes(process: psutil.Process) -> dict[str, int]:
    """Return `name pid` to proportional memory for a process and its children (Linux)."""
    found = {}
    for one in tree_of(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            found[f"{one.name()} {one.pid}"] = int(one.memory_full_info().pss)
    return found


def python(*arguments: str) -> list[str]:
    """Return the command that runs this Python with arguments."""
    return [sys.executable, *arguments]
