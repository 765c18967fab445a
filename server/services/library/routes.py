"""What libraries answer over HTTP."""

from uuid import UUID

from server.kernel.http.api import Call, route
from server.services.library.model import (
    EDIT,
    READ,
    Libraries,
    Library,
    LibraryEdit,
    LibraryNotFound,
    NewLibrary,
    PageQuery,
    Preview,
    PreviewWish,
    ProblemPage,
    Scan,
    ScanPage,
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

    @route(
        "DELETE",
        "/libraries/{library_id}/scan",
        permission=EDIT,
        status=204,
        raises=(LibraryNotFound,),
    )
    async def cancel(self, call: Call, library_id: UUID) -> None:
        """Stop the scan that runs, if any; what it found stays."""
        await self._libraries.cancel(call.viewer, library_id)

    @route("PATCH", "/libraries/{library_id}", permission=EDIT, raises=LibraryService.EDIT_ERRORS)
    async def edit(self, call: Call, library_id: UUID, body: LibraryEdit) -> Library:
        """Change the name or the folders of a library; other folders begin a scan."""
        return await self._libraries.edit(call.viewer, library_id, body)

    @route(
        "DELETE",
        "/libraries/{library_id}",
        permission=EDIT,
        status=204,
        raises=(LibraryNotFound,),
    )
    async def remove(self, call: Call, library_id: UUID) -> None:
        """Forget a library with its items, their progress and their pictures; files on disk stay."""
        await self._libraries.remove(call.viewer, library_id)

    @route("GET", "/libraries/{library_id}/scans", permission=EDIT, raises=(LibraryNotFound,))
    async def scans(self, call: Call, library_id: UUID, query: PageQuery) -> ScanPage:
        """The scans of a library, the latest first."""
        return await self._libraries.scans(call.viewer, library_id, query)

    @route("GET", "/libraries/{library_id}/problems", permission=EDIT, raises=(LibraryNotFound,))
    async def problems(self, call: Call, library_id: UUID, query: PageQuery) -> ProblemPage:
        """Files that cannot be read or are missing, folders that cannot be read, links left out."""
        return await self._libraries.problems(call.viewer, library_id, query)

    @route("POST", "/libraries/preview", permission=EDIT, raises=LibraryService.ADD_ERRORS)
    async def preview(self, call: Call, body: PreviewWish) -> Preview:
        """What a folder would become: how many media files, the first names, what to know before."""
        return await self._libraries.preview(call.viewer, body)
