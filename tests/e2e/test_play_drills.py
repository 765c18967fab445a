"""Kills while a film plays: the player gets on, or is told what to do, and nothing is left behind.

REVENGE_DRILL_ROUNDS says how often, REVENGE_DRILL_SEED at which moments.
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.kernel.http.guard import CSRF_HEADER
from tests.helpers.kills import kill_postgres, kill_server, kill_worker
from tests.helpers.media import Recipe, make_film
from tests.helpers.playing import BROWSER
from tests.helpers.postgres import data_directory
from tests.helpers.process import ServerProcess, running_server, until

ROUNDS = int(os.environ.get("REVENGE_DRILL_ROUNDS", "1"))
SEED = int(os.environ.get("REVENGE_DRILL_SEED", str(time.time_ns() % 1_000_000)))
ADMINISTRATOR = {"name": "Ada", "password": "correct horse battery"}
FILM = Recipe(length_s=60, video_options={"preset": "ultrafast", "g": "48"})
COUNT = 31

pytestmark = pytest.mark.timeout(60 + 60 * ROUNDS)


@pytest.fixture
def films() -> Iterator[Path]:
    with data_directory() as folder:
        folder.chmod(0o755)
        make_film(folder / "Alien (1979).mkv", FILM)
        yield folder


@pytest.fixture
def chance() -> random.Random:
    sys.stdout.write(f"REVENGE_DRILL_SEED={SEED}\n")
    return random.Random(SEED)  # noqa: S311 (moments, not secrets)


class Watching:
    """A player that asks for one segment after the other and does what the answers say."""

    def __init__(self, server: ServerProcess) -> None:
        self._client = server.client
        self._number = 0
        self._asked: dict[str, Any] = {}
        self._folder = ""
        self.session_id = ""
        self.refusals: set[int] = set()

    def begin(self) -> None:
        """Open the only film."""
        (card,) = self._client.get("/api/v1/movies").json()["items"]
        movie = self._client.get(f"/api/v1/movies/{card['item_id']}").json()
        file_id = movie["versions"][0]["files"][0]["file_id"]
        self._asked = {"item_id": card["item_id"], "file_id": file_id, "max_height_px": 120}
        self._open()

    def watch(self, count: int) -> None:
        """Get some segments; every fourth time the player jumps."""
        for _ in range(count):
            self._number = (self._number + (1 if self._number % 4 else 7)) % COUNT
            until(self._gets, what=f"segment {self._number}", within_s=30)

    def _open(self) -> None:
        wanted = {"browser": BROWSER, **self._asked}
        play = self._client.post("/api/v1/playback/sessions", json=wanted).json()
        self.session_id, self._folder = play["session_id"], play["url"].rpartition("/")[0]

    def _gets(self) -> bool:
        answer = self._client.get(f"{self._folder}/v/{self._number}.m4s", timeout=30)
        if answer.status_code == httpx.codes.OK:
            return bool(answer.content)
        self.refusals.add(answer.status_code)
        assert answer.json()["detail"]
        if answer.status_code == httpx.codes.NOT_FOUND:
            self._open()
        return False


def test_a_film_plays_on_through_kills(films: Path, chance: random.Random) -> None:
    with data_directory() as data_dir:
        for number in range(ROUNDS):
            with running_server(data_dir) as server:
                server.await_ready()
                enter(server, films, is_new=number == 0)
                watching = Watching(server)
                watching.begin()
                watching.watch(3)
                kill_worker(server, chance)
                watching.watch(3)
                kill_postgres(server, chance)
                watching.watch(3)
                assert watching.refusals <= {404, 503}
                kill_server(server, chance)
        with running_server(data_dir) as server:
            server.await_ready()
            enter(server, films, is_new=False)
            left = data_dir / "storage" / "cache" / "segments"
            until(lambda: not list(left.glob("*")), what="the segments of before are gone")
            assert server.client.get("/api/v1/playback/sessions").json() == {"items": []}


def test_whoever_reads_slowly_does_not_hold_the_stop(films: Path) -> None:
    with (films / "Alien (1979).mkv").open("r+b") as film:
        film.truncate(64 * 1024**2)
    with data_directory() as data_dir, running_server(data_dir) as server:
        server.await_ready()
        enter(server, films, is_new=True)
        (card,) = server.client.get("/api/v1/movies").json()["items"]
        movie = server.client.get(f"/api/v1/movies/{card['item_id']}").json()
        url = movie["versions"][0]["files"][0]["content_url"]
        with server.client.stream("GET", url) as film:
            pieces = film.iter_raw(1)
            next(pieces)
            server.control.post("/shutdown").raise_for_status()
            assert server.process.wait(30) == 0
        log = (data_dir / "logs" / "revenge.log").read_text(encoding="utf-8")
        assert "stop forced" not in log


def enter(server: ServerProcess, films: Path, *, is_new: bool) -> None:
    """Sign in; claim a new server and wait for its film."""
    if is_new:
        claim = ADMINISTRATOR | {"code": server.status()["setup_code"], "language": "en"}
        session = server.client.post("/api/v1/setup/administrator", json=claim).json()
    else:
        session = server.client.post("/api/v1/auth/login", json=ADMINISTRATOR).json()
    server.client.headers[CSRF_HEADER] = session["csrf_token"]
    if is_new:
        library = {"kind": "movie", "paths": [str(films)]}
        assert server.client.post("/api/v1/libraries", json=library).is_success
        until(lambda: server.client.get("/api/v1/movies").json()["items"], what="the film is there")
