import asyncio
import base64
import hashlib
import re
from typing import Any

import msgspec
import pytest

from app.control.app import Control
from app.control.routes import Routes
from app.diagnostics import Diagnostics
from app.failure import Failure
from app.front import Front
from app.paths import find_paths
from app.state import State
from app.status_page import POLICY, status_page
from app.supervisor.program import ProgramState
from server.kernel.config import Config
from server.kernel.log import Tail
from server.kernel.phases import Phase
from server.kernel.settings import Live

TOKEN = "secret-token"


def state(phase: Phase | None = None) -> State:
    made = State(host="127.0.0.1", address="http://127.0.0.1:8080/", version="1.2.3")
    if phase is not None:
        made.report(phase)
    return made


async def ask(
    app: Any, path: str, *, method: str = "GET", query: str = "", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    lines = [
        (key.lower().replace("_", "-").encode(), value.encode("latin-1"))
        for key, value in headers.items()
    ]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": lines,
    }
    await app(scope, receive, send)
    return (
        sent[0]["status"],
        {k.decode(): v.decode() for k, v in sent[0]["headers"]},
        sent[1]["body"],
    )


async def test_live_is_always_well() -> None:
    assert (await ask(Front(state()), "/health/live"))[0] == 200


@pytest.mark.parametrize("path", ["/health", "/health/startup"])
async def test_startup_tells_how_far_it_is(path: str) -> None:
    front = Front(state(Phase(name="migrate", done_count=3, total_count=17)))
    status, headers, body = await ask(front, path)
    assert status == 503
    assert headers["retry-after"] == "2"
    assert msgspec.json.decode(body) == {
        "phase": "migrate", "done_count": 3, "total_count": 17, "is_ready": False, "error": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de-CH, en;q=0.1", "Der Server startet"),
        ("en", "The server is starting"),
        ("fr", "The server is starting"),
        ("", "The server is starting"),
    ],
)
async def test_the_page_speaks_the_language_of_the_browser(language: str, text: str) -> None:
    status, headers, body = await ask(
        Front(state()), "/", accept="text/html", accept_language=language
    )
    assert status == 503
    assert text in body.decode()
    assert headers["cache-control"] == "no-store"


async def test_the_head_of_the_page_has_no_body() -> None:
    status, headers, body = await ask(Front(state()), "/", method="HEAD", accept="text/html")
    assert (status, body) == (503, b"")
    assert int(headers["content-length"]) > 1000


async def test_a_failed_start_is_told_to_whoever_looks_and_the_page_stays() -> None:
    known = state(Phase(name="migrate"))
    front = Front(known)
    await asyncio.wait_for(front.shown(), 0.05)  # nobody looks
    await ask(front, "/", accept="text/html")
    known.failure = Failure(code="failed", reason="Mend <this>.", context={})
    async with asyncio.timeout(1), asyncio.TaskGroup() as group:
        waiting = group.create_task(front.shown())
        await asyncio.sleep(0)
        assert not waiting.done()
        _, _, body = await ask(front, "/", accept="text/html", accept_language="de")
    assert b"<p>Mend &lt;this&gt;.</p>" in body
    assert b"konnte nicht starten" in body
    assert b"refresh" not in body
    _, _, body = await ask(front, "/health/startup")
    assert msgspec.json.decode(body)["error"] == "start.failed"


async def test_programs_get_a_problem() -> None:
    status, headers, body = await ask(Front(state()), "/api/v1/movies", accept="text/html")
    assert status == 503
    assert headers["content-type"] == "application/problem+json"
    assert msgspec.json.decode(body)["code"] == "unavailable"


async def test_the_application_takes_over() -> None:
    front = Front(state())

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    front.application = application
    assert (await ask(front, "/health/ready"))[0] == 204


