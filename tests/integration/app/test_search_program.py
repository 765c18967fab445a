"""Our own search server under the supervisor: started, killed, frozen, unwell, orphaned. A stand-in, or the real one where it is named."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest
from msgspec.structs import replace

from app.paths import Paths, find_paths
from app.search import open_search
from app.supervisor.program import ProgramState
from app.supervisor.search import meaning_of
from server.kernel.config import Config
from server.kernel.search import SearchAddress, SearchNotReady, SearchServer, SearchUnreachable
from server.kernel.secret import Secret, SecretUrl
from tests.helpers.process import (
    ServerProcess,
    assert_no_orphan,
    processes_of,
    run_word,
    running_server,
    until,
)
from tests.helpers.typesense import REAL, stand_in
from tests.helpers.until import until as soon
from tests.helpers.web import default_config

KEY = "a-key-of-this-installation"


class Running:
    """What the supervisor says, and the address."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "search"
        self.states: list[ProgramState] = []
        self.address: SearchAddress | None = None

    @property
    def last(self) -> ProgramState:
        return self.states[-1]

    def is_running(self) -> bool:
        return bool(self.states) and self.last.state == "running"

    async def check(self) -> None:
        assert self.address is not None
        async with aclosing(SearchServer(self.address)) as server:
            await server.check()

    def become(self, sign: str, *, is_so: bool = True) -> None:
        if is_so:
            (self.folder / sign).touch()
        else:
            (self.folder / sign).unlink()


def paths_in(data_dir: Path, program: str | Path) -> Paths:
    (data_dir / "logs").mkdir(exist_ok=True)
    return find_paths({"REVENGE_DATA_DIR": str(data_dir), "REVENGE_TYPESENSE_BIN": str(program)})


@asynccontextmanager
async def opened(
    data_dir: Path, *, program: str | Path | None = None, config: Config | None = None
) -> AsyncIterator[Running]:
    running = Running(data_dir)
    paths = paths_in(data_dir, stand_in(data_dir) if program is None else program)
    async with open_search(
        paths, config or default_config(), KEY, running.states.append
    ) as address:
        running.address = address
        yield running


EITHER = pytest.mark.parametrize(
    "program",
    [None, pytest.param(REAL, marks=pytest.mark.skipif(not REAL, reason="no Typesense is named"))],
    ids=["stand-in", "Typesense"],
)


@EITHER
async def test_it_starts_serves_and_stops(data_dir: Path, program: str | None) -> None:
    async with opened(data_dir, program=program) as search:
        await soon(search.is_running, within_s=60)
        await search.check()
        assert (search.folder.stat().st_mode & 0o777) == 0o700
        assert ((search.folder / "typesense.ini").stat().st_mode & 0o777) == 0o600
        (only,) = processes_of(data_dir)
        assert KEY not in " ".join(only.cmdline())
        assert {one.laddr.ip for one in only.net_connections()} == {"127.0.0.1"}
        if os.geteuid() == 0:
            assert only.username() == "revenge"
    assert [state.state for state in search.states] == ["starting", "running", "stopped"]
    assert_no_orphan(data_dir)


@EITHER
async def test_a_killed_one_is_back_and_says_why(data_dir: Path, program: str | None) -> None:
    async with opened(data_dir, program=program) as search:
        await soon(search.is_running, within_s=60)
        os.kill(search.last.pid or 0, signal.SIGKILL)
        await soon(lambda: search.last.state == "restarting")
        assert search.last.cause == "search.killed"
        assert search.last.next_try_at is not None
        assert "started again by itself" in (search.last.reason or "")
        await soon(search.is_running, within_s=60)
        assert search.last.restart_count == 1
        await search.check()


async def test_one_that_is_not_ready_for_a_while_goes_on(data_dir: Path) -> None:
    async with opened(data_dir) as search:
        await soon(search.is_running)
        search.become("unwell")
        with pytest.raises(SearchNotReady):
            await search.check()
        search.become("unwell", is_so=False)
        await search.check()
        assert search.last.restart_count == 0


async def test_one_that_stays_not_ready_is_started_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.supervisor.search._CHECK_EVERY_S", 0.01)
    monkeypatch.setattr("app.supervisor.search._MISSES_MAX", 2)
    async with opened(data_dir) as search:
        await soon(search.is_running)
        search.become("unwell")
        await soon(lambda: search.last.restart_count == 1)
        search.become("unwell", is_so=False)
        await soon(search.is_running)


