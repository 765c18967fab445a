"""Builds libraries and their scans out of the parts of a realm."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from server.kernel.events import Event
from server.kernel.http.api import Permission
from server.kernel.metrics import NO_LABELS, Reading
from server.kernel.module import Built
from server.kernel.parts import Parts
from server.kernel.precedence import BACKGROUND
from server.kernel.schedule import Cron
from server.services.catalog.offer import Scanner
from server.services.catalog.service import Catalog
from server.services.library.changes import Changes
from server.services.library.jobs import LibraryJobs
from server.services.library.model import EDIT, READ, LibraryAdded, ScanAll
from server.services.library.pictures import Pictures
from server.services.library.preview import Previews
from server.services.library.routes import LibraryRoutes
from server.services.library.scan import ScanEngine
from server.services.library.scans import Scans
from server.services.library.service import LibraryService
from server.services.library.upkeep import Upkeep
from server.services.library.watching import Watching

PERMISSIONS: Final[tuple[Permission, ...]] = (READ, EDIT)
EVENTS: Final[Mapping[type[Event], Permission]] = {LibraryAdded: READ}
NIGHTLY: Final = Cron(name="library.nightly", expression="0 3 * * *", payload=ScanAll())


class BuiltLibrary(Built, frozen=True, kw_only=True):
    """Libraries; `upkeep` runs beside the requests."""

    libraries: LibraryService
    upkeep: Upkeep


def build(parts: Parts, catalog: Catalog, scanners: Iterable[Scanner]) -> BuiltLibrary:
    """Return libraries of the kinds that the scanners fill."""
    by_kind = {scanner.library_kind: scanner for scanner in scanners}
    workers = parts.workers.background
    engine = ScanEngine(
        parts.db, workers, catalog, partial(parts.workers.precedence.room, BACKGROUND)
    )
    scans = Scans(parts.db, parts.clock, parts.jobs, engine, by_kind)
    pictures = Pictures(parts.db, workers, parts.storage, catalog)
    watching = Watching(parts.db, workers, scans)
    changes = Changes(parts.db, parts.clock, parts.storage, scans, watching, catalog)
    previews = Previews(parts.workers.answers, parts.storage)
    libraries = LibraryService(parts.db, previews, scans, changes, parts.messages)
    return BuiltLibrary(
        libraries=libraries,
        upkeep=Upkeep(parts.clock, scans, pictures, watching),
        routes=(LibraryRoutes(libraries),),
        jobs=(LibraryJobs(scans, pictures),),
        schedule=(NIGHTLY,),
        readings=(_scans(scans),),
    )


def _scans(scans: Scans) -> Reading:
    return Reading(
        name="revenge_library_scans",
        description="Scans that run now.",
        read=lambda: {NO_LABELS: scans.running_count},
    )
