"""The types of films."""

from typing import Final
from uuid import UUID

from server.kernel.errors import NotFound
from server.kernel.http.api import Permission
from server.services.catalog.model import (
    Card,
    CardIndex,
    CardPage,
    File,
    Kind,
    Progress,
    ProgressRow,
)

READ: Final = Permission("movie:read", "See films")

MOVIE: Final = Kind(name="movie", unit="ms", pool="video", on_shelf=True, is_playable=True)
KINDS: Final = (MOVIE,)


class MovieNotFound(NotFound):
    """No such film, or not for this viewer."""

    code = "movie.not_found"


class MovieRow(ProgressRow, frozen=True, kw_only=True):
    """A film as the database holds it; title and year stand on its card only."""

    library_id: UUID
    card_json: Card


class Movie(Card, frozen=True, kw_only=True):
    """One film with its files; `progress` is null before the first play."""

    library_id: UUID
    files: list[File]
    progress: Progress | None


class MoviePage(CardPage, frozen=True, kw_only=True):
    """A page of films."""


class MovieIndex(CardIndex, frozen=True, kw_only=True):
    """How many films a list has, and where each letter begins."""
