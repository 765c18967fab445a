"""Under which addresses others on its networks reach this machine."""

import contextlib
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

import psutil

Address = IPv4Address | IPv6Address

# Of networks for documentation (RFC 5737, RFC 3849): the way there is the way out, and nothing is sent.
_OUTSIDE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


def reachable_addresses(host: str) -> list[Address]:
    """Return where others reach what listens on `host`, the address that this machine itself uses first.

    Empty where only this machine reaches it, or while there is no network.
    """
    return reached(host, own=_own_addresses(), usual=_usual_addresses())


def reached(host: str, *, own: Iterable[Address], usual: Iterable[Address]) -> list[Address]:
    """Return the addresses of `own` that belong to `host` and lead here from elsewhere; `usual` ones first."""
    first = set(usual)
    fitting = {address for address in own if _listens(host, address) and _leads_here(address)}
    return sorted(fitting, key=lambda one: (one not in first, one.version, int(one)))


def http_url(address: str, port: int) -> str:
    """Return the address of the server's pages for a browser."""
    return f"http://[{address}]:{port}/" if ":" in address else f"http://{address}:{port}/"


def _listens(host: str, address: Address) -> bool:
    match host:
        case "::":
            return isinstance(address, IPv6Address) or socket.has_dualstack_ipv6()
        case "0.0.0.0":  # noqa: S104  (compared only)
            return isinstance(address, IPv4Address)
        case _:
            return str(address) == host


def _leads_here(address: Address) -> bool:
    """Return whether a browser elsewhere can use it: one of a single link needs a zone in IPv6, which browsers refuse."""
    is_of_link = isinstance(address, IPv6Address) and address.is_link_local
    return not (address.is_loopback or address.is_unspecified or is_of_link)


def _own_addresses() -> list[Address]:
    state = psutil.net_if_stats()
    return [
        ip_address(one.address)
        for card, addresses in psutil.net_if_addrs().items()
        if card in state and state[card].isup
        for one in addresses
        if one.family in {socket.AF_INET, socket.AF_INET6}
    ]


def _usual_addresses() -> list[Address]:
    found = []
    for family, outside in _OUTSIDE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((outside, 9))
            found.append(ip_address(probe.getsockname()[0]))
    return found
