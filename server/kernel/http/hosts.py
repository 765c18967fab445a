"""Which Host headers are ours: a page elsewhere must not reach us by pointing its own name here.

DNS rebinding needs a registrable name, so addresses, single words and the names that home networks
hand out are let through; other names are listed in `server.allowed_hosts`, a whole domain as `*.example.org`.
"""

import ipaddress
import socket
from collections.abc import Callable
from functools import lru_cache

_HOME_ENDINGS = (".local", ".lan", ".home", ".internal", ".home.arpa", ".localhost")


@lru_cache(maxsize=4)
def host_check(allowed: tuple[str, ...]) -> Callable[[str], bool]:
    """Return whether a Host header may be answered, as a function."""
    listed = frozenset(name.lower() for name in (*allowed, socket.gethostname()))
    endings = (*_HOME_ENDINGS, *(name[1:] for name in listed if name.startswith("*.")))

    @lru_cache(maxsize=256)
    def is_ours(header: str) -> bool:
        name = _without_port(header.strip().lower()).rstrip(".")
        if not name or name in listed:
            return name in listed
        return "." not in name or name.endswith(endings) or _is_address(name)

    return is_ours


def _without_port(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
