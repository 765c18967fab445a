"""One trace leads from a request through its job and worker process to the statements; strangers force none."""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from server.kernel.config import Limits, load
from server.kernel.http.api import PUBLIC, SIGNED_IN, route, routes_of
from server.kernel.http.app import Mount, Web, web_app
from server.kernel.http.guard import Guard
from server.kernel.http.limits import Gatekeeper
from server.kernel.http.metrics import READ
from server.kernel.http.static import Site
from server.kernel.ids import new_id
from server.kernel.log import cause
from server.kernel.messages import Messages
from server.kernel.realm import Secrets
from server.kernel.roles import Owner
from server.kernel.secret import SecretUrl
from server.kernel.tracing import open_traces
from server.kernel.viewer import Viewer
from tests.helpers.collector import Collector, facts, running_collector
from tests.helpers.media import Recipe, make_film
from tests.helpers.postgres import free_port
from tests.helpers.until import until
from tests.helpers.web import RunningWeb, running_web

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ASKED = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
FAR, NEAR = "192.0.2.1", "127.0.0.1"
PROXIED = {"x-forwarded-for": "203.0.113.7"}
NO_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture
async def traced(
    collector: Collector, owner: Owner, owner_dsn: str, secrets: Secrets, data_dir: Path
) -> AsyncIterator[RunningWeb]:
    """A server that traces only what it is asked for."""
    said = {"REVENGE_TRACING_ENDPOINT": collector.url, "REVENGE_TRACING_SAMPLE_PERCENT": "0"}
    loaded = load(said, None, source="test")
    async with running_web(owner_dsn, secrets, data_dir, loaded=loaded) as running:
        yield running


async def test_one_trace_leads_from_the_request_through_job_and_worker_to_the_statements(
    traced: RunningWeb, collector: Collector, tmp_path: Path
) -> None:
    make_film(tmp_path / "Needle (1979).mkv", Recipe(length_s=1, width_px=64, height_px=64))
    new = {"kind": "movie", "name": "Needles", "paths": [str(tmp_path)]}
    async with traced.signed_in() as client:
        assert collector.spans() == []
        answer = await client.post("/api/v1/libraries", json=new, headers=ASKED)
        assert answer.status_code == 201, answer.text
        await until(partial(collector.named, "worker probe"), within_s=60)
        await until(partial(collector.named, "job library.scan"), within_s=60)
        token = client.cookies["revenge_session"]
    assert set(collector.paths) == {"/v1/traces"}
    spans = {span.span_id: span for span in collector.spans()}
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE}
    (request,) = collector.named("POST /api/v1/libraries")
    (scan,) = collector.named("job library.scan")
    (probe,) = collector.named("worker probe")
    assert request.parent_span_id.hex() == SPAN
    assert scan.parent_span_id == request.span_id
    assert probe.parent_span_id == scan.span_id
    assert facts(request)["http.response.status_code"] == 201
    (enqueued,) = [
        span
        for span in collector.named("sql jobs.enqueue")
        if span.parent_span_id == request.span_id
    ]
    assert enqueued.end_time_unix_nano <= scan.start_time_unix_nano
    of_scan = [span for span in spans.values() if span.parent_span_id == scan.span_id]
    assert [span for span in of_scan if span.name.startswith("sql ")]
    assert {span.name.partition(" ")[0] for span in spans.values()} == {
        "POST",
        "job",
        "sql",
        "worker",
    }
    sent = b"".join(collector.bodies)
    assert b"eedle" not in sent
    assert str(tmp_path).encode() not in sent
    assert token.encode() not in sent


async def test_an_error_is_told_by_class_and_code(traced: RunningWeb, collector: Collector) -> None:
    async with traced.signed_in() as client:
        await client.get(f"/api/v1/libraries/{NO_ID}", headers=ASKED)
        await until(partial(collector.named, "GET /api/v1/libraries/{library_id}"))
    (span,) = collector.named("GET /api/v1/libraries/{library_id}")
    assert facts(span) == {
        "http.request.method": "GET",
        "http.route": "/api/v1/libraries/{library_id}",
        "http.response.status_code": 404,
        "error.type": "LibraryNotFound",
        "revenge.error_code": "library.not_found",
    }
    assert NO_ID.encode() not in b"".join(collector.bodies)


