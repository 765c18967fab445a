"""A trivial typed route against the same answer from bare Quart, both on Hypercorn: answers a second."""

import argparse
import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import psutil

from bench.measure import alternate, free_port, python, running, status_of, wait_until_open

PATH = "/api/v1/greeting"
BAR = 0.8
MEASURING_BAR = 0.03
SHARES = (10, 100)


def main() -> None:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    load = _wrk if shutil.which("wrk") else _own_load
    with ExitStack() as stack:
        measured: dict[str, Callable[[], float]] = {}
        collector, _ = _serving(stack, "collector")
        apps: dict[str, tuple[str, ...]] = {
            name: (name,) for name in ("bare", "unmeasured", "typed")
        }
        apps |= {f"traced {share}": ("traced", collector, f"{share}") for share in SHARES}
        for name, (app, *words) in apps.items():
            address, process = _serving(stack, app, *words)
            url = f"{address}{PATH}"
            if (status := status_of(url)) != 200:
                raise SystemExit(f"{name} answers {status}")
            load(url, options.connections, 1)
            ask = partial(load, url, options.connections, options.seconds)
            measured |= {
                name: ask,
                f"cost of {name}": partial(_cost, process, ask, options.seconds),
            }
        found = alternate(options.rounds, measured)
    ratio = found["typed"] / found["bare"]
    print(
        f"typed {found['typed']:.0f}/s, bare Quart {found['bare']:.0f}/s, ratio {ratio:.2f}  (bar: >= {BAR})"
    )
    typed_us, unmeasured_us, bare_us = (
        found[f"cost of {name}"] * 1e6 for name in ("typed", "unmeasured", "bare")
    )
    print(
        f"an answer takes {typed_us:.0f} us of the processor, {unmeasured_us:.0f} us unmeasured"
        f" ({typed_us / unmeasured_us - 1:+.1%}, bar: <= {MEASURING_BAR:.0%}), {bare_us:.0f} us bare"
    )
    for share in SHARES:
        traced_us = found[f"cost of traced {share}"] * 1e6
        print(f"{share} % traced: {traced_us:.0f} us ({traced_us / typed_us - 1:+.1%})")


def _serving(stack: ExitStack, app: str, *words: str) -> tuple[str, psutil.Process]:
    """Serve an application until the end; return its address and process."""
    port = free_port()
    command = python("-m", "bench.apps", app, str(port), *words)
    process = stack.enter_context(running(command))
    wait_until_open(port)
    return f"http://127.0.0.1:{port}", process


def _cost(process: psutil.Process, ask: Callable[[], float], seconds: int) -> float:
    """Return the server's processor seconds an answer: steadier than answers a second on a busy machine."""
    before = process.cpu_times()
    count = ask() * seconds
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / count


def _wrk(url: str, connections: int, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if found is None or "Non-2xx" in printed:
        raise SystemExit(printed)
    return float(found[1])


def _own_load(url: str, connections: int, seconds: int) -> float:
    """Stand in for wrk: fewer answers a second, the same ratio."""
    return asyncio.run(_ask_for(url, connections, seconds))


async def _ask_for(url: str, connections: int, seconds: int) -> float:
    authority, _, path = url.removeprefix("http://").partition("/")
    host, _, port = authority.partition(":")
    head = f"GET /{path} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode()
    end = time.perf_counter() + seconds

    async def ask() -> int:
        count = 0
        reader, writer = await asyncio.open_connection(host, int(port))
        while time.perf_counter() < end:
            writer.write(head)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", answer)
            await reader.readexactly(int(length[1]) if length else 0)
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(ask() for _ in range(connections)))) / seconds


if __name__ == "__main__":
    main()
