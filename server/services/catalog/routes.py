"""What the catalogue answers over HTTP for items of every kind."""

from uuid import UUID

from server.kernel.http.api import Call, route
from server.services.catalog.model import (
    TRACK,
    BegunCards,
    HiddenEdit,
    ItemNotFound,
    Progress,
    ProgressEdit,
    RowQuery,
    WatchedEdit,
)
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

    @route("PUT", "/items/{item_id}/watched", permission=TRACK, raises=(ItemNotFound,))
    async def mark_watched(self, call: Call, item_id: UUID, body: WatchedEdit) -> Progress:
        """Have an item count as watched, or as never begun."""
        return await self._catalog.mark_watched(call.viewer, item_id, is_watched=body.is_watched)

    @route("PUT", "/items/{item_id}/hidden", permission=TRACK, raises=(ItemNotFound,))
    async def hide(self, call: Call, item_id: UUID, body: HiddenEdit) -> Progress:
        """Leave an item out of what to go on with, or show it again; playing it shows it again, too."""
        return await self._catalog.hide(call.viewer, item_id, is_hidden=body.is_hidden)

    @route("GET", "/continue-watching", permission=TRACK)
    async def begun(self, call: Call, query: RowQuery) -> BegunCards:
        """What the profile has begun and not finished in the last 30 days, played last first."""
        return await self._catalog.begun(call.viewer, query.limit)
