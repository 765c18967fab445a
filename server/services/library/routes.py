"""What libraries answer over HTTP."""

from uuid import UUID

from server.kernel.http.api import Call, route
from server.services.library.model import (
    EDIT,
    READ,
    Libraries,
    Library,
    LibraryNotFound,
    NewLibrary,
    Scan,
)
from server.services.library.service import LibraryService


class LibraryRoutes:
    """Libraries and their scans."""

    def __init__(self, libraries: LibraryService) -> None:
        self._libraries = libraries

    @route("GET", "/libraries", permission=READ)
    async def all(self, call: Call) -> Libraries:
        """The libraries with their folders and latest scans."""
        return await self._libraries.all(call.viewer)

    @route("POST", "/libraries", permission=EDIT, status=201, raises=LibraryService.ADD_ERRORS)
    async def add(self, call: Call, body: NewLibrary) -> Library:
        """Make a library of folders on the server's computer; its first scan begins at once."""
        return await self._libraries.add(call.viewer, body)

    @route("GET", "/libraries/{library_id}", permission=READ, raises=(LibraryNotFound,))
    async def get(self, call: Call, library_id: UUID) -> Library:
        """One library."""
        return await self._libraries.get(call.viewer, library_id)

    @route(
        "POST",
        "/libraries/{library_id}/scan",
        permission=EDIT,
        status=202,
        raises=(LibraryNotFound,),
    )
    async def scan(self, call: Call, library_id: UUID) -> Scan:
        """Look for new, changed and missing files; where a scan runs already, that one is returned."""
        return await self._libraries.scan(call.viewer, library_id)
