"""Requests to one realm leave no mark in the numbers of another."""

from pathlib import Path

import httpx
import pytest
from msgspec import Struct

from server.kernel.config import Limits
from server.kernel.errors import NotFound
from server.kernel.http.api import PUBLIC, route, routes_of
from server.kernel.http.app import Mount, Web, web_app
from server.kernel.http.guard import Guard
from server.kernel.http.limits import Gatekeeper
from server.kernel.http.static import Site
from server.kernel.messages import Messages
from server.kernel.metrics import Metrics
from server.kernel.viewer import Viewer
from tests.helpers.web import served


class Word(Struct, frozen=True):
    """The answer of both realms."""

    text: str


class WordRoutes:
    """The same routes in both realms."""

    @route("GET", "/word", permission=PUBLIC)
    async def word(self) -> Word:
        return Word("hello")

    @route("GET", "/missing", permission=PUBLIC)
    async def missing(self) -> Word:
        raise NotFound

    @route("GET", "/broken", permission=PUBLIC)
    async def broken(self) -> Word:
        raise ValueError("private")


class Nobody:
    async def viewer(self, token: str) -> Viewer | None:
        return None


@pytest.mark.parametrize("path", ["/word", "/missing", "/broken"])
async def test_a_request_is_counted_in_its_own_realm_only(path: str) -> None:
    ours, theirs = Metrics(), Metrics()
    routes = tuple(routes_of(WordRoutes()))
    web = Web(
        mounts=(
            Mount(prefix="/ours", routes=routes, metrics=ours),
            Mount(prefix="/theirs", routes=routes, metrics=theirs),
        ),
        guard=Guard(Nobody()),
        messages=Messages.load(),
        pages=Site(Path("/nonexistent")),
        gatekeeper=Gatekeeper(Limits),
        metrics=ours,
    )
    before = await ours.text()
    async with served(web_app(web)) as url, httpx.AsyncClient(trust_env=False) as client:
        await client.get(f"{url}/theirs{path}")
        assert await ours.text() == before
        assert f'route="/theirs{path}"'.encode() in await theirs.text()
        await client.get(f"{url}/ours{path}")
        assert f'route="/ours{path}"'.encode() in await ours.text()
        assert b"/ours" not in await theirs.text()
