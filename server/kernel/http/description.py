"""The API's description of itself, served to whoever writes a client."""

from collections.abc import Iterable

import msgspec
from msgspec import Raw

from server.kernel.http.api import PUBLIC, Route, route
from server.kernel.http.openapi import Json, openapi


class DescriptionRoutes:
    """Serves the OpenAPI document, encoded once."""

    def __init__(self) -> None:
        self._encoded = b"{}"

    @route("GET", "/openapi.json", permission=PUBLIC)
    async def openapi(self) -> Raw:
        """Return the OpenAPI 3.1 document of this API."""
        return Raw(self._encoded)

    def describe(self, routes: Iterable[tuple[str, Route]], *, version: str) -> Json:
        """Return the document of routes with their prefixes, and serve it from now on."""
        document = openapi(routes, version=version)
        self._encoded = msgspec.json.encode(document)
        return document
