"""Builds libraries and their scans out of the parts of a realm."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from server.kernel.http.api import Permission
from server.kernel.parts import Parts
from server.services.catalog.offer import Scanner
from server.services.catalog.service import Catalog
from server.services.library.changes import Changes
from server.services.library.model import EDIT, READ
from server.services.library.preview import Previews
from server.services.library.routes import LibraryRoutes
from server.services.library.scan import ScanEngine
from server.services.library.scans import Scans
from server.services.library.service import LibraryService

PERMISSIONS: Final[tuple[Permission, ...]] = (READ, EDIT)


class BuiltLibrary(Struct, frozen=True, kw_only=True):
    """Libraries; call `libraries.resume` once the realm is up."""

    libraries: LibraryService
    routes: tuple[object, ...]


def build(parts: Parts, catalog: Catalog, scanners: Iterable[Scanner]) -> BuiltLibrary:
    """Return libraries of the kinds that the scanners fill."""
    by_kind = {scanner.library_kind: scanner for scanner in scanners}
    engine = ScanEngine(parts.db, parts.clock, parts.workers, parts.storage, catalog)
    scans = Scans(parts.db, parts.clock, parts.tasks, engine, by_kind)
    changes = Changes(parts.db, parts.clock, parts.storage, scans, catalog)
    previews = Previews(parts.workers, parts.storage)
    libraries = LibraryService(parts.db, parts.clock, previews, scans, changes, parts.messages)
    return BuiltLibrary(libraries=libraries, routes=(LibraryRoutes(libraries),))
