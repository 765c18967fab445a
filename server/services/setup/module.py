"""Builds the setup out of the public realm's parts and the services that its steps use."""

from msgspec import Struct

from server.kernel.parts import Parts
from server.services.auth.module import BuiltAuth
from server.services.library.service import LibraryService
from server.services.setup.routes import SetupRoutes
from server.services.setup.service import DatabaseStep, SetupService
from server.services.setup.sources import DatabaseHome


class BuiltSetup(Struct, frozen=True, kw_only=True):
    """The setup, for the console and the browser."""

    setup: SetupService
    routes: tuple[object, ...]


def build(
    parts: Parts, auth: BuiltAuth, libraries: LibraryService, home: DatabaseHome
) -> BuiltSetup:
    """Return the setup."""
    is_external = parts.config.now.database.url is not None
    database = DatabaseStep(home, parts.messages, is_external=is_external)
    setup = SetupService(parts.db, parts.clock, auth.auth, auth.lockout, database)
    return BuiltSetup(setup=setup, routes=(SetupRoutes(setup, database, auth.auth, libraries),))
