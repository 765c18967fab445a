"""A trivial typed route against the same answer from bare Quart, both on Hypercorn: answers a second."""

import argparse
import asyncio
import re
import shutil
import subprocess
import time
from contextlib import ExitStack
from functools import partial

from bench.measure import alternate, free_port, python, running, status_of, wait_until_open

PATH = "/api/v1/greeting"
BAR = 0.8


def main() -> None:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    load = _wrk if shutil.which("wrk") else _own_load
    with ExitStack() as stack:
        urls = {}
        for name in ("bare", "typed"):
            port = free_port()
            stack.enter_context(running(python("-m", "bench.apps", name, str(port))))
            wait_until_open(port)
            urls[name] = f"http://127.0.0.1:{port}{PATH}"
            if (status := status_of(urls[name])) != 200:
                raise SystemExit(f"{name} answers {status}")
            load(urls[name], options.connections, 1)
        rates = alternate(
            options.rounds,
            {
                name: partial(load, url, options.connections, options.seconds)
                for name, url in urls.items()
            },
        )
    ratio = rates["typed"] / rates["bare"]
    print(
        f"typed {rates['typed']:.0f}/s, bare Quart {rates['bare']:.0f}/s, ratio {ratio:.2f}  (bar: >= {BAR})"
    )


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
