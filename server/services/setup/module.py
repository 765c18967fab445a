"""Builds the setup out of the public realm's parts and the services that its steps use."""

from msgspec import Struct

from server.kernel.parts import Parts
from server.services.auth.module import BuiltAuth
from server.services.library.service import LibraryService
from server.services.setup.routes import SetupRoutes
from server.services.setup.service import DatabaseTrial, SetupService


class BuiltSetup(Struct, frozen=True, kw_only=True):
    """The setup, for the console and the browser."""

    setup: SetupService
    routes: tuple[object, ...]


def build(parts: Parts, auth: BuiltAuth, libraries: LibraryService) -> BuiltSetup:
    """Return the setup."""
    is_external = parts.config.database.url is not None
    setup = SetupService(parts.db, parts.clock, auth.auth, auth.lockout, is_external=is_external)
    trial = DatabaseTrial(parts.messages)
    return BuiltSetup(setup=setup, routes=(SetupRoutes(setup, trial, auth.auth, libraries),))
