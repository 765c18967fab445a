"""Builds the catalogue out of the parts of a realm."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from server.kernel.cache import CacheRule
from server.kernel.events import Event
from server.kernel.http.api import Permission
from server.kernel.module import Built
from server.kernel.parts import Parts
from server.services.catalog.model import (
    READ,
    TRACK,
    CardIndex,
    ItemsAdded,
    ItemsChanged,
    ItemsRemoved,
)
from server.services.catalog.offer import Offers
from server.services.catalog.routes import CatalogRoutes
from server.services.catalog.search import SearchDocuments
from server.services.catalog.service import Catalog
from server.services.catalog.shelves import Shelves

PERMISSIONS: Final[tuple[Permission, ...]] = (READ, TRACK)
EVENTS: Final[Mapping[type[Event], Permission]] = {
    ItemsAdded: READ,
    ItemsChanged: READ,
    ItemsRemoved: READ,
}
INDEXES: Final[CacheRule[CardIndex]] = CacheRule(
    name="catalog.index",
    kind=CardIndex,
    is_shared=True,
    drop_on=(ItemsAdded, ItemsChanged, ItemsRemoved),
)


class BuiltCatalog(Struct, frozen=True, kw_only=True):
    """The catalogue, for the modules and the library."""

    catalog: Catalog
    routes: tuple[object, ...]


def build(parts: Parts) -> BuiltCatalog:
    """Return the catalogue."""
    catalog = Catalog(parts.db, parts.clock, parts.messages, parts.cache.room(INDEXES))
    return BuiltCatalog(catalog=catalog, routes=(CatalogRoutes(catalog),))


def build_search(parts: Parts, offers: Offers) -> Built:
    """Return what keeps the search documents; modules are built on the catalogue, and this on them."""
    return Built(consumers=(SearchDocuments(Shelves(parts.db, offers)).consumer,))
