"""Kills during scans of many real films: in the end the rows are those that an undisturbed server writes.

REVENGE_DRILL_FILES says how many files, REVENGE_DRILL_ROUNDS how often a worker, PostgreSQL and the server are killed,
REVENGE_DRILL_SEED at which moments.
"""

import asyncio
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from server.kernel.http.guard import CSRF_HEADER
from server.kernel.storage import Storage
from tests.helpers.film_library import SHELF, make_library
from tests.helpers.kills import kill_postgres, kill_server, kill_worker
from tests.helpers.postgres import data_directory
from tests.helpers.process import (
    ServerProcess,
    database_dsn,
    running_server,
    until,
)
from tests.helpers.rows import Rows, differences, rows_of

FILES = int(os.environ.get("REVENGE_DRILL_FILES", "300"))
ROUNDS = int(os.environ.get("REVENGE_DRILL_ROUNDS", "1"))
SEED = int(os.environ.get("REVENGE_DRILL_SEED", str(time.time_ns() % 1_000_000)))
SETTLED_S = 120 + FILES / 5
MOVED_SHARE = 20
ADMINISTRATOR = {"name": "Ada", "password": "correct horse battery"}

OPEN = """
SELECT (SELECT count(*) FROM scans WHERE state IN ('waiting', 'running'))
     + (SELECT count(*) FROM jobs WHERE status IN ('queued', 'picked'))
"""
# A job whose runner died three times before anything was done is held, as it should be.
STATE = """
SELECT (SELECT count(*) FROM jobs j
        WHERE NOT EXISTS (SELECT FROM job_log l WHERE l.job_id = j.id AND l.traceback ->> 'exception_type' = 'JobLost')),
       (SELECT count(*) FROM items WHERE is_picture_due AND state = 'present'),
       (SELECT coalesce(error_code, state) FROM scans ORDER BY started_at DESC, scan_id DESC LIMIT 1)
"""
SETTLED = (0, 0, "done")
BEGIN_ALL = """
INSERT INTO progress (profile_id, item_id, position, fraction, last_at)
SELECT p.profile_id, i.item_id, row_number() OVER (ORDER BY i.item_id), 0.5, now()
FROM items i, shared.profiles p WHERE i.state = 'present'
"""
BEGUN = """
SELECT f.fingerprint, p.position
FROM progress p JOIN items i USING (item_id) JOIN item_files u USING (item_id) JOIN files f USING (file_id)
WHERE u.role = 'media' AND i.state = 'present' AND f.state = 'present'
ORDER BY f.fingerprint
"""

type Owner = "asyncpg.Connection[Any]"

pytestmark = pytest.mark.timeout(4 * SETTLED_S + 60 * ROUNDS)


@pytest.fixture
def films() -> Iterator[Path]:
    with data_directory() as folder:
        folder.chmod(0o755)
        make_library(folder, file_count=FILES)
        yield folder


@pytest.fixture
def chance() -> random.Random:
    sys.stdout.write(f"REVENGE_DRILL_SEED={SEED}\n")
    return random.Random(SEED)  # noqa: S311 (moments, not secrets)


def test_a_scan_that_is_killed_at_any_moment_writes_the_same_rows(
    films: Path, chance: random.Random
) -> None:
    began_s = time.monotonic()
    expected = undisturbed(films)
    life_s = 2 * (time.monotonic() - began_s) / ROUNDS
    with data_directory() as data_dir:
        for number in range(ROUNDS):
            with running_server(data_dir) as server:
                server.await_ready()
                if number == 0:
                    add_library(server, films, is_watched=False)
                kill_each(server, chance, within_s=life_s)
        with running_server(data_dir) as server:
            server.await_ready()
            assert end_of(server) == SETTLED
            assert differences(ask(server, rows_of), expected) == {}
        assert_no_picture_is_left(data_dir)


def test_films_that_move_between_kills_keep_their_progress(
    films: Path, chance: random.Random
) -> None:
    def move() -> None:
        move_some(films, chance)

    with data_directory() as data_dir:
        with running_server(data_dir) as server:
            server.await_ready()
            add_library(server, films, is_watched=True)
            assert end_of(server) == SETTLED
            ask(server, lambda owner: owner.execute(BEGIN_ALL))
            begun = ask(server, lambda owner: owner.fetch(BEGUN))
        for _ in range(ROUNDS):
            with running_server(data_dir) as server:
                server.await_ready()
                kill_each(server, chance, within_s=10, before_each=move)
            move()
        expected = undisturbed(films)
        with running_server(data_dir) as server:
            server.await_ready()
            scan(server)
            assert end_of(server) == SETTLED
            assert differences(ask(server, rows_of), expected) == {}
            assert ask(server, lambda owner: owner.fetch(BEGUN)) == begun
        assert_no_picture_is_left(data_dir)


