"""The public face from the first moment: health and a status page, until the application takes over."""

import asyncio
import contextlib
import time

from app.asgi import (
    Answer,
    Asgi,
    Receive,
    Scope,
    Send,
    header,
    json_answer,
    live_and_end,
    send_answer,
)
from app.state import State
from app.status_page import POLICY, status_page
from app.texts import START_TEXTS
from server.kernel.health import startup

_RETRY_AFTER_S = 2
_LOOK_S = 2.5  # the page asks again every second
_SENDING_S = 0.1


class Front:
    """An ASGI application that becomes another one when `application` is set."""

    def __init__(self, state: State) -> None:
        self.application: Asgi | None = None
        self._state = state
        self._asked_at_s = float("-inf")
        self._shown = asyncio.Event()

    async def shown(self) -> None:
        """Return when the page that somebody looks at has told of the failure; at once if nobody looks."""
        if time.monotonic() - self._asked_at_s < _LOOK_S:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._shown.wait(), _LOOK_S)
                await asyncio.sleep(_SENDING_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection as the server hands it over."""
        if scope["type"] == "lifespan":
            await live_and_end(receive, send)
        elif self.application is not None:
            await self.application(scope, receive, send)
        else:
            await send_answer(scope, send, self._answer(scope))

    def _answer(self, scope: Scope) -> Answer:
        path = scope["path"]
        if path == "/health/live":
            return json_answer({"is_live": True})
        if path == "/health" or path.startswith("/health/"):
            error = "start.failed" if self._state.failure else None
            return self._later(json_answer(startup(self._state.phase, error=error), status=503))
        language = START_TEXTS.negotiate(header(scope, "accept-language"))
        if path.startswith("/api/") or "text/html" not in header(scope, "accept"):
            return self._later(self._problem(path, language))
        self._asked_at_s = time.monotonic()
        if self._state.failure:
            self._shown.set()
        failure = self._state.failure
        page = status_page(self._state.phase, language, failure=failure.reason if failure else None)
        return self._later(
            Answer(status=503, body=page, media_type="text/html; charset=utf-8"),
            **{
                "content-security-policy": POLICY,
                "content-language": language,
                "vary": "Accept-Language",
            },
        )

    def _problem(self, path: str, language: str) -> Answer:
        said = START_TEXTS.text(language, "start.problem", {})
        problem = {
            "type": "about:blank",
            "title": said.title,
            "status": 503,
            "detail": said.detail,
            "code": "unavailable",
            "instance": path,
            "errors": [],
        }
        return json_answer(problem, status=503, media_type="application/problem+json")

    def _later(self, answer: Answer, **headers: str) -> Answer:
        return Answer(
            status=answer.status,
            body=answer.body,
            media_type=answer.media_type,
            headers={"retry-after": str(_RETRY_AFTER_S), **headers},
        )
