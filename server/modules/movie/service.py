"""The rules of films."""

from uuid import UUID

import msgspec

from server.kernel.db import Db
from server.kernel.viewer import Viewer
from server.modules.movie import store
from server.modules.movie.model import MOVIE, Movie, MovieIndex, MovieNotFound, MoviePage
from server.services.catalog.model import CardFilter, CardQuery
from server.services.catalog.service import Catalog


class MovieService:
    """Films as a viewer sees them."""

    def __init__(self, db: Db, catalog: Catalog) -> None:
        self._db = db
        self._catalog = catalog

    async def get(self, viewer: Viewer, item_id: UUID) -> Movie:
        """Return a film with its files. Raises: MovieNotFound."""
        row = await self._db.one(
            store.GET, viewer.library_ids, viewer.max_level, item_id, viewer.profile_id
        )
        if row is None:
            raise MovieNotFound(item_id=item_id)
        return Movie(
            **msgspec.structs.asdict(row.card_json),
            library_id=row.library_id,
            files=await self._catalog.files(viewer, item_id),
            progress=row.progress(),
        )

    async def page(self, viewer: Viewer, want: CardQuery) -> MoviePage:
        """Return a page of films. Raises: Invalid, for a cursor of another list."""
        page = await self._catalog.cards(viewer, MOVIE, want)
        return MoviePage(**msgspec.structs.asdict(page))

    async def index(self, viewer: Viewer, want: CardFilter) -> MovieIndex:
        """Return how many films there are, and where each letter begins."""
        index = await self._catalog.index(viewer, MOVIE, want)
        return MovieIndex(**msgspec.structs.asdict(index))
