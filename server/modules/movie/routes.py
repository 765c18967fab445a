"""What films answer over HTTP."""

from uuid import UUID

from server.kernel.http.api import Call, route
from server.modules.movie.model import READ, Movie, MovieIndex, MovieNotFound, MoviePage
from server.modules.movie.service import MovieService
from server.services.catalog.model import CardFilter, CardQuery


class MovieRoutes:
    """The list of films and the page of one."""

    def __init__(self, movies: MovieService) -> None:
        self._movies = movies

    @route("GET", "/movies", permission=READ)
    async def page(self, call: Call, query: CardQuery) -> MoviePage:
        """Films by title, newest or year, with the profile's progress in those it has begun."""
        return await self._movies.page(call.viewer, query)

    @route("GET", "/movies/index", permission=READ)
    async def index(self, call: Call, query: CardFilter) -> MovieIndex:
        """How many films there are, and where each letter begins in the list by title."""
        return await self._movies.index(call.viewer, query)

    @route("GET", "/movies/{item_id}", permission=READ, raises=(MovieNotFound,))
    async def get(self, call: Call, item_id: UUID) -> Movie:
        """One film with its files and the profile's progress."""
        return await self._movies.get(call.viewer, item_id)
