"""The control listener: on loopback only, for whoever holds the token of this run."""

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from msgspec import Struct

from app.asgi import Answer, Receive, Scope, Send, header, json_answer, live_and_end, send_answer
from app.control.routes import Routes

_HOSTS = ("127.0.0.1", "localhost")


class Control:
    """An ASGI application. `token` opens it; the Host check keeps foreign pages from guessing at it."""

    def __init__(self, routes: Routes, token: str) -> None:
        self._token = token
        self._routes: dict[tuple[str, str], Callable[[dict[str, str]], Awaitable[Struct]]] = {
            ("GET", "/control/v1/status"): lambda _: routes.status(),
            ("GET", "/control/v1/phases"): lambda _: routes.phases(),
            ("GET", "/control/v1/logs"): lambda query: routes.logs(query.get("limit", "")),
            ("GET", "/control/v1/diagnostics"): lambda _: routes.diagnostics(),
            ("POST", "/control/v1/restart"): lambda _: routes.restart(),
            ("POST", "/control/v1/shutdown"): lambda _: routes.shutdown(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection as the server hands it over."""
        if scope["type"] == "lifespan":
            await live_and_end(receive, send)
        elif scope["type"] == "http":
            await send_answer(scope, send, await self._answer(scope))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope) -> Answer:
        if header(scope, "host").rpartition(":")[0] not in _HOSTS:
            return _refusal(403, "host")
        given = header(scope, "authorization").encode()
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            return _refusal(401, "token")
        serve = self._routes.get((scope["method"], scope["path"]))
        if serve is None:
            return _refusal(404, "path")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        reply = await serve({key: values[-1] for key, values in query.items()})
        return json_answer(reply, status=200 if scope["method"] == "GET" else 202)


def _refusal(status: int, what: str) -> Answer:
    return json_answer({"status": status, "code": f"control.wrong_{what}"}, status=status)
