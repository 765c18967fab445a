"""Builds the settings out of the parts of a realm."""

from typing import Final

from server.kernel.events import Event
from server.kernel.http.api import Permission
from server.kernel.module import Built
from server.kernel.parts import Parts
from server.services.settings.model import EDIT, ServerSettings, SettingsChanged
from server.services.settings.routes import SettingsRoutes
from server.services.settings.service import SettingsService

PERMISSIONS: Final[tuple[Permission, ...]] = (EDIT,)
EVENTS: Final[tuple[type[Event], ...]] = (SettingsChanged,)


class BuiltSettings(Built, frozen=True, kw_only=True):
    """The settings, which are read from the database at the start."""

    settings: SettingsService


def build(parts: Parts) -> BuiltSettings:
    """Return the settings of all slices, whenever those declare them."""
    parts.settings.declare("server", ServerSettings)
    settings = SettingsService(parts.db, parts.clock, parts.settings, parts.messages)
    return BuiltSettings(
        settings=settings, routes=(SettingsRoutes(settings),), consumers=(settings.consumer,)
    )
