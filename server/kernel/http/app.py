"""The web application: Quart carries typed routes, pages and health; errors become problems."""

import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import msgspec
from hypercorn.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
    WebsocketScope,
)
from msgspec import Struct
from quart import Quart, Request, Response
from quart.globals import request as current_request
from quart.globals import websocket as current_socket
from quart.wrappers.request import Body
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
    RequestTimeout,
)
from werkzeug.exceptions import NotFound as RouteNotFound

from server.kernel.errors import Invalid, Limited, NotFound, RevengeError, TriesSpent
from server.kernel.http import problem
from server.kernel.http.api import Call, Cookie, Route
from server.kernel.http.bind import binder, body_reader, signature_of
from server.kernel.http.events import EventStream, tell
from server.kernel.http.guard import CSRF_HEADER, SESSION_COOKIE, Guard, credentials
from server.kernel.http.hosts import host_check
from server.kernel.http.limits import Gatekeeper
from server.kernel.http.measured import MEASURED, Measured
from server.kernel.http.metrics import READ as READ_METRICS
from server.kernel.http.nearness import is_from_here
from server.kernel.http.sockets import live_view
from server.kernel.http.static import Site
from server.kernel.http.stream import BytesReply, FileReply, respond
from server.kernel.http.wire import note_wire
from server.kernel.ids import new_id
from server.kernel.log import get_log
from server.kernel.messages import Messages
from server.kernel.metrics import Metrics
from server.kernel.realtime import Realtime
from server.kernel.viewer import Viewer

if TYPE_CHECKING:
    from server.kernel.tracing import Traces

MAX_BODY_BYTES = 1 << 20
MAX_DROPPED_BYTES = 64 << 20
BODY_TIMEOUT_S = 30
REQUEST_ID = "revenge.request_id"
OUTER_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_ABSOLUTE = re.compile(r"https?://([^/?#]*)(/.*)?", re.IGNORECASE | re.DOTALL)
JSON_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}

FROM_QUART: tuple[tuple[type[HTTPException], type[RevengeError]], ...] = (
    (RouteNotFound, NotFound),
    (MethodNotAllowed, problem.MethodNotAllowed),
    (RequestEntityTooLarge, problem.BodyTooLarge),
    (RequestTimeout, problem.BodyTooSlow),
)

