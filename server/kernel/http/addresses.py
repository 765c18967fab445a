"""Where others on the network reach this server, to be read by a person or a telephone's camera."""

from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

from server.kernel.config import Server
from server.kernel.http.api import SIGNED_IN, route
from server.kernel.network import http_url, reachable_addresses


class ServerAddress(Struct, frozen=True, kw_only=True):
    """An address of the server's pages."""

    url: str
    qr_code: Annotated[
        str, Meta(description="The address as a QR code: an SVG picture in a `data:` URI")
    ]


class ServerAddresses(Struct, frozen=True, kw_only=True):
    """The addresses of this server, the likeliest first; none where only its own machine reaches it."""

    items: list[ServerAddress]


class AddressRoutes:
    """Tells the addresses of a server that listens as `server` says."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @route("GET", "/server/addresses", permission=SIGNED_IN)
    async def addresses(self) -> ServerAddresses:
        """Return where others on the network reach this server, as addresses and QR codes."""
        host, port = self._server.host, self._server.port
        urls = [http_url(str(address), port) for address in reachable_addresses(host)]
        return ServerAddresses(items=[ServerAddress(url=url, qr_code=qr_code(url)) for url in urls])


@lru_cache(maxsize=64)
def qr_code(text: str) -> str:
    """Return a QR code, dark on light as cameras want it, as a `data:` URI that fits any size."""
    import segno  # noqa: PLC0415 (few ask for it)

    return segno.make(text, error="m", micro=False).svg_data_uri(
        border=4, light="#fff", omitsize=True
    )
