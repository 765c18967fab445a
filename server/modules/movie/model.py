"""The types of films."""

from typing import Final
from uuid import UUID

from msgspec import Struct

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
    Subtitle,
)

READ: Final = Permission("movie:read", "See films")

MOVIE: Final = Kind(name="movie", unit="ms", pool="video", on_shelf=True, is_playable=True)
EXTRA: Final = Kind(
    name="movie_extra", parent="movie", unit="ms", pool="video", on_shelf=False, is_playable=True
)
KINDS: Final = (MOVIE, EXTRA)


class MovieNotFound(NotFound):
    """No such film, or not for this viewer."""

    code = "movie.not_found"


class VersionDetail(Struct, frozen=True, kw_only=True):
    """What tells a version of a film from the others; its files have the same number.

    `label` is what its name has beyond the film's. `disc` is what it was copied from, or stands for.
    """

    version: int
    label: str
    edition: str | None
    format_3d: str | None
    disc: str | None


class MovieDetail(Struct, frozen=True, kw_only=True):
    """What a scanner knows of a film beyond its item."""

    versions: tuple[VersionDetail, ...]


class ExtraDetail(Struct, frozen=True, kw_only=True):
    """What a scanner knows of an extra beyond its item."""

    kind: str


class ExtraRow(ProgressRow, frozen=True, kw_only=True):
    """An extra as the database holds it."""

    card: Card
    kind: str


class MovieRow(ProgressRow, frozen=True, kw_only=True):
    """A film as the database holds it; title and year stand on its card only."""

    library_id: UUID
    card_json: Card
    versions: list[VersionDetail]
    extras: list[ExtraRow]


class Version(Struct, frozen=True, kw_only=True):
    """One version of a film; more than one file are its parts, in playing order. A stub cannot be played here."""

    label: str
    edition: str | None
    format_3d: str | None
    disc: str | None
    is_stub: bool
    files: list[File]


class Extra(Struct, frozen=True, kw_only=True):
    """What comes with a film, such as a trailer; it has its own progress."""

    item_id: UUID
    kind: str
    title: str
    length_ms: int | None
    image_url: str | None
    blurhash: str | None
    progress: Progress | None
    files: list[File]


class Movie(Card, frozen=True, kw_only=True):
    """One film: its versions, the one to play first at the head, and what comes with it.

    `progress` is null before the first play; `external_ids` are by source, such as `imdb`.
    """

    library_id: UUID
    versions: list[Version]
    subtitles: list[Subtitle]
    extras: list[Extra]
    external_ids: dict[str, str]
    backdrop_url: str | None
    logo_url: str | None
    progress: Progress | None


class MoviePage(CardPage, frozen=True, kw_only=True):
    """A page of films."""


class MovieIndex(CardIndex, frozen=True, kw_only=True):
    """How many films a list has, and where each letter begins."""
