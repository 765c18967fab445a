"""The setup over HTTP: open to whoever holds the console's code, closed once it was used."""

from server.kernel.http.api import PUBLIC, Call, route
from server.services.auth.model import (
    AdministratorExists,
    Locked,
    NameUnusable,
    SignedIn,
)
from server.services.auth.routes import device_of, kept_in_cookie
from server.services.auth.service import Auth
from server.services.library.model import EDIT, Library, NewLibrary
from server.services.library.service import LibraryService
from server.services.setup.model import CodeWrong, FirstAdministrator, FirstLibrary, Setup
from server.services.setup.service import SetupService


class SetupRoutes:
    """The steps of a new server."""

    def __init__(self, setup: SetupService, auth: Auth, libraries: LibraryService) -> None:
        self._setup = setup
        self._auth = auth
        self._libraries = libraries

    @route("GET", "/setup", permission=PUBLIC)
    async def state(self) -> Setup:
        """Return the steps of the setup and how far they are."""
        return await self._setup.state()

    @route(
        "POST",
        "/setup/administrator",
        permission=PUBLIC,
        status=201,
        raises=(CodeWrong, Locked, AdministratorExists, NameUnusable),
    )
    async def administrator(self, call: Call, body: FirstAdministrator) -> SignedIn:
        """Make the first administrator and sign in; the code stands on the server's console."""
        user_id = await self._setup.create_administrator(body, call.client_address)
        return kept_in_cookie(call, await self._auth.begin_session(user_id, device_of(call)))

    @route("POST", "/setup/library", permission=EDIT, status=201, raises=LibraryService.ADD_ERRORS)
    async def library(self, call: Call, body: FirstLibrary) -> Library:
        """Add the first folder of films; its scan starts at once."""
        new = NewLibrary(name=body.name, kind="movie", paths=[body.path])
        return await self._libraries.add(call.viewer, new)

    @route("POST", "/setup/library/skip", permission=EDIT)
    async def skip_library(self) -> None:
        """Leave the first folder for later."""
        await self._setup.skip("library")
