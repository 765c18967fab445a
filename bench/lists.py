"""The list of 100 films out of 100,000, asked of the real server and of bare Quart with asyncpg, in turns.

The bare one knows no account, no rights and no progress: it selects the columns of the cards and encodes them.
"""

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import asyncpg
import httpx

from app.runtime import read_runtime
from bench.measure import alternate, free_port, python, running, wait_until_open
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess, running_server, until

ITEMS = """
WITH library AS (
    INSERT INTO public.libraries (library_id, kind, name, changed_at)
    VALUES (gen_random_uuid(), 'movie', 'Bench', now()) RETURNING library_id
), drafted AS (
    SELECT gen_random_uuid() AS item_id, 'Film number ' || lpad(n::text, 6, '0') AS title, 1930 + n % 95 AS year, n
    FROM generate_series(1, $1::int) AS n
)
INSERT INTO public.items (item_id, key, kind, library_id, root_item_id, title, sort_title, year, length, unit,
                          rating_level, on_shelf, card_json, state, added_at, changed_at, version, is_picture_due)
SELECT item_id, n::text, 'movie', library_id, item_id, title, lower(title), year, 5400000, 'ms', 0, true,
       json_build_object('item_id', item_id, 'kind', 'movie', 'title', title, 'year', year,
                         'image_url', '/api/v1/images/' || item_id, 'length_ms', 5400000,
                         'added_at', '2026-01-01T00:00:00Z', 'blurhash', 'LEHV6nWB2yk8pyo0adR*.7kCMdnj'),
       'present', now(), now(), 1, false
FROM drafted, library
"""
BAR, P50_BAR_MS = 0.6, 2.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--scan", type=Path, help="a folder to scan meanwhile")
    options = parser.parse_args()
    with ExitStack() as stack:
        server = stack.enter_context(running_server(stack.enter_context(data_directory())))
        server.await_ready()
        runtime = until(lambda: read_runtime(server.data_dir / "runtime.json"), what="it runs")
        token = claim(server)
        asyncio.run(fill(runtime.database_dsn or "", options.items))
        port = free_port()
        command = python("-m", "bench.apps", "list", str(port), runtime.database_dsn or "")
        stack.enter_context(running(command))
        wait_until_open(port)
        ours = str(server.client.base_url.join("/api/v1/movies?limit=100"))
        head = f"Authorization: Bearer {token}"
        _compare({"ours": ours, "bare": f"http://127.0.0.1:{port}/list"}, head, options)
        _one_by_one(ours, head, server, options.scan)


def _compare(urls: dict[str, str], head: str, options: argparse.Namespace) -> None:
    sizes = {name: len(_get(url, head).content) for name, url in urls.items()}
    rates = alternate(
        options.rounds,
        {
            name: partial(_wrk, url, head, options.connections, options.seconds)
            for name, url in urls.items()
        },
    )
    print(
        f"list of 100: {rates['ours']:.0f}/s ({sizes['ours']} bytes), bare {rates['bare']:.0f}/s ({sizes['bare']} bytes), "
        f"ratio {rates['ours'] / rates['bare']:.2f}  (bar: >= {BAR})"
    )


def _one_by_one(url: str, head: str, server: ServerProcess, scanned: Path | None) -> None:
    idle_ms = _latencies_ms(url, head)
    p95_ms = statistics.quantiles(idle_ms, n=20)[-1]
    print(
        f"one client: p50 {statistics.median(idle_ms):.2f} ms  (bar: <= {P50_BAR_MS}), p95 {p95_ms:.2f} ms"
    )
    if scanned is None:
        return
    server.client.post(
        "/api/v1/libraries", json={"kind": "movie", "paths": [str(scanned)]}
    ).raise_for_status()
    time.sleep(1)
    busy_ms = _latencies_ms(url, head, seconds=10)
    busy_p95_ms = statistics.quantiles(busy_ms, n=20)[-1]
    state = server.client.get("/api/v1/libraries").json()["items"][-1]["scan"]
    print(
        f"while a scan runs ({state['state']}): p95 {busy_p95_ms:.2f} ms = {busy_p95_ms / p95_ms:.2f} x idle  (bar: <= 2)"
    )


def _latencies_ms(url: str, head: str, *, seconds: float = 5) -> list[float]:
    found = []
    end = time.monotonic() + seconds
    with httpx.Client(headers=dict([head.split(": ", 1)])) as client:
        client.get(url)
        while time.monotonic() < end:
            began = time.perf_counter()
            client.get(url).raise_for_status()
            found.append((time.perf_counter() - began) * 1_000)
    return found


def _get(url: str, head: str) -> httpx.Response:
    return httpx.get(url, headers=dict([head.split(": ", 1)])).raise_for_status()


def _wrk(url: str, head: str, connections: int, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", head, url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if found is None or "Non-2xx" in printed:
        sys.exit(printed)
    return float(found[1])


def claim(server: ServerProcess) -> str:
    """Make the administrator; return a token, which the client of the server carries from now on."""
    code = until(lambda: server.status()["setup_code"], what="a code")
    given = {"name": "Ada", "password": "correct horse battery", "code": code, "language": "en"}
    server.client.post("/api/v1/setup/administrator", json=given).raise_for_status()
    server.client.cookies.clear()
    wanted = {"name": given["name"], "password": given["password"], "mode": "token"}
    token = str(json.loads(server.client.post("/api/v1/auth/login", json=wanted).content)["token"])
    server.client.headers["Authorization"] = f"Bearer {token}"
    return token


async def fill(dsn: str, count: int) -> None:
    """Put a library of so many films into the database."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(ITEMS.replace("$1::int", str(count)))
    await connection.execute("VACUUM ANALYZE public.items")
    await connection.close()


if __name__ == "__main__":
    main()
