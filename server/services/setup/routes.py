"""The setup over HTTP: open to whoever holds the console's code, closed once it was used."""

from server.kernel.http.api import PUBLIC, Call, route
from server.services.auth.model import NameUnusable, SignedIn
from server.services.auth.routes import device_of, handed_over
from server.services.auth.service import Auth
from server.services.library.model import EDIT, Library, NewLibrary
from server.services.library.service import LibraryService
from server.services.setup.model import (
    DatabaseChoice,
    DatabaseTest,
    DatabaseWish,
    FirstAdministrator,
    FirstLibrary,
    Setup,
    StepDecided,
)
from server.services.setup.service import DatabaseStep, SetupService


class SetupRoutes:
    """The steps of a new server."""

    def __init__(
        self, setup: SetupService, database: DatabaseStep, auth: Auth, libraries: LibraryService
    ) -> None:
        self._setup = setup
        self._database = database
        self._auth = auth
        self._libraries = libraries

    @route("GET", "/setup", permission=PUBLIC)
    async def state(self, call: Call) -> Setup:
        """Return the steps of the setup and how far they are."""
        return await self._setup.state(call.language)

    @route("POST", "/setup/decided", permission=PUBLIC, raises=SetupService.CLAIM_ERRORS)
    async def decided(self, call: Call, body: StepDecided) -> Setup:
        """Leave a step as it is, and return how far the setup is then."""
        await self._setup.check_code(body.code, call.client_address)
        await self._setup.decide(body.step, "done")
        return await self._setup.state(call.language)

    @route("POST", "/setup/database/test", permission=PUBLIC, raises=SetupService.CLAIM_ERRORS)
    async def test_database(self, call: Call, body: DatabaseWish) -> DatabaseTest:
        """Test a PostgreSQL by logging in to it, and return in words whether it could be used."""
        await self._setup.check_code(body.code, call.client_address)
        return await self._database.test(body.url, call.language)

    @route(
        "POST",
        "/setup/database",
        permission=PUBLIC,
        status=202,
        raises=(*SetupService.CLAIM_ERRORS, *DatabaseStep.MOVE_ERRORS),
    )
    async def use_database(self, call: Call, body: DatabaseChoice) -> Setup:
        """Start the server again on an external PostgreSQL, or on its own where none is named."""
        await self._setup.check_code(body.code, call.client_address)
        await self._setup.move(body.url, call.language)
        return await self._setup.state(call.language)

    @route(
        "POST",
        "/setup/administrator",
        permission=PUBLIC,
        status=201,
        raises=(*SetupService.CLAIM_ERRORS, NameUnusable),
    )
    async def administrator(self, call: Call, body: FirstAdministrator) -> SignedIn:
        """Make the first administrator and sign in; the code stands on the server's console."""
        await self._setup.check_code(body.code, call.client_address)
        user_id = await self._setup.create_administrator(body)
        session = await self._auth.begin_session(user_id, device_of(call, body.device_name))
        return handed_over(call, session, body.mode)

    @route("POST", "/setup/library", permission=EDIT, status=201, raises=LibraryService.ADD_ERRORS)
    async def library(self, call: Call, body: FirstLibrary) -> Library:
        """Add the first folder of films; its scan starts at once."""
        new = NewLibrary(name=body.name, kind="movie", paths=[body.path])
        return await self._libraries.add(call.viewer, new)

    @route("POST", "/setup/library/skip", permission=EDIT)
    async def skip_library(self) -> None:
        """Leave the first folder for later."""
        await self._setup.decide("library", "skipped")
