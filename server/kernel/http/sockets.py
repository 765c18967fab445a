"""The live connection over HTTP: the same session as everywhere, checked before it is accepted."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from quart import Response, Websocket, websocket

from server.kernel.errors import Denied, FieldError, Invalid, RevengeError, Unauthenticated
from server.kernel.http.guard import SESSION_COOKIE, Credentials, Gate, credentials
from server.kernel.log import get_log
from server.kernel.realtime import Client, Realtime

log = get_log(__name__)

_CLOSE_S = 2.0

Refuse = Callable[[RevengeError], Response]


class OriginForeign(Denied):
    """A page of another origin uses the session of its reader."""

    code = "http.origin_foreign"


def live_view(
    realtime: Realtime, gate: Gate, refuse: Refuse
) -> Callable[[], Awaitable[Response | None]]:
    """Return the handler of the WebSocket; `refuse` makes the answer of an error."""

    async def view() -> Response | None:
        socket = websocket._get_current_object()  # noqa: SLF001  # Werkzeug's documented way
        try:
            after = _after(socket.args.get("after"))
            client = await _admit(realtime, gate, socket)
        except RevengeError as error:
            return refuse(error)
        try:
            await socket.accept()
            why = await realtime.serve(client, socket, after)
            with suppress(TimeoutError):  # a client that does not read gets no reason either
                async with asyncio.timeout(_CLOSE_S):
                    await socket.close(why, why.name.lower())
        finally:
            realtime.leave(client)
        return None

    return view


async def _admit(realtime: Realtime, gate: Gate, socket: Websocket) -> Client:
    """Return the connection of whoever asks. Raises: Unauthenticated, Denied, Limited."""
    shown = credentials(
        socket.headers.get("Authorization", ""), socket.cookies.get(SESSION_COOKIE), ""
    )
    if shown.token is None:
        raise Unauthenticated
    _check_origin(shown, socket.headers.get("Origin", ""), socket.headers.get("Host", ""))
    viewer = await gate.viewer(shown.token)
    if viewer is None:
        raise Unauthenticated
    return realtime.admit(shown.token, viewer)


def _check_origin(shown: Credentials, origin: str, host: str) -> None:
    """Refuse a cookie that a foreign page sends along: a handshake knows no CSRF token.

    The scheme is not compared: TLS may end in front of us.
    """
    if shown.is_cookie and (not host or urlsplit(origin).netloc.lower() != host.lower()):
        raise OriginForeign


def _after(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:  # noqa: PLR2004 - fits int8
        raise Invalid(errors=(FieldError("after", "is not the id of an event"),))
    return int(text)
