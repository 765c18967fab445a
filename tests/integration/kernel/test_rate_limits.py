"""The limits over HTTP: an answer with a reason, nothing read, this machine never starved."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from server.kernel.config import Limits
from server.kernel.errors import TriesSpent
from server.kernel.http.api import PUBLIC, SIGNED_IN, route, routes_of
from server.kernel.http.app import ASGIApp, Mount, Web, web_app
from server.kernel.http.guard import Guard
from server.kernel.http.limits import Gatekeeper
from server.kernel.http.static import Site
from server.kernel.ids import new_id
from server.kernel.messages import Messages
from server.kernel.viewer import Viewer

FAR, OTHER, NEAR = "192.0.2.1", "192.0.2.2", "127.0.0.1"
LOW = Limits(global_per_s=0, address_per_s=0, user_per_s=0, sign_in_per_s=0)
ADA = Viewer(
    user_id=new_id(),
    profile_id=new_id(),
    profile_name="Ada",
    session_id=new_id(),
    realm="public",
    permissions=frozenset(),
    library_ids=(),
    max_level=100,
    language="en",
)


class Sessions:
    async def viewer(self, token: str) -> Viewer | None:
        return ADA if token == "ada" else None


class Routes:
    @route("GET", "/open", permission=PUBLIC)
    async def open(self) -> None:
        """Answer anybody."""

    @route("GET", "/own", permission=SIGNED_IN)
    async def own(self) -> None:
        """Answer who is signed in."""

    @route("POST", "/prove", permission=PUBLIC, raises=(TriesSpent,))
    async def prove(self) -> None:
        """Check something costly."""


def app_with(limits: Limits) -> ASGIApp:
    return web_app(
        Web(
            mounts=(Mount(prefix="", routes=tuple(routes_of(Routes()))),),
            guard=Guard(Sessions()),
            messages=Messages.load(),
            pages=Site(Path("/nonexistent")),
            gatekeeper=Gatekeeper(lambda: limits),
        )
    )


@asynccontextmanager
async def client(app: ASGIApp, address: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, client=(address, 1))  # type: ignore[arg-type]  # httpx types ASGI its own way
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as made:
        made.headers["Authorization"] = "Bearer ada"
        yield made


@pytest.mark.parametrize(
    ("limits", "method", "path"),
    [
        ({"address_per_s": 1}, "GET", "/open"),
        ({"address_per_s": 1}, "GET", "/no-such-page"),
        ({"global_per_s": 1}, "GET", "/open"),
        ({"user_per_s": 1}, "GET", "/own"),
        ({"sign_in_per_s": 1}, "POST", "/prove"),
    ],
)
async def test_who_is_over_the_limit_is_told_so_and_this_machine_is_not_starved(
    limits: dict[str, int], method: str, path: str
) -> None:
    app = app_with(Limits(**{name: limits.get(name, 0) for name in LOW.__struct_fields__}))
    async with client(app, FAR) as far, client(app, NEAR) as near:
        refused = [await far.request(method, path) for _ in range(8)][-1]
        assert refused.status_code == 429
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) >= 1
        problem = refused.json()
        assert problem["code"] == "limited"
        assert problem["instance"].endswith(refused.headers["x-request-id"])
        assert (await near.request(method, path)).status_code != 429


async def test_a_german_reads_it_in_german() -> None:
    app = app_with(Limits(address_per_s=1))
    async with client(app, FAR) as far:
        far.headers["Accept-Language"] = "de"
        answers = [await far.get("/open") for _ in range(4)]
    assert "Zu viele Anfragen" in answers[-1].text


async def test_one_address_leaves_the_other_alone() -> None:
    app = app_with(Limits(address_per_s=1))
    async with client(app, FAR) as far, client(app, OTHER) as other:
        assert {(await far.get("/open")).status_code for _ in range(9)} == {204, 429}
        assert (await other.get("/open")).status_code == 204


async def test_the_usual_limits_let_a_page_full_of_pictures_pass() -> None:
    app = app_with(Limits())
    async with client(app, FAR) as far:
        assert {(await far.get("/own")).status_code for _ in range(300)} == {204}