async def test_one_that_takes_long_to_start_is_not_ended_for_it(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.supervisor.search._CHECK_EVERY_S", 0.01)
    monkeypatch.setattr("app.supervisor.search._MISSES_MAX", 1)
    monkeypatch.setattr("app.supervisor.search._BETWEEN_S", 0.01)
    (data_dir / "search").mkdir()
    (data_dir / "search" / "unwell").touch()
    log = data_dir / "logs" / "search.log"
    async with opened(data_dir) as search:
        await soon(lambda: log.exists() and log.read_text().count("/health") > 20, within_s=30)
        assert [state.state for state in search.states] == ["starting"]
        search.become("unwell", is_so=False)
        await soon(search.is_running)


async def test_a_frozen_one_is_ended_and_started_again(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.supervisor.program._CHECK_S", 0.5)
    monkeypatch.setattr("app.supervisor.search._CHECK_EVERY_S", 0.1)
    monkeypatch.setattr("app.supervisor.search._MISSES_MAX", 2)
    async with opened(data_dir) as search:
        await soon(search.is_running)
        pid = search.last.pid or 0
        os.kill(pid, signal.SIGSTOP)
        await soon(lambda: search.is_running() and search.last.pid != pid, within_s=30)


async def test_what_keeps_it_from_starting_is_said(data_dir: Path) -> None:
    async with opened(data_dir) as search:
        await soon(search.is_running)
        search.become("full")
        os.kill(search.last.pid or 0, signal.SIGKILL)
        await soon(lambda: search.last.cause == "search.disk_full")
        assert search.last.state in {"restarting", "starting"}
        with pytest.raises(SearchUnreachable):
            await search.check()
        search.become("full", is_so=False)
        await soon(search.is_running, within_s=30)


async def test_what_a_killed_server_left_is_ended_by_the_next(data_dir: Path) -> None:
    async with opened(data_dir) as first:
        await soon(first.is_running)
        async with opened(data_dir) as second:
            await soon(second.is_running)
            assert [one.pid for one in processes_of(data_dir)] == [second.last.pid]


async def test_where_it_is_not_installed_there_is_none(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(data_dir))
    async with opened(data_dir, program="") as search:
        assert (search.address, search.states) == (None, [])


async def test_a_program_that_is_not_there_is_said(data_dir: Path) -> None:
    async with opened(data_dir, program=data_dir / "nothing") as search:
        await soon(lambda: bool(search.states) and search.last.state == "stopped")
        assert search.last.cause == "search.cannot_run"
        with pytest.raises(SearchUnreachable):
            await search.check()


async def test_a_place_that_cannot_be_made_is_no_reason_not_to_start(data_dir: Path) -> None:
    (data_dir / "search").write_text("in the way")
    async with opened(data_dir) as search:
        assert search.address is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")
async def test_a_user_that_cannot_be_made_is_no_reason_not_to_start(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.supervisor.account.USER_NAME", "no name:")
    async with opened(data_dir) as search:
        assert search.address is None


@pytest.mark.parametrize("key", [None, Secret("k")])
async def test_an_external_one_is_taken_as_it_is(data_dir: Path, key: Secret | None) -> None:
    url = SecretUrl("https://u:p@192.0.2.1/typesense")
    external = replace(default_config().search, url=url, api_key=key)
    async with opened(data_dir, config=replace(default_config(), search=external)) as search:
        assert search.address == SearchAddress(url=url, key=key)
        assert search.states == []


async def test_it_can_be_switched_off(data_dir: Path) -> None:
    off = replace(default_config().search, own=False)
    async with opened(data_dir, config=replace(default_config(), search=off)) as search:
        assert search.address is None


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (-9, "", "search.killed"),
        (-15, "", "search.killed"),
        (1, "IO error: No space left on device: While appending", "search.disk_full"),
        (1, "IO error: While open a file: Permission denied", "search.no_right"),
        (-6, "terminate called after throwing an instance of 'std::bad_alloc'", "search.no_memory"),
        (1, "Cannot allocate memory", "search.no_memory"),
        (-4, "", "search.ended"),
    ],
)
def test_an_end_has_a_meaning(code: int, said: str, expected: str) -> None:
    assert meaning_of(code, said).code == expected


def test_a_wrong_key_is_said_and_no_key_is_told(data_dir: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Picky) as external:
        Thread(target=external.serve_forever).start()
        key_file = data_dir / "search.key"
        key_file.write_text("hunter2\n")
        named = {
            "REVENGE_SEARCH_URL": f"http://127.0.0.1:{external.server_port}",
            "REVENGE_SEARCH_API_KEY_FILE": str(key_file),
        }
        try:
            with running_server(data_dir, port=0, **named) as server:
                server.await_ready()
                part = until(lambda: part_of(server, "search.refused"), what="it was asked")
                assert "search.api_key" in part["reason"]
                status = server.status()
                assert (status["health"], status["search"]) == ("degraded", None)
                assert server.client.get("/health/ready").status_code == 200
                told = server.control.get("/diagnostics").text + server.control.get("/logs").text
            told += run_word(data_dir, "config", "show", **named).stdout
        finally:
            external.shutdown()
    told += (data_dir / "logs" / "revenge.log").read_text()
    assert "search.api_key = ***" in told
    assert "hunter2" not in told


def part_of(server: ServerProcess, code: str | None) -> dict[str, Any] | None:
    """Return what the server says of the search server, once it says that."""
    parts = server.client.get("/health").json()["parts"]
    part = next(one for one in parts if one["name"] == "search")
    return part if part["is_initialised"] and part["code"] == code else None


class Picky(BaseHTTPRequestHandler):
    """Is well, and takes no key."""

    def do_GET(self) -> None:
        is_health = self.path == "/health"
        self.send_response(200 if is_health else 401)
        self.end_headers()
        self.wfile.write(b'{"ok":true}' if is_health else b"{}")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_the_server_outlives_its_search_server_and_leaves_no_orphan(data_dir: Path) -> None:
    with running_server(data_dir, REVENGE_TYPESENSE_BIN=str(stand_in(data_dir))) as server:
        server.await_ready()

        def pid() -> int | None:
            return (server.status()["search"] or {}).get("pid")

        for _ in range(3):
            alive = until(pid, what="the search server runs")
            os.kill(alive, signal.SIGKILL)
            until(lambda killed=alive: pid() != killed, what="its end is seen")  # type: ignore[misc]
            assert server.client.get("/health/ready").status_code == 200
        until(lambda: part_of(server, None), what="it is well again")
        family = psutil.Process(server.pid).children(recursive=True)
        server.process.kill()
        server.process.wait(10)
        assert_no_orphan(data_dir)
        assert psutil.wait_procs(family, timeout=20)[1] == []
