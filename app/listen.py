"""Opens sockets before anything else starts, so that a taken port is said at once, and serves them."""

import asyncio
import errno
import logging
import socket
from typing import Any

import psutil
from hypercorn.asyncio import serve
from hypercorn.config import Config, Sockets

from app.asgi import Asgi
from app.failure import StartFailed
from app.stop import Stop
from server.kernel.network import http_url

_BACKLOG = 512
_KEEP_ALIVE_S = 60  # also how long a client may take to send the head of a request
_OF_ANSWERS = 0.75  # of the grace; the rest is for what is in the buffers of their connections
_HEAD_LIMIT_BYTES = 32 * 1024
_MESSAGE_LIMIT_BYTES = 64 * 1024  # of a WebSocket: clients have little to say
_USUAL_PORT = 8080
_NEAR = 100  # how far a free port is looked for
_OTHER = "Choose another with --port, REVENGE_SERVER_PORT or server.port in the configuration file."
_EVERY = ("0.0.0.0", "::")  # noqa: S104  (the names of "everywhere", compared only)

_errors = logging.getLogger("hypercorn.error")
_errors.setLevel(logging.WARNING)  # it announces every address otherwise


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens; `::` takes IPv4 too, port 0 is any free one. Raises: StartFailed."""
    try:
        return _bound(host, port)
    except UnicodeError as error:  # a label that is empty or longer than 63 signs
        raise _refused(host, port, OSError("no name of a machine")) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _taken(host, port) from error
        raise _refused(host, port, error) from error


def local_address(host: str, port: int) -> str:
    """Return the address under which a browser on this machine reaches the server."""
    name = "127.0.0.1" if host in _EVERY else host
    return http_url(name, port)


def _bound(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    is_dual = host == "::" and socket.has_dualstack_ipv6()
    return socket.create_server(address, family=family, backlog=_BACKLOG, dualstack_ipv6=is_dual)


def _refused(host: str, port: int, error: OSError) -> StartFailed:
    if error.errno == errno.EACCES:
        return StartFailed(
            f"Port {port} needs special rights: this user may not use ports below 1024. {_OTHER}",
            code="port_forbidden",
            port=port,
            free_port=_free_port(host, _USUAL_PORT),
        )
    why = error.strerror or str(error)
    return StartFailed(
        f"The server cannot listen on {host} ({why}). Check --host, REVENGE_SERVER_HOST or server.host in the "
        "configuration file.",
        code="host_unusable",
        host=host,
        why=why,
    )


def _taken(host: str, port: int) -> StartFailed:
    name, pid = _holder(port)
    free_port = _free_port(host, port + 1)
    by = f" by {name} (process {pid})" if name else ""
    hint = f"Port {free_port} is free. " if free_port else ""
    return StartFailed(
        f"Port {port} on {host} is taken{by}. {hint}{_OTHER}",
        code="port_taken",
        port=port,
        free_port=free_port,
        holder=name,
        holder_pid=pid,
    )


def _free_port(host: str, first: int) -> int | None:
    return next((port for port in range(first, first + _NEAR) if _is_free(host, port)), None)


def _is_free(host: str, port: int) -> bool:
    try:
        _bound(host, port).close()
    except (OSError, OverflowError):
        return False
    return True


def _holder(port: int) -> tuple[str | None, int | None]:
    """Return name and pid of the program that listens there, where the system lets us see that."""
    try:
        found = psutil.net_connections("tcp")
        pid = next(
            c.pid
            for c in found
            if c.status == psutil.CONN_LISTEN and c.pid and getattr(c.laddr, "port", 0) == port
        )
        return _printable(psutil.Process(pid).name()), pid
    except (psutil.Error, OSError, StopIteration):
        return None, None


def _printable(name: str) -> str:
    """Return the name of a stranger's program, fit for a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in name)


class _OnSocket(Config):
    """Listens on an open socket. Hypercorn's own `fd://` would let every child process inherit it."""

    def __init__(self, opened: socket.socket) -> None:
        self._opened = opened

    def create_sockets(self) -> Sockets:
        self._opened.setblocking(False)  # noqa: FBT003  (its only parameter)
        return Sockets(secure_sockets=[], insecure_sockets=[self._opened], quic_sockets=[])


class Listener:
    """One HTTP/1.1 server on an open socket; TLS ends in front of it."""

    def __init__(self, asgi: Asgi, opened: socket.socket) -> None:
        self._asgi = asgi
        self._limits = set[asyncio.Timeout]()
        self._ends_at_s: float | None = None
        self._config = config = _OnSocket(opened)
        config.accesslog = None
        config.errorlog = _errors
        config.include_server_header = False
        config.keep_alive_timeout = _KEEP_ALIVE_S
        config.keep_alive_max_requests = 100_000
        config.h11_max_incomplete_size = _HEAD_LIMIT_BYTES
        config.websocket_max_message_size = _MESSAGE_LIMIT_BYTES

    async def serve(self, stop: Stop) -> None:
        """Serve until the stop is asked for, then as long as its grace lasts.

        Hypercorn's own limit ends connections, but waits for an answer whose reader is slow: that is broken off by us before.
        """

        async def asked() -> None:
            await stop.wait()
            self._ends_at_s = asyncio.get_running_loop().time() + stop.grace_s * _OF_ANSWERS
            self._config.graceful_timeout = stop.grace_s
            for limit in self._limits:
                limit.reschedule(self._ends_at_s)

        await serve(self._limited, self._config, shutdown_trigger=asked, mode="asgi")

    async def _limited(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request; what is not through when the grace ends is broken off."""
        if scope["type"] == "lifespan":
            return await self._asgi(scope, receive, send)
        limit = asyncio.timeout_at(self._ends_at_s)
        self._limits.add(limit)
        try:
            async with limit:
                await self._asgi(scope, receive, send)
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            self._limits.discard(limit)
