"""Opens sockets before anything else starts, so that a taken port is said at once, and serves them."""

import errno
import logging
import socket

import psutil
from hypercorn.asyncio import serve
from hypercorn.config import Config, Sockets

from app.asgi import Asgi
from app.failure import StartFailed
from app.stop import Stop
from server.kernel.network import http_url

_BACKLOG = 512
_KEEP_ALIVE_S = 60  # also how long a client may take to send the head of a request
_HEAD_LIMIT_BYTES = 32 * 1024
_MESSAGE_LIMIT_BYTES = 64 * 1024  # of a WebSocket: clients have little to say
_EVERY = ("0.0.0.0", "::")  # noqa: S104  (the names of "everywhere", compared only)

_errors = logging.getLogger("hypercorn.error")
_errors.setLevel(logging.WARNING)  # it announces every address otherwise


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens; `::` takes IPv4 too, port 0 is any free one. Raises: StartFailed."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        is_dual = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(
            address, family=family, backlog=_BACKLOG, dualstack_ipv6=is_dual
        )
    except UnicodeError as error:  # a label that is empty or longer than 63 signs
        raise StartFailed(_why(host, port, OSError("no name of a machine"))) from error
    except OSError as error:
        raise StartFailed(_why(host, port, error)) from error


def local_address(host: str, port: int) -> str:
    """Return the address under which a browser on this machine reaches the server."""
    name = "127.0.0.1" if host in _EVERY else host
    return http_url(name, port)


def _why(host: str, port: int, error: OSError) -> str:
    other = (
        "Choose another with --port, REVENGE_SERVER_PORT or server.port in the configuration file."
    )
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is taken{_holder(port)}. {other}"
        case errno.EACCES:
            return (
                f"Port {port} needs special rights: this user may not use ports below 1024. {other}"
            )
        case _:
            return (
                f"The server cannot listen on {host} ({error.strerror or error}). Check --host, REVENGE_SERVER_HOST "
                "or server.host in the configuration file."
            )


def _holder(port: int) -> str:
    """Return " by NAME (process N)" where the system lets us see that."""
    try:
        found = psutil.net_connections("tcp")
        pid = next(
            c.pid
            for c in found
            if c.status == psutil.CONN_LISTEN and c.pid and getattr(c.laddr, "port", 0) == port
        )
        return f" by {psutil.Process(pid).name()} (process {pid})"
    except (psutil.Error, OSError, StopIteration):
        return ""


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
        self._config = config = _OnSocket(opened)
        config.accesslog = None
        config.errorlog = _errors
        config.include_server_header = False
        config.keep_alive_timeout = _KEEP_ALIVE_S
        config.keep_alive_max_requests = 100_000
        config.h11_max_incomplete_size = _HEAD_LIMIT_BYTES
        config.websocket_max_message_size = _MESSAGE_LIMIT_BYTES

    async def serve(self, stop: Stop) -> None:
        """Serve until the stop is asked for, then as long as its grace lasts."""

        async def asked() -> None:
            await stop.wait()
            self._config.graceful_timeout = stop.grace_s

        await serve(self._asgi, self._config, shutdown_trigger=asked, mode="asgi")
