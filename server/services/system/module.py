"""Builds the view on the server's own machinery out of the parts of a realm and what stands around the server."""

from typing import Final

from server.kernel.http.api import Permission
from server.kernel.module import Built
from server.kernel.parts import Parts
from server.services.system.computer import Disks
from server.services.system.model import READ
from server.services.system.routes import SystemRoutes
from server.services.system.service import Around, SystemService

PERMISSIONS: Final[tuple[Permission, ...]] = (READ,)


def build(parts: Parts, around: Around) -> Built:
    """Return the view."""
    system = SystemService(
        parts.db,
        parts.cache,
        parts.clock,
        parts.workers.answers,
        Disks(parts.storage.root),
        around,
    )
    return Built(routes=(SystemRoutes(system, parts.messages),))
