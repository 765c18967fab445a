"""Tells the networks of this machine that a server is here, and finds others: DNS-SD over mDNS (RFC 6763, RFC 6762)."""

import asyncio
import contextlib
import importlib
import logging
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from app.failure import StartFailed
from app.stop import Stop
from server.kernel.log import get_log
from server.kernel.network import Address, http_url, reachable_addresses
from server.kernel.storage import write_whole
from server.kernel.tasks import TaskScope

if TYPE_CHECKING:
    from zeroconf import ServiceInfo, Zeroconf

log = get_log(__name__)

logging.getLogger("zeroconf").setLevel(
    logging.ERROR
)  # a card that goes is no news worth a traceback

SERVER_TYPE = "_revenge._tcp.local."
TYPES = (SERVER_TYPE, "_http._tcp.local.")
_AFTER_READY_S = 1.0  # the first page comes first
_LOOK_EVERY_S = 3.0
_TRY_AGAIN_S = 30.0
_GOODBYE_S = 1.0  # three farewells, an eighth of a second apart
_RESOLVE_MS = 1500
_FOUND_MAX = 200
_TEXT_MAX = 64
_ID = re.compile(r"[0-9a-f]{32}")


class Service(Struct, frozen=True, kw_only=True):
    """What is announced: where the server listens, its version, and the random id of the installation."""

    host: str
    port: int
    version: str
    installation_id: str


class Found(Struct, frozen=True, kw_only=True):
    """A server that announced itself; all of it is its own word. The id is empty where it told none."""

    name: str
    version: str
    installation_id: str
    addresses: list[str]


def installation_id(path: Path) -> str:
    """Return the random id of this installation, made at its first use. Raises: OSError."""
    with contextlib.suppress(FileNotFoundError):
        text = path.read_text(encoding="ascii", errors="replace").strip()
        if _ID.fullmatch(text):
            return text
    made = secrets.token_hex(16)
    write_whole(path, f"{made}\n".encode())
    return made


async def announce(service: Service, stop: Stop) -> None:
    """Announce the server until the stop, following its addresses; then say goodbye."""
    async with TaskScope() as scope:
        scope.spawn(_follow(service), name="announce")
        await stop.wait()


async def _follow(service: Service) -> None:
    await asyncio.sleep(_AFTER_READY_S)
    await asyncio.to_thread(importlib.import_module, "zeroconf.asyncio")
    from zeroconf import Error  # noqa: PLC0415 (loaded meanwhile)

    while True:
        try:
            addresses = reachable_addresses(service.host)
            async with _announced(service, addresses):
                await _change(service.host, addresses)
        except (OSError, Error) as error:
            log.warning("not announced in the network", reason=repr(error))
            await asyncio.sleep(_TRY_AGAIN_S)


async def _change(host: str, addresses: Sequence[Address]) -> None:
    """Return when the addresses are others: no system tells of that in the same way."""
    while reachable_addresses(host) == addresses:  # noqa: ASYNC110 (nothing sets an event)
        await asyncio.sleep(_LOOK_EVERY_S)


@asynccontextmanager
async def _announced(service: Service, addresses: Sequence[Address]) -> AsyncIterator[None]:
    """Be announced under these addresses, on their cards, until the block ends. Raises: OSError, zeroconf.Error."""
    from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415 (takes a while)

    if not addresses:
        yield
        return
    zeroconf = AsyncZeroconf(interfaces=[str(address) for address in addresses])
    try:
        for sent in [
            await zeroconf.async_register_service(info, allow_name_change=True)
            for info in services(service, addresses)
        ]:
            await sent
        log.info("announced in the network", address_count=len(addresses))
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(zeroconf.async_close(), _GOODBYE_S)


def services(service: Service, addresses: Sequence[Address]) -> list["ServiceInfo"]:
    """Return what is said of the server: nothing about its owner, its machine or what it holds.

    The name lasts, so that people know it again; the host's name is another in every run, so that a copied
    installation disputes nobody's.
    """
    from zeroconf import ServiceInfo  # noqa: PLC0415 (takes a while)

    host = f"revenge-{secrets.token_hex(6)}.local."
    return [
        ServiceInfo(
            kind,
            f"Revenge {service.installation_id[:8]}.{kind}",
            addresses=[address.packed for address in addresses],
            port=service.port,
            properties={"version": service.version, "id": service.installation_id},
            server=host,
        )
        for kind in TYPES
    ]


async def discover(wait_s: float) -> list[Found]:
    """Return the servers that answer within this time, by name. Raises: StartFailed."""
    from zeroconf import DNSQuestionType  # noqa: PLC0415 (takes a while)
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf  # noqa: PLC0415 (takes a while)

    names: dict[str, None] = {}

    def heard(*, name: str, state_change: object, **_: object) -> None:
        if getattr(state_change, "name", "") == "Removed":
            names.pop(name, None)
        elif len(names) < _FOUND_MAX:
            names[name] = None

    try:
        zeroconf = AsyncZeroconf()
    except OSError as error:
        raise StartFailed(
            f"The network cannot be asked ({error.strerror or error}). Check that this machine has one."
        ) from error
    # asked so that the answer goes to all: one for this port alone may reach another program that shares it
    browser = AsyncServiceBrowser(
        zeroconf.zeroconf, SERVER_TYPE, handlers=[heard], question_type=DNSQuestionType.QM
    )
    async with zeroconf, browser:
        await asyncio.sleep(wait_s)
        answers = await asyncio.gather(*(_asked(zeroconf.zeroconf, name) for name in names))
    return sorted((one for one in answers if one), key=lambda one: one.name)


async def _asked(zeroconf: "Zeroconf", name: str) -> Found | None:
    from zeroconf import BadTypeInNameException, DNSQuestionType  # noqa: PLC0415 (takes a while)
    from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415 (takes a while)

    try:
        info = AsyncServiceInfo(SERVER_TYPE, name)
    except BadTypeInNameException:
        return None
    is_known = await info.async_request(zeroconf, _RESOLVE_MS, DNSQuestionType.QM)
    return found(info) if is_known else None


def found(info: "ServiceInfo") -> Found:
    """Return what a server says of itself, fit for a terminal: anyone in the network may claim anything."""
    from zeroconf import IPVersion  # noqa: PLC0415 (takes a while)

    addresses = [
        address
        for address in info.ip_addresses_by_version(IPVersion.All)
        if not (isinstance(address, IPv6Address) and address.is_link_local)
    ]
    version = (info.properties.get(b"version") or b"").decode(errors="replace")
    told_id = (info.properties.get(b"id") or b"").decode(errors="replace")
    return Found(
        name=_printable(info.name.removesuffix(f".{info.type}")),
        version=_printable(version),
        installation_id=told_id if _ID.fullmatch(told_id) else "",
        addresses=[http_url(str(address), info.port or 0) for address in addresses],
    )


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text[:_TEXT_MAX])
