"""Other servers in the network, as they tell of themselves: every word of it may be a stranger's trick. Without Qt."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

_ANSWER_BYTES_MAX: Final = 1024**2
_SHOWN_MAX: Final = 20
_NAME_MAX: Final = 40
_VERSION_MAX: Final = 20
_AT_HOME: Final = tuple(
    ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7")
)


class Announced(Struct, frozen=True, kw_only=True):
    """A server as `discover` tells of it."""

    name: str
    version: str
    installation_id: str
    addresses: list[str]


class Found(Struct, frozen=True, kw_only=True):
    """What `discover` prints."""

    items: list[Announced]


class Other(Struct, frozen=True, kw_only=True, order=True):
    """A server that can be opened: its name and version fit for a menu, its address in a network at home."""

    name: str
    address: str
    version: str


def own_id(path: Path) -> str:
    """Return the id by which our own server announces itself; empty where it has none yet."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def others(said: bytes, own: str) -> list[Other]:
    """Return the servers of an answer of `discover` that can be opened, ours left out; few enough for a menu."""
    try:
        items = msgspec.json.decode(said[:_ANSWER_BYTES_MAX], type=Found).items
    except msgspec.MsgspecError:
        return []
    fit = [_other(one) for one in items if not own or one.installation_id != own]
    return sorted({one for one in fit if one})[:_SHOWN_MAX]


def _other(announced: Announced) -> Other | None:
    usable = [address for one in announced.addresses if (address := at_home(one))]
    if not usable:
        return None
    name, version = _cut(announced.name, _NAME_MAX), _cut(announced.version, _VERSION_MAX)
    return Other(name=name or "?", version=version, address=usable[0])


def at_home(address: str) -> str:
    """Return an address of pages, made anew of its number and port; empty unless it is one in a network at home."""
    try:
        parts = urlsplit(address)
        host, port = ip_address(parts.hostname or ""), parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not port or not _is_at_home(host):
        return ""
    shown = f"[{host}]" if isinstance(host, IPv6Address) else str(host)
    return f"{parts.scheme}://{shown}:{port}/"


def _is_at_home(host: IPv4Address | IPv6Address) -> bool:
    has_zone = isinstance(host, IPv6Address) and host.scope_id is not None
    return not has_zone and any(host in net for net in _AT_HOME)


def _cut(text: str, length: int) -> str:
    """Return a text without signs that steer or turn what stands beside them."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * length])
    whole = " ".join(plain.split())
    return whole if len(whole) <= length else f"{whole[: length - 1]}…"