async def test_an_administrator_asks_from_anywhere_and_a_stranger_in_vain(
    traced: RunningWeb, collector: Collector
) -> None:
    async with traced.client() as stranger, traced.signed_in() as administrator:
        await stranger.get("/api/v1/setup", headers=ASKED | PROXIED)
        await administrator.get("/api/v1/libraries", headers=ASKED | PROXIED)
        await stranger.get("/metrics", headers=ASKED)
        await stranger.get("/api/v1/setup", headers=ASKED)
        await until(partial(collector.named, "GET /api/v1/setup"))
    names = {span.name for span in collector.spans() if not span.name.startswith("sql ")}
    assert names == {"GET /api/v1/libraries", "GET /api/v1/setup"}
    assert len(collector.named("GET /api/v1/setup")) == 1


async def test_without_a_collector_there_is_one_warning_and_everything_else(
    owner: Owner,
    owner_dsn: str,
    secrets: Secrets,
    data_dir: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    said = {
        "REVENGE_TRACING_ENDPOINT": f"http://user:needle@127.0.0.1:{free_port()}",
        "REVENGE_TRACING_SAMPLE_PERCENT": "100",
    }
    loaded = load(said, None, source="test")

    def lost() -> list[logging.LogRecord]:
        return [one for one in caplog.records if "traces are lost" in str(one.msg)]

    async with (
        running_web(owner_dsn, secrets, data_dir, loaded=loaded) as web,
        web.signed_in() as client,
    ):
        assert (await client.get("/api/v1/libraries")).status_code == 200
        await until(lost, within_s=60)
        assert (await client.get("/api/v1/libraries")).status_code == 200
    (warning,) = lost()
    assert warning.levelname == "WARNING"
    assert "Connection refused" in str(warning.msg)
    assert "needle" not in caplog.text
    assert not [one for one in caplog.records if one.name.startswith("opentelemetry")]


def viewer(*permissions: str) -> Viewer:
    return Viewer(
        user_id=new_id(),
        profile_id=new_id(),
        profile_name="Ada",
        session_id=new_id(),
        realm="public",
        permissions=frozenset(permissions),
        library_ids=(),
        max_level=100,
        language="en",
    )


VIEWERS = {"ada": viewer(READ.name), "member": viewer()}


class Sessions:
    async def viewer(self, token: str) -> Viewer | None:
        return VIEWERS.get(token)


class Routes:
    @route("GET", "/open", permission=PUBLIC)
    async def open(self) -> dict[str, str]:
        """Tell what goes along into jobs."""
        return cause()

    @route("GET", "/own", permission=SIGNED_IN)
    async def own(self) -> dict[str, str]:
        """Tell the same who is signed in."""
        return cause()


@asynccontextmanager
async def asking(percent: int, collector: Collector) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of two realms, one of them sealed; leaving sends what was traced."""
    routes = tuple(routes_of(Routes()))
    async with open_traces(SecretUrl(collector.url + "/"), percent) as traces:
        app = web_app(
            Web(
                mounts=(
                    Mount(prefix="/public", routes=routes, traces=traces),
                    Mount(prefix="/sealed", routes=routes),
                ),
                guard=Guard(Sessions()),
                messages=Messages.load(),
                pages=Site(Path("/nonexistent")),
                allowed_hosts=lambda: (),
                gatekeeper=Gatekeeper(Limits),
            )
        )
        transport = httpx.ASGITransport(app=app, client=(FAR, 1))  # type: ignore[arg-type]  # httpx types ASGI its own way
        async with httpx.AsyncClient(transport=transport, base_url="http://media.local") as client:
            yield client


@pytest.mark.parametrize(
    ("percent", "token", "is_traced", "is_joined"),
    [
        (0, "ada", True, True),
        (0, "member", False, False),
        (100, "member", True, False),
    ],
)
async def test_only_whoever_may_read_the_numbers_may_ask_from_afar(
    collector: Collector, percent: int, token: str, *, is_traced: bool, is_joined: bool
) -> None:
    async with asking(percent, collector) as client:
        signed_in = {"authorization": f"Bearer {token}"}
        answer = await client.get("/public/own", headers=ASKED | signed_in)
    spans = collector.spans()
    assert ("traceparent" in answer.json()) is is_traced
    assert [span.name for span in spans] == ["GET /public/own"] * is_traced
    assert [span.trace_id.hex() == TRACE for span in spans] == [is_joined] * is_traced


async def test_a_sealed_realm_leaves_no_trace(collector: Collector) -> None:
    signed_in = {"authorization": "Bearer ada"}
    async with asking(100, collector) as client:
        sealed = await client.get("/sealed/own", headers=ASKED | signed_in)
        await client.get("/sealed/open")
        await client.get("/public/open")
    assert set(sealed.json()) == {"request_id"}
    assert [span.name for span in collector.spans()] == ["GET /public/open"]
    assert not re.search(rb"sealed|/own", b"".join(collector.bodies))
