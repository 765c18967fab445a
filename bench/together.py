"""Films that play, a scan and somebody who browses, all at once: does the stream stall, how long do lists take?

A round measures lists on an idle server, then beside films that play (as they lie, repackaged, made anew), then beside
those and a scan, then beside the scan alone. The ratios of one round share the weather of the machine.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

from bench.lists import claim, fill
from bench.scan import _make_films
from tests.helpers.hls import read_playlist
from tests.helpers.media import Recipe, make_film
from tests.helpers.playing import BROWSER
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess, database_dsn, running_server, until

LENGTH_S = 120.0
WATCHED = {
    "as it lies": ("Lies (2001).mp4", Recipe(length_s=LENGTH_S, width_px=640, height_px=360)),
    "repackaged": ("Pack (2002).mkv", Recipe(length_s=LENGTH_S, width_px=640, height_px=360)),
    "made anew": ("Anew (2003).mkv", Recipe(length_s=LENGTH_S, video="libx265", audio="ac3")),
}
PAGES = ("limit=100", "limit=100&sort=added", "limit=50&offset=5000", "limit=20")
PAUSE_S = 0.02
BUFFER_S = 2.0
AHEAD_S = 10.0
PIECE_BYTES = 64 * 1024
BAR = 2.0


class Viewer:
    """A player: it has two seconds in hand, then everything has to be there when its time comes."""

    def __init__(self) -> None:
        self.stall_count = 0
        self.least_margin_s = float("inf")
        self.seen_s = 0.0
        self.is_over = False
        self._begun_at_s: float | None = None

    def begin(self) -> None:
        """Begin the film, perhaps anew."""
        self._begun_at_s = None

    def has(self, from_s: float, until_s: float) -> None:
        """Note that a piece of the film is there; wait where it is far ahead."""
        now_s = time.monotonic()
        if self._begun_at_s is None:
            self._begun_at_s = now_s + BUFFER_S
        margin_s = self._begun_at_s + from_s - now_s
        self.least_margin_s = min(self.least_margin_s, margin_s)
        if margin_s < 0:
            self.stall_count += 1
            self._begun_at_s -= margin_s
        self.seen_s += until_s - from_s
        while self._begun_at_s + until_s - time.monotonic() > AHEAD_S and not self.is_over:
            time.sleep(0.05)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--films", type=int, default=10_000, help="to scan")
    parser.add_argument("--listed", type=int, default=10_000, help="that are known already")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(data_directory())
        _make_films(folder / "scanned", options.films)
        (folder / "watched").mkdir()
        for name, recipe in WATCHED.values():
            make_film(folder / "watched" / name, recipe)
        server = stack.enter_context(running_server(stack.enter_context(data_directory())))
        server.await_ready()
        claim(server)
        asyncio.run(fill(database_dsn(server.data_dir), options.listed))
        watched = Scan(server, _add(server, folder / "watched"))
        until(lambda: watched.now["state"] == "done", what="the films are there")
        newest = server.client.get("/api/v1/movies?sort=added").json()["items"]
        cards = {card["title"]: card for card in newest}
        films = [_asked(server, cards[name.split()[0]]) for name, _ in WATCHED.values()]
        ratios = [_round(server, films, folder, options) for _ in range(options.rounds)]
        print(
            f"p95 beside films and a scan: {statistics.median(ratios):.2f} x idle  (bar: <= {BAR})"
        )


def _round(
    server: ServerProcess, films: list[Any], folder: Path, options: argparse.Namespace
) -> float:
    idle_ms = _latencies_ms(server, options.seconds)
    _print("idle", idle_ms, idle_ms)
    with _playing(server, films) as viewers:
        _print("beside films", _latencies_ms(server, options.seconds), idle_ms)
        with _scanning(server, folder / "scanned") as scan:
            both_ms = _latencies_ms(server, options.seconds, scan)
            _print("beside films and a scan", both_ms, idle_ms, scan)
    for how, viewer in zip(WATCHED, viewers, strict=True):
        in_hand = f"never less than {viewer.least_margin_s:.2f} s in hand"
        print(f"    {how}: {viewer.stall_count} stalls in {viewer.seen_s:.0f} s, {in_hand}")
    until(lambda: not _gives_way(server), what="the films are forgotten", within_s=120)
    with _scanning(server, folder / "scanned") as scan:
        _print("beside a scan", _latencies_ms(server, options.seconds, scan), idle_ms, scan)
    return _p95(both_ms) / _p95(idle_ms)


class Scan:
    """A scan that runs."""

    def __init__(self, server: ServerProcess, library_id: str) -> None:
        self._server = server
        self._library_id = library_id
        self._begun_at_s = time.monotonic()

    @property
    def now(self) -> Any:
        """What the server says of it."""
        url = f"/api/v1/libraries/{self._library_id}"
        return self._server.client.get(url).raise_for_status().json()["scan"]

    @property
    def rate(self) -> float:
        """Files a second until now."""
        return float(self.now["done_count"]) / (time.monotonic() - self._begun_at_s)


@contextmanager
def _scanning(server: ServerProcess, folder: Path) -> Iterator[Scan]:
    """Scan a folder as a new library, which is gone afterwards."""
    library_id = _add(server, folder)
    scan = Scan(server, library_id)
    until(lambda: scan.now["done_count"] > 0 or None, what="it reads files", within_s=120)
    yield scan
    server.client.delete(f"/api/v1/libraries/{library_id}", timeout=120).raise_for_status()
    time.sleep(3)  # PostgreSQL writes down what was removed


@contextmanager
def _playing(server: ServerProcess, films: list[Any]) -> Iterator[list[Viewer]]:
    """Play films at the speed of life, each on a thread."""
    viewers = [Viewer() for _ in films]
    with ThreadPoolExecutor(len(films)) as threads:
        watching = [
            threads.submit(_watch, server, film, viewer)
            for film, viewer in zip(films, viewers, strict=True)
        ]
        try:
            time.sleep(BUFFER_S)
            yield viewers
        finally:
            for viewer in viewers:
                viewer.is_over = True
    for one in watching:
        one.result()  # raises what went wrong


def _watch(server: ServerProcess, film: Any, viewer: Viewer) -> None:
    with httpx.Client(base_url=server.client.base_url, headers=server.client.headers) as client:
        client.timeout = httpx.Timeout(60)
        answer = client.post("/api/v1/playback/sessions", json={"browser": BROWSER, **film})
        play = answer.raise_for_status().json()
        watch = _watch_segments if play["is_hls"] else _watch_file
        while not viewer.is_over:
            viewer.begin()
            watch(client, play["url"], viewer)
        client.delete(f"/api/v1/playback/sessions/{play['session_id']}")


def _watch_file(client: httpx.Client, url: str, viewer: Viewer) -> None:
    with client.stream("GET", url, headers={"Range": "bytes=0-"}) as answer:
        size_bytes, read_bytes = int(answer.headers["Content-Length"]), 0
        for piece in answer.iter_bytes(PIECE_BYTES):
            begun_bytes, read_bytes = read_bytes, read_bytes + len(piece)
            viewer.has(begun_bytes / size_bytes * LENGTH_S, read_bytes / size_bytes * LENGTH_S)
            if viewer.is_over:
                return


def _watch_segments(client: httpx.Client, url: str, viewer: Viewer) -> None:
    base = url.rpartition("/")[0]
    master = read_playlist(client.get(url).raise_for_status().text)
    names = [*master.uris, *(one["URI"] for one in master.media if "URI" in one)]
    tracks = {name: read_playlist(client.get(f"{base}/{name}").text) for name in names}
    at_s = 0.0
    [first, *_] = tracks.values()
    for number, length in enumerate(first.lengths_s):
        for name, playlist in tracks.items():
            if number < len(playlist.uris):
                folder = f"{base}/{name.rpartition('/')[0]}"
                client.get(f"{folder}/{playlist.uris[number]}").raise_for_status()
        viewer.has(at_s, at_s + length)
        at_s += length
        if viewer.is_over:
            return


def _latencies_ms(server: ServerProcess, seconds: float, scan: Scan | None = None) -> list[float]:
    """Ask for lists as long, or until the scan is done."""
    found = []
    end = time.monotonic() + seconds
    with httpx.Client(base_url=server.client.base_url, headers=server.client.headers) as client:
        for number, page in enumerate(cycle(PAGES)):
            if time.monotonic() > end:
                break
            if scan is not None and number % 50 == 0 and scan.now["state"] != "running":
                break
            began = time.perf_counter()
            client.get(f"/api/v1/movies?{page}").raise_for_status()
            found.append((time.perf_counter() - began) * 1_000)
            time.sleep(PAUSE_S)
    return found


def _print(
    what: str, found_ms: list[float], idle_ms: list[float], scan: Scan | None = None
) -> None:
    rate = f"; {scan.rate:.0f} files/s" if scan else ""
    print(
        f"{what}: p50 {statistics.median(found_ms):.1f} ms, p95 {_p95(found_ms):.1f} ms = "
        f"{_p95(found_ms) / _p95(idle_ms):.2f} x idle{rate}  (load {os.getloadavg()[0]:.1f})",
        flush=True,
    )


def _p95(found_ms: list[float]) -> float:
    return statistics.quantiles(found_ms, n=20)[-1]


def _gives_way(server: ServerProcess) -> bool:
    return bool(server.client.get("/api/v1/jobs/overview").json()["gives_way"])


def _asked(server: ServerProcess, card: Any) -> dict[str, str]:
    """Return what a player asks with for the only file of a film."""
    movie = server.client.get(f"/api/v1/movies/{card['item_id']}").json()
    file_id = movie["versions"][0]["files"][0]["file_id"]
    return {"item_id": card["item_id"], "file_id": file_id}


def _add(server: ServerProcess, folder: Path) -> str:
    new = {"kind": "movie", "paths": [str(folder)]}
    answer = server.client.post("/api/v1/libraries", json=new).raise_for_status()
    return str(answer.json()["library_id"])


if __name__ == "__main__":
    main()
