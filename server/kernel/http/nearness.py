"""Whether somebody asks from this very machine, past no proxy."""

from ipaddress import ip_address
from typing import Final

from werkzeug.datastructures import Headers

_HERE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_OF_PROXIES: Final = ("forwarded", "via", "x-forwarded-", "x-real-", "x-client-ip", "cf-")


def is_from_here(address: str | None, headers: Headers) -> bool:
    """Return whether the other end is on loopback, names us by loopback and speaks for itself.

    A proxy on the same machine connects from loopback for the whole world: it names us by the world's name, or adds
    where its client is.
    """
    host = headers.get("Host", "").strip().lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return (
        name in _HERE
        and _is_loopback(address or "")
        and not any(header.lower().startswith(_OF_PROXIES) for header in headers.keys())  # noqa: SIM118 - pairs else
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
