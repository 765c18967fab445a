"""Builds the switch for background work out of the parts of a realm."""

from typing import Final

from server.kernel.http.api import Permission
from server.kernel.module import Built
from server.kernel.parts import Parts
from server.services.background.model import PAUSE
from server.services.background.routes import BackgroundRoutes

PERMISSIONS: Final[tuple[Permission, ...]] = (PAUSE,)


def build(parts: Parts) -> Built:
    """Return the switch for background work."""
    return Built(routes=(BackgroundRoutes(parts.jobs),))
