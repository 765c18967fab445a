"""How long the installed server takes from its start to its first page and until it is ready."""

import argparse
import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.measure import free_port, python, running, status_of

BARS = {"cold page": 1.5, "cold ready": 5.0, "warm page": None, "warm ready": 2.0}
PATIENCE_S = 60
POLL_S = 0.03  # asked more often, the questions themselves slow the start down


def main() -> None:
    """Start with an empty data directory, then again with the same one, some times; print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    found: dict[str, list[float]] = {name: [] for name in BARS}
    for _ in range(rounds):
        with data_directory() as folder:
            for kind in ("cold", "warm"):
                page_s, ready_s = _start_once(folder)
                found[f"{kind} page"].append(page_s)
                found[f"{kind} ready"].append(ready_s)
    for name, values in found.items():
        bar = f"  (bar: <= {BARS[name]} s)" if BARS[name] else ""
        print(
            f"{name:10}: median {statistics.median(values):.2f} s, worst {max(values):.2f} s{bar}"
        )


@contextlib.contextmanager
def data_directory() -> Iterator[Path]:
    """Yield a new data directory that another system user (PostgreSQL's, under root) may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="revenge-bench-"))
    folder.chmod(0o711)
    try:
        yield folder / "data"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def serve_environment(folder: Path, port: int) -> dict[str, str]:
    """Return the environment of a server on its own directory and port."""
    own = {"REVENGE_DATA_DIR": str(folder), "REVENGE_SERVER_PORT": str(port)}
    return {**os.environ, **own, "REVENGE_SERVER_HOST": "127.0.0.1"}


def _start_once(folder: Path) -> tuple[float, float]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    with running(python("-m", "app", "serve"), environment=serve_environment(folder, port)):
        until(lambda: status_of(url + "/health/live") == 200)
        page_s = time.perf_counter() - started
        until(lambda: status_of(url + "/health/ready") == 200)
        return page_s, time.perf_counter() - started


def until(is_so: Callable[[], bool]) -> None:
    """Ask until it is so. Raises: TimeoutError."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("the server does not come up: start it by hand and read its log")
        time.sleep(POLL_S)


if __name__ == "__main__":
    main()
