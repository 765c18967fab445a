"""The whole server behind a real HTTP listener, for tests that ask it over the network."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from hypercorn.asyncio import serve
from hypercorn.config import Config as ListenConfig

from app.listen import open_listener
from app.supervisor.worker import open_workers
from server.kernel.config import Config, Loaded, load
from server.kernel.http.app import ASGIApp
from server.kernel.http.guard import CSRF_HEADER
from server.kernel.realm import Secrets
from server.kernel.search import SearchAddress
from server.kernel.storage import Storage
from server.main import Endpoints, open_server
from server.services.setup.sources import DatabaseHome
from server.services.system.sources import Programs
from tests.helpers.database_home import FixedHome

ADMIN_NAME = "Ada"
ADMIN_PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class RunningWeb:
    """A server that answers at `url`; `code` claims it, `configure` changes its configuration, `drain` begins its end."""

    url: str
    code: str | None
    configure: Callable[[Loaded], None]
    drain: Callable[[float], Awaitable[None]]

    def client(self) -> httpx.AsyncClient:
        """Return a client with a cookie jar of its own."""
        return httpx.AsyncClient(base_url=self.url, timeout=30, trust_env=False)

    @asynccontextmanager
    async def signed_in(self) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a client of the first administrator, whom this makes where there is none."""
        async with self.client() as client:
            given = {"name": ADMIN_NAME, "password": ADMIN_PASSWORD}
            answer = await client.post("/api/v1/auth/login", json=given)
            if answer.status_code == 401:
                claim = given | {"code": self.code, "language": "en"}
                answer = await client.post("/api/v1/setup/administrator", json=claim)
            assert answer.is_success, answer.text
            client.headers[CSRF_HEADER] = answer.json()["csrf_token"]
            yield client


@asynccontextmanager
async def running_web(
    owner_dsn: str,
    secrets: Secrets,
    data_dir: Path,
    *,
    web_dir: Path | None = None,
    home: DatabaseHome | None = None,
    loaded: Loaded | None = None,
    programs: Programs = dict,
    search: SearchAddress | None = None,
) -> AsyncIterator[RunningWeb]:
    """Run the server on a database and a folder until the block ends."""
    async with (
        open_workers() as workers,
        open_server(
            config=loaded.config if loaded else default_config(),
            endpoints=Endpoints(
                postgres_dsn=owner_dsn,
                secrets=secrets,
                home=home or FixedHome(),
                pinned=loaded.places if loaded else {},
                programs=programs,
                search=search,
            ),
            storage=Storage(data_dir),
            workers=workers,
            report=lambda _phase: None,
            web_dir=web_dir or data_dir / "no-pages",
        ) as application,
        served(application.asgi) as url,
    ):
        code = application.pending_code()
        yield RunningWeb(url, code, application.configure, application.drain)


@asynccontextmanager
async def served(asgi: ASGIApp) -> AsyncIterator[str]:
    """Serve an application until the block ends; yields its address."""
    listener = open_listener("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    stopping = asyncio.Event()
    config = ListenConfig()
    config.bind = [f"fd://{listener.detach()}"]
    config.graceful_timeout = 0.1
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(asgi, config, shutdown_trigger=stopping.wait))
        try:
            yield url
        finally:
            stopping.set()


def default_config() -> Config:
    """The configuration of a machine that says nothing."""
    return load({}, None, source="test").config
