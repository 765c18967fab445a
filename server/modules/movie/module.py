"""The declaration of films."""

from server.kernel.module import Module
from server.kernel.parts import Parts
from server.modules.movie.model import KINDS, READ
from server.modules.movie.routes import MovieRoutes
from server.modules.movie.scanner import MovieScanner
from server.modules.movie.service import MovieService
from server.services.catalog.offer import ContentBuilt
from server.services.catalog.service import Catalog


def build(parts: Parts, catalog: Catalog) -> ContentBuilt:
    """Return films, built on the catalogue of the realm."""
    movies = MovieService(parts.db, catalog)
    return ContentBuilt(
        routes=(MovieRoutes(movies),), kinds=KINDS, scanner=MovieScanner(), shelf=movies
    )


MODULE = Module(name="movie", permissions=(READ,), build=build)