def undisturbed(films: Path) -> Rows:
    """Return the rows that a new server writes in peace."""
    with data_directory() as data_dir, running_server(data_dir) as server:
        server.await_ready()
        add_library(server, films, is_watched=False)
        assert end_of(server) == SETTLED
        return ask(server, rows_of)


def add_library(server: ServerProcess, films: Path, *, is_watched: bool) -> None:
    """Claim a new server and have it scan the films; nothing but that begins a scan of an unwatched library."""
    claim = ADMINISTRATOR | {"code": server.status()["setup_code"], "language": "en"}
    session = server.client.post("/api/v1/setup/administrator", json=claim).json()
    server.client.headers[CSRF_HEADER] = session["csrf_token"]
    library = {"kind": "movie", "paths": [str(films)]}
    made = server.client.post("/api/v1/libraries", json=library).json()
    if not is_watched:
        url = f"/api/v1/libraries/{made['library_id']}"
        changed = server.client.patch(url, json={"is_watched": False, "scans_nightly": False})
        assert changed.is_success


def scan(server: ServerProcess) -> None:
    """Have everything scanned once more."""
    session = server.client.post("/api/v1/auth/login", json=ADMINISTRATOR).json()
    server.client.headers[CSRF_HEADER] = session["csrf_token"]
    for library in server.client.get("/api/v1/libraries").json()["items"]:
        url = f"/api/v1/libraries/{library['library_id']}/scan"
        assert server.client.post(url).is_success


def end_of(server: ServerProcess) -> tuple[Any, ...]:
    """Wait until nothing is being done; return how many jobs and pictures are left, and how the last scan ended.

    Who is told that a scan was cut off too often starts it again.
    """
    state = settled(server)
    if state[-1] == "scan.interrupted":
        sys.stdout.write("a scan was held and started again\n")
        scan(server)
        state = settled(server)
    return state


def settled(server: ServerProcess) -> tuple[Any, ...]:
    until(
        lambda: ask(server, lambda owner: owner.fetchval(OPEN)) == 0,
        what="all is done",
        within_s=SETTLED_S,
    )
    (state,) = ask(server, lambda owner: owner.fetch(STATE))
    return tuple(state)


def ask[Answer](server: ServerProcess, question: Callable[[Owner], Awaitable[Answer]]) -> Answer:
    """Return what the database says, once it is there."""

    async def asked() -> tuple[Answer]:
        dsn = database_dsn(server.data_dir)
        owner = await asyncpg.connect(dsn, server_settings={"search_path": "public"})
        try:
            return (await question(owner),)
        finally:
            await owner.close()

    def tried() -> tuple[Answer] | None:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return asyncio.run(asked())
        return None

    (answer,) = until(tried, what="the database answers")
    return answer


def kill_each(
    server: ServerProcess,
    chance: random.Random,
    *,
    within_s: float,
    before_each: Callable[[], None] = lambda: None,
) -> None:
    """Kill a worker and PostgreSQL in any order, then the server; nothing of it may be left."""
    for kill in (*chance.sample((kill_worker, kill_postgres), 2), kill_server):
        time.sleep(chance.uniform(0, within_s / 3))
        before_each()
        assert server.process.poll() is None
        kill(server, chance)


def move_some(films: Path, chance: random.Random) -> None:
    """Rename some films, give some of the shelf a folder of their own, and bring whole folders elsewhere."""
    shelved = sorted((films / SHELF).iterdir())
    homes = sorted(path for path in films.glob("**/Film *") if path.is_dir())
    for film in chance.sample(shelved, len(shelved) // MOVED_SHARE):
        title = f"{chance.randrange(10**6)} Days (1950)"
        place = films / chance.choice([SHELF, title])
        place.mkdir(exist_ok=True)
        film.rename(place / f"{title}.mp4")
    for home in chance.sample(homes, len(homes) // MOVED_SHARE):
        place = films / f"Room {chance.randrange(100)}"
        place.mkdir(exist_ok=True)
        home.rename(place / home.name)


def assert_no_picture_is_left(data_dir: Path) -> None:
    """Let a new start sweep what is hours old: every picture has its row then, and every row its picture."""
    folder = Storage(data_dir / "storage").images_dir
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))
    with running_server(data_dir) as server:
        server.await_ready()
        rows = ask(server, lambda owner: owner.fetch("SELECT image_id FROM images"))
        known = sorted(UUID(int=row["image_id"].int).hex for row in rows)
        until(
            lambda: sorted(path.stem for path in folder.rglob("*") if path.is_file()) == known,
            what="every picture has a row",
        )