type ASGIApp = Callable[[Scope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]

log = get_log(__name__)
encode = msgspec.json.Encoder().encode


class Mount(Struct, frozen=True, kw_only=True):
    """Routes under a prefix such as `/api/v1`, measured by the metrics of their realm and traced by its traces."""

    prefix: str
    routes: tuple[Route, ...]
    metrics: Metrics | None = None
    traces: "Traces | None" = None


class Live(Struct, frozen=True, kw_only=True):
    """The WebSocket of a realm and where it is."""

    path: str
    realtime: Realtime


class Web(Struct, frozen=True, kw_only=True):
    """What an application is made of; `pages` answers GET requests that are no route.

    `metrics` measure what belongs to no mount. A request whose answer takes `slow_request_s` to begin is logged.
    """

    mounts: tuple[Mount, ...]
    guard: Guard
    messages: Messages
    pages: Site
    allowed_hosts: Callable[[], tuple[str, ...]] = lambda: ()
    gatekeeper: Gatekeeper
    live: Live | None = None
    metrics: Metrics | None = None
    slow_request_s: Callable[[], float | None] = lambda: None


class LimitedBody(Body):
    """A body that takes no more memory than its limit; Quart's own counts only when it is complete.

    What is over the limit is read and dropped, so that the client gets to read why. A client that
    goes on and on is cut off.
    """

    def __init__(self, expected_content_length: int | None, max_content_length: int | None) -> None:
        del expected_content_length  # Quart would refuse by it before anything is read
        super().__init__(None, max_content_length)
        self._taken_bytes = 0

    async def put(self, data: bytes) -> None:
        """Keep a part of the body, unless it is too much."""
        self._taken_bytes += len(data)
        if self._taken_bytes <= MAX_BODY_BYTES:
            await super().put(data)
        elif self._taken_bytes > MAX_DROPPED_BYTES:
            self.set_complete()

    def set_complete(self) -> None:
        """Note that nothing more comes, or is wanted."""
        if self._taken_bytes > MAX_BODY_BYTES:
            self._must_raise = RequestEntityTooLarge()
        super().set_complete()


class LimitedRequest(Request):
    """Quart's request with a limited body."""

    body_class = LimitedBody


def web_app(web: Web) -> ASGIApp:
    """Return the application as an ASGI callable."""
    app = Quart("revenge", static_folder=None)
    app.request_class = LimitedRequest
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["BODY_TIMEOUT"] = BODY_TIMEOUT_S
    app.config["RESPONSE_TIMEOUT"] = None
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False  # else `//` is answered by a redirect to what Host says
    for mount in web.mounts:
        for route in mount.routes:
            path = mount.prefix + route.rule.path.replace("{", "<").replace("}", ">")
            name = f"{route.rule.method} {path}".replace(".", "_")  # a dot would name a blueprint
            app.add_url_rule(path, name, _view(mount, route, web), methods=[route.rule.method])
    if web.live is not None:
        view = live_view(web.live.realtime, web.guard.gate, web.gatekeeper, _socket_refuser(web))
        app.add_websocket(web.live.path, "realtime", view)
    app.register_error_handler(Exception, _error_answerer(web))
    return _outer(app, web)


def _view(mount: Mount, route: Route, web: Web) -> Callable[..., Awaitable[Response]]:
    rule, signature = route.rule, signature_of(route)
    template = mount.prefix + rule.path
    bind = binder(signature)
    read = body_reader(signature.body) if signature.body is not None else None
    takes_pairs = signature.query is not None
    counts_tries = any(issubclass(error, TriesSpent) for error in rule.raises)

    async def view(**values: str) -> Response:
        request = _request()
        measured = _measured(request.scope)
        measured.route, measured.metrics = template, mount.metrics
        headers = request.headers
        shown = credentials(
            headers.get("Authorization", ""),
            request.cookies.get(SESSION_COOKIE),
            headers.get(CSRF_HEADER, ""),
        )
        is_near = rule.permission.is_open_here and is_from_here(request.remote_addr, headers)
        viewer = None if is_near else await web.guard.admit(rule, shown)
        _trace(mount, request, viewer)
        address = request.remote_addr or ""
        if viewer is not None:
            web.gatekeeper.use(viewer.user_id, address)
        if counts_tries:
            web.gatekeeper.sign_in(address)
        arguments = bind(values, request.args.items(multi=True) if takes_pairs else ())
        if read is None:
            await _drop_body(request)
        else:
            raw = await request.get_data(cache=False, as_text=False, parse_form_data=False)
            arguments["body"] = read(raw, headers.get("Content-Type", ""))
        if not signature.takes_call:
            return await _answer(await route.handler(**arguments), rule.status, request)
        call = Call(
            request_id=_request_id(request.scope),
            client_address=address,
            user_agent=headers.get("User-Agent", "")[:400],
            language=web.messages.negotiate(headers.get("Accept-Language", "")),
            accept=headers.get("Accept", ""),
            last_event_id=headers.get("Last-Event-ID"),
            session_token=shown.token,
            signed_in=viewer,
        )
        response = await _answer(await route.handler(**arguments, call=call), rule.status, request)
        for cookie in call.cookies:
            _set_cookie(response, cookie, is_secure=request.scheme == "https")
        return response

    return view


def _trace(mount: Mount, request: Request, viewer: Viewer | None) -> None:
    """Trace the request, or not. Whoever may read the numbers of the server may also ask for a trace."""
    if mount.traces is None:
        return
    asked = request.headers.get("traceparent", "")
    is_trusted = bool(asked) and (
        (viewer is not None and viewer.may(READ_METRICS.name))
        or is_from_here(request.remote_addr, request.headers)
    )
    measured = _measured(request.scope)
    measured.span = mount.traces.request(
        measured.method, measured.route, measured.began_s, asked, is_trusted=is_trusted
    )


async def _answer(result: Any, status: int, request: Request) -> Response:
    if isinstance(result, FileReply | BytesReply):
        return await respond(result, request)
    if isinstance(result, EventStream):
        return tell(result, request)
    if result is None:
        return Response(b"", 204, {"Cache-Control": "no-store"})
    return Response(encode(result), status, JSON_HEADERS)


async def _drop_body(request: Request) -> None:
    """Read what nobody asked for: a client that still sends would not read our answer."""
    if request.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in request.headers:
        await request.get_data(cache=False, as_text=False, parse_form_data=False)


def _set_cookie(response: Response, cookie: Cookie, *, is_secure: bool) -> None:
    response.set_cookie(
        cookie.name,
        cookie.value,
        max_age=cookie.max_age_s,
        path="/",
        secure=is_secure,
        httponly=cookie.is_http_only,
        samesite="Strict",
    )


def _error_answerer(web: Web) -> Callable[[Exception], Awaitable[Response]]:
    async def answer(error: Exception) -> Response:
        request = _request()
        span = _measured(request.scope).span
        if span is not None:
            span.fail(error)
        with suppress(HTTPException):
            await _drop_body(request)
        if isinstance(error, RouteNotFound) and _asks_for_page(request):
            _measured(request.scope).route = "pages"
            return await web.pages.answer(request)
        status, headers, body = problem.problem(
            _ours(error),
            messages=web.messages,
            language=web.messages.negotiate(request.headers.get("Accept-Language", "")),
            request_id=_request_id(request.scope),
        )
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return Response(body, status, headers)

    return answer


def _socket_refuser(web: Web) -> Callable[[RevengeError], Response]:
    def refuse(error: RevengeError) -> Response:
        socket = current_socket
        status, headers, body = problem.problem(
            error,
            messages=web.messages,
            language=web.messages.negotiate(socket.headers.get("Accept-Language", "")),
            request_id=_request_id(socket.scope),
        )
        return Response(body, status, headers)

    return refuse


def _ours(error: Exception) -> RevengeError:
    if isinstance(error, RevengeError):
        return error
    if isinstance(error, HTTPException):
        return next((ours() for kind, ours in FROM_QUART if isinstance(error, kind)), Invalid())
    log.error("request failed", exc_info=error)
    return RevengeError()


def _asks_for_page(request: Request) -> bool:
    return request.method in {"GET", "HEAD"} and not request.path.startswith("/api/")


def _request() -> Request:
    """Return the request itself: the proxy would be looked up again at each use."""
    return current_request._get_current_object()  # noqa: SLF001  # Werkzeug's documented way


def _request_id(scope: Any) -> str:
    return cast("str", scope[REQUEST_ID])


def _measured(scope: Any) -> Measured:
    return cast("Measured", scope[MEASURED])


def _outer(app: Quart, web: Web) -> ASGIApp:
    """Return the application behind the checks and headers that each request gets."""
    answer = _answerer(app, web)

    async def outer(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        request_id = str(new_id())
        cast("dict[str, Any]", scope)[REQUEST_ID] = request_id
        note_wire(scope, send)
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        host, scope["path"] = _target(scope)
        is_ours = host_check(web.allowed_hosts())
        refusal = _refusal(web, scope, is_known=is_ours(host))
        if scope["type"] == "websocket":
            is_live = web.live is not None and scope["path"] == web.live.path
            await (app if refusal is None and is_live else _refuse_socket)(scope, receive, send)
            return
        await answer(scope, receive, send, refusal)

    return outer


def _answerer(app: Quart, web: Web) -> Callable[..., Awaitable[None]]:
    """Return what answers one request and measures that."""

    async def answer(
        scope: HTTPScope,
        receive: ASGIReceiveCallable,
        send: ASGISendCallable,
        refusal: RevengeError | None,
    ) -> None:
        own = [*OUTER_HEADERS, (b"x-request-id", _request_id(scope).encode())]
        measured = Measured(scope["method"], web.metrics)
        cast("dict[str, Any]", scope)[MEASURED] = measured

        async def send_measured(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.start":
                event["headers"] = [*event["headers"], *own]
                measured.begin_answer(event["status"])
            elif event["type"] == "http.response.body":
                measured.send(len(event["body"]))
            await send(event)

        try:
            if refusal is None:
                await app(scope, receive, send_measured)
            else:
                await _refuse(web, refusal, scope, send_measured)
        except* OSError as errors:  # a file that shrank or whose disk went away while it was sent
            log.warning("an answer broke off", reason=str(errors.exceptions[0]))
        finally:
            measured.end(web.slow_request_s())

    return answer


def _refusal(web: Web, scope: HTTPScope | WebsocketScope, *, is_known: bool) -> RevengeError | None:
    """Return why this request is not even looked at, None where it is."""
    try:
        web.gatekeeper.arrive(scope["client"][0] if scope["client"] else "")
    except Limited as limited:
        return limited
    return None if is_known else problem.HostUnknown()


def _target(scope: HTTPScope | WebsocketScope) -> tuple[str, str]:
    """Return host and path; in an absolute target both stand before the Host header (RFC 9112, 3.2.2).

    A target that is neither absolute nor a path names no host.
    """
    path = scope["path"]
    if path.startswith("/"):
        return _header(scope, b"host"), path
    absolute = _ABSOLUTE.fullmatch(path)
    return (absolute[1], absolute[2] or "/") if absolute else ("", path)


def _header(scope: HTTPScope | WebsocketScope, wanted: bytes) -> str:
    found = next((value for name, value in scope["headers"] if name == wanted), b"")
    return found.decode("latin-1")


async def _refuse_socket(
    _scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Refuse a handshake before it is accepted: the client sees 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1008, "reason": None})


async def _refuse(web: Web, error: RevengeError, scope: HTTPScope, send: ASGISendCallable) -> None:
    """Answer before the application sees anything of it."""
    status, headers, body = problem.problem(
        error,
        messages=web.messages,
        language=web.messages.negotiate(_header(scope, b"accept-language")),
        request_id=_request_id(scope),
    )
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
