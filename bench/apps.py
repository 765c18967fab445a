"""The applications that benchmarks load, each served as the real server serves: `python -m bench.apps NAME PORT`."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import msgspec
from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import ASGIFramework
from msgspec import Struct
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from quart import Quart, Response, request

from server.kernel.config import Limits
from server.kernel.http.api import PUBLIC, route, routes_of
from server.kernel.http.app import Mount, Web, web_app
from server.kernel.http.guard import Guard
from server.kernel.http.limits import Gatekeeper
from server.kernel.http.static import Site
from server.kernel.http.stream import FileReply, respond
from server.kernel.messages import Messages
from server.kernel.metrics import Metrics
from server.kernel.tracing import LastWords, Sender, Traces
from server.kernel.viewer import Viewer


class Greeting(Struct, frozen=True):
    """The trivial answer."""

    text: str
    count: int


CARDS = """
SELECT item_id, kind, title, year, image_id, length AS length_ms, added_at
FROM public.items
WHERE kind = 'movie' AND on_shelf AND state = 'present'
ORDER BY sort_title, item_id LIMIT 100
"""

LIMITS = Limits()
GREETING = Greeting(text="hello", count=1)


class GreetingRoutes:
    """One typed route."""

    @route("GET", "/greeting", permission=PUBLIC)
    async def get(self) -> Greeting:
        """Greet."""
        return GREETING


class NobodySignedIn:
    """Sessions of a server without users."""

    async def viewer(self, token: str) -> Viewer | None:
        """Return nobody."""
        del token
        return None


def typed() -> ASGIFramework:
    """Return our HTTP layer with one route, measured as the server's are."""
    return _typed(Metrics())


def unmeasured() -> ASGIFramework:
    """Return the same without numbers for Prometheus."""
    return _typed(None)


def traced(collector: str, percent: str) -> ASGIFramework:
    """Return the same as measured, of which so many of a hundred requests are traced."""
    sender = Sender(OTLPSpanExporter(f"{collector}/v1/traces"), LastWords())
    return _typed(Metrics(), Traces(sender, int(percent)))


def _typed(metrics: Metrics | None, traces: Traces | None = None) -> ASGIFramework:
    routes = tuple(routes_of(GreetingRoutes()))
    web = Web(
        mounts=(Mount(prefix="/api/v1", routes=routes, metrics=metrics, traces=traces),),
        guard=Guard(NobodySignedIn()),
        messages=Messages.load(),
        pages=Site(Path("/nonexistent")),
        metrics=metrics,
        slow_request_s=lambda: 2.0,
        gatekeeper=Gatekeeper(lambda: LIMITS),
    )
    return web_app(web)


def collector() -> ASGIFramework:
    """Return what takes traces and forgets them."""
    app = Quart(__name__)

    @app.post("/v1/traces")
    async def take() -> Response:
        await request.get_data(cache=False)
        return Response(b"")

    return app


def bare() -> ASGIFramework:
    """Return Quart alone with a handler that makes the same answer."""
    app = Quart(__name__)

    @app.get("/api/v1/greeting")
    async def get() -> Response:
        return Response(msgspec.json.encode(GREETING), 200, {"Content-Type": "application/json"})

    return app


def card_list(dsn: str) -> ASGIFramework:
    """Return Quart and asyncpg alone with a list of 100 films, made of columns."""
    app = Quart(__name__)
    pools: list[asyncpg.Pool[asyncpg.Record]] = []

    @app.before_serving
    async def connect() -> None:
        pools.append(await asyncpg.create_pool(dsn, min_size=5, max_size=5))

    @app.get("/list")
    async def get() -> Response:
        rows = await pools[0].fetch(CARDS)
        items = [dict(row) for row in rows]
        body = msgspec.json.encode({"items": items})
        return Response(body, 200, {"Content-Type": "application/json"})

    return app


def one_file(name: str) -> ASGIFramework:
    """Return the range responder over one file, at `/<its name>`."""
    path = Path(name)
    app = Quart(__name__, static_folder=None)

    @app.get("/" + path.name)
    async def get() -> Response:
        reply = FileReply(path=path, media_type="video/mp4")
        return await respond(reply, request._get_current_object())  # noqa: SLF001 (Werkzeug's documented way)

    return app


async def _serve(app: ASGIFramework, port: int) -> None:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_max_requests = 1_000_000
    await serve(app, config)


def main() -> None:
    """Serve until the process is ended."""
    name, port, *rest = sys.argv[1:]
    apps: dict[str, Callable[..., ASGIFramework]] = {
        "file": one_file,
        "list": card_list,
        "bare": bare,
        "collector": collector,
        "traced": traced,
        "typed": typed,
        "unmeasured": unmeasured,
    }
    app = apps[name](*rest)
    if sys.platform == "win32":
        import winloop as fast_loop
    else:
        import uvloop as fast_loop
    with asyncio.Runner(loop_factory=fast_loop.new_event_loop) as runner:
        runner.run(_serve(app, int(port)))


if __name__ == "__main__":
    main()
