"""The live connection over HTTP: the same session as everywhere, checked before it is accepted."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from quart import Response, Websocket, websocket
from quart.wrappers.base import ClientDisconnectedError

from server.kernel.errors import Denied, FieldError, Invalid, RevengeError, Unauthenticated
from server.kernel.http.guard import SESSION_COOKIE, Credentials, Gate, credentials
from server.kernel.http.limits import Gatekeeper
from server.kernel.http.wire import bound_messages, cut
from server.kernel.realtime import MESSAGE_MAX, TOPICS_MAX, Ask, Client, Close, Realtime

CLOSE_S = 2.0
"""So long a client that is cut off may take to read why."""

Refuse = Callable[[RevengeError], Response]


class OriginForeign(Denied):
    """A page of another origin uses the session of its reader."""

    code = "http.origin_foreign"


def live_view(
    realtime: Realtime, gate: Gate, gatekeeper: Gatekeeper, refuse: Refuse
) -> Callable[[], Awaitable[Response | None]]:
    """Return the handler of the WebSocket; `refuse` makes the answer of an error."""

    async def view() -> Response | None:
        socket = websocket._get_current_object()  # noqa: SLF001  # Werkzeug's documented way
        try:
            client = await _admit(realtime, gate, gatekeeper, socket)
        except RevengeError as error:
            return refuse(error)
        try:
            bound_messages(socket.scope, MESSAGE_MAX, lambda: client.end(Close.TOO_BIG))
            await socket.accept()
            await realtime.serve(client, socket)
        finally:
            realtime.leave(client)
        await _close(socket, client.ended.result())
        return None

    return view


def ask_of(after: str | None, topics: str | None) -> Ask:
    """Return what a client asks for; `topics` stand between commas, None is all. Raises: Invalid."""
    if topics is None:
        return Ask(after=after)
    names = topics.split(",")
    if len(names) > TOPICS_MAX:
        raise Invalid(errors=(FieldError("topics", f"are more than {TOPICS_MAX}"),))
    return Ask(after=after, topics=frozenset(names))


async def _close(socket: Websocket, why: Close) -> None:
    """Say why it ends, and wait for the client to hang up; cut off one that does not."""
    with suppress(ClientDisconnectedError):
        try:
            async with asyncio.timeout(CLOSE_S):
                await socket.close(why, why.name.lower())
                while True:
                    await socket.receive()  # else Quart would keep what still comes
        except TimeoutError:
            cut(socket.scope)


async def _admit(
    realtime: Realtime, gate: Gate, gatekeeper: Gatekeeper, socket: Websocket
) -> Client:
    """Return the connection of whoever asks. Raises: Unauthenticated, Denied, Limited, Invalid, Unavailable."""
    ask = ask_of(socket.args.get("after"), socket.args.get("topics"))
    shown = credentials(
        socket.headers.get("Authorization", ""), socket.cookies.get(SESSION_COOKIE), ""
    )
    if shown.token is None:
        raise Unauthenticated
    _check_origin(shown, socket.headers.get("Origin", ""), socket.headers.get("Host", ""))
    viewer = await gate.viewer(shown.token)
    if viewer is None:
        raise Unauthenticated
    gatekeeper.use(viewer.user_id, socket.remote_addr or "")
    return realtime.admit(shown.token, viewer, ask)


def _check_origin(shown: Credentials, origin: str, host: str) -> None:
    """Refuse a cookie that a foreign page sends along: a handshake knows no CSRF token.

    The scheme is not compared: TLS may end in front of us.
    """
    if shown.is_cookie and (not host or urlsplit(origin).netloc.lower() != host.lower()):
        raise OriginForeign