@pytest.mark.parametrize("name", ["postgres", "migrate", "modules", "ready", "stopping"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_phase_has_a_page(name: Any, language: str) -> None:
    page = status_page(Phase(name=name, done_count=1, total_count=4), language).decode()
    assert "start." not in page
    assert f'lang="{language}"' in page
    assert ("1/4" in page) == (name != "stopping")


def test_the_policy_allows_exactly_the_style_of_the_page() -> None:
    page = status_page(Phase(name="postgres"), "en").decode()
    (style,) = re.findall(r"<style>(.*?)</style>", page)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in POLICY
    assert "script" not in page
    assert "//" not in page


class Asked:
    def __init__(self) -> None:
        self.count = 0
        self.restart_count = 0

    def stop(self) -> None:
        self.count += 1

    def restart(self) -> None:
        self.restart_count += 1


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def control(asked: Asked) -> Control:
    known = state(Phase(name="ready"))
    known.pending_code = lambda: "ABCD-EFGH"
    known.report_postgres(ProgramState(product="PostgreSQL", state="running", pid=7))
    tail = Tail()
    diagnostics = Diagnostics(known, tail, Live(Config()), find_paths({}))
    routes = Routes(known, tail, diagnostics, stop=asked.stop, restart=asked.restart)
    return Control(routes, TOKEN)


def held(**more: str) -> dict[str, str]:
    return {"host": "127.0.0.1:5000", "authorization": f"Bearer {TOKEN}", **more}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (held(), 200),
        (held(host="localhost:5000"), 200),
        (held(host="evil.example"), 403),
        (held(host="127.0.0.1.evil.example:5000"), 403),
        (held(host=""), 403),
        (held(authorization=""), 401),
        (held(authorization=TOKEN), 401),
        (held(authorization="Bearer sécret"), 401),
    ],
)
async def test_control_opens_to_token_and_host_only(
    control: Control, headers: dict[str, str], status: int
) -> None:
    assert (await ask(control, "/control/v1/status", **headers))[0] == status


async def test_control_tells_the_status(control: Control) -> None:
    _, _, body = await ask(control, "/control/v1/status", **held())
    told = msgspec.json.decode(body)
    assert told["is_ready"] is True
    assert told["setup_code"] == "ABCD-EFGH"
    assert told["postgres"]["pid"] == 7


@pytest.mark.parametrize("limit", ["", "x", "-1", "99999999999999", "5"])
async def test_any_limit_of_lines_is_answered(control: Control, limit: str) -> None:
    assert (await ask(control, "/control/v1/logs", query=f"limit={limit}", **held()))[0] == 200


async def test_a_shutdown_is_a_post(control: Control, asked: Asked) -> None:
    assert (await ask(control, "/control/v1/shutdown", **held()))[0] == 404
    assert (await ask(control, "/control/v1/shutdown", method="POST", **held()))[0] == 202
    assert asked.count == 1


def test_a_phase_is_one_step_however_often_it_is_reported() -> None:
    known = state()
    for done in range(4):
        known.report(Phase(name="migrate", done_count=done, total_count=3))
    assert [(step.name, step.done_count) for step in known.steps] == [
        ("postgres", 0),
        ("migrate", 3),
    ]


async def test_a_restart_is_asked_for_once(control: Control, asked: Asked) -> None:
    status, _, body = await ask(control, "/control/v1/restart", method="POST", **held())
    assert (status, msgspec.json.decode(body)) == (202, {"is_restarting": True})
    assert (asked.restart_count, asked.count) == (1, 0)
    assert (await ask(control, "/control/v1/restart", **held()))[0] == 404


async def test_the_diagnostics_come_with_their_text(control: Control) -> None:
    status, _, body = await ask(control, "/control/v1/diagnostics", **held())
    assert status == 200
    found = {one["name"]: one for one in msgspec.json.decode(body)["items"]}
    assert '"phase": "ready"' not in found["phases.json"]["text"]
    assert '"name": "ready"' in found["phases.json"]["text"]
    for one in found.values():
        assert one["size_bytes"] == len(one["text"].encode())
