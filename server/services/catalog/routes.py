"""What the catalogue answers over HTTP for items of every kind."""

from uuid import UUID

from server.kernel.http.api import Call, route
from server.services.catalog.model import TRACK, ItemNotFound, Progress, ProgressEdit
from server.services.catalog.service import Catalog


class CatalogRoutes:
    """Progress of items."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @route("GET", "/items/{item_id}/progress", permission=TRACK, raises=(ItemNotFound,))
    async def get_progress(self, call: Call, item_id: UUID) -> Progress:
        """How far the profile is in an item; all zero before the first play."""
        return await self._catalog.progress(call.viewer, item_id)

    @route("PUT", "/items/{item_id}/progress", permission=TRACK, raises=(ItemNotFound,))
    async def put_progress(self, call: Call, item_id: UUID, body: ProgressEdit) -> Progress:
        """Note where the profile is in an item; at nine tenths it counts as watched."""
        return await self._catalog.put_progress(call.viewer, item_id, body.position_ms)
