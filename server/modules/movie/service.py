"""The rules of films."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from server.kernel.db import Db, Tx
from server.kernel.viewer import Viewer
from server.modules.movie import store
from server.modules.movie.model import (
    MOVIE,
    Extra,
    ExtraRow,
    Movie,
    MovieIndex,
    MovieNotFound,
    MoviePage,
    MovieRow,
    Version,
    VersionDetail,
)
from server.services.catalog.model import NO_CONTENTS, CardFilter, CardQuery, Contents, File
from server.services.catalog.offer import SearchText
from server.services.catalog.service import Catalog


class MovieService:
    """Films as a viewer sees them, and their `Shelf`; extras come with their films."""

    def __init__(self, db: Db, catalog: Catalog) -> None:
        self._db = db
        self._catalog = catalog

    async def get(self, viewer: Viewer, item_id: UUID) -> Movie:
        """Return a film with its files. Raises: MovieNotFound."""
        movies = await self.details(viewer, [item_id])
        if not movies:
            raise MovieNotFound(item_id=item_id)
        return movies[0]

    async def details(self, viewer: Viewer, item_ids: Sequence[UUID]) -> list[Movie]:
        """Return films with their files; three statements."""
        rows = await self._db.all(
            store.DETAILS, viewer.library_ids, viewer.max_level, item_ids, viewer.profile_id
        )
        contents = await self._catalog.contents(viewer, item_ids)
        return [_movie(row, contents) for row in rows]

    async def documents(self, tx: Tx, item_ids: Sequence[UUID]) -> list[SearchText]:
        """Return by which words films are found."""
        return await tx.all(store.DOCUMENTS, item_ids)

    async def page(self, viewer: Viewer, want: CardQuery) -> MoviePage:
        """Return a page of films. Raises: Invalid, for a cursor of another list."""
        page = await self._catalog.cards(viewer, MOVIE, want)
        return MoviePage(**msgspec.structs.asdict(page))

    async def index(self, viewer: Viewer, want: CardFilter) -> MovieIndex:
        """Return how many films there are, and where each letter begins."""
        index = await self._catalog.index(viewer, MOVIE, want)
        return MovieIndex(**msgspec.structs.asdict(index))


def _movie(row: MovieRow, contents: Mapping[UUID, Contents]) -> Movie:
    own = contents.get(row.card_json.item_id, NO_CONTENTS)
    return Movie(
        **msgspec.structs.asdict(row.card_json),
        library_id=row.library_id,
        versions=_versions(row.versions, own.files),
        subtitles=own.subtitles,
        extras=[
            _extra(extra, contents.get(extra.card.item_id, NO_CONTENTS).files)
            for extra in row.extras
        ],
        external_ids=own.external_ids,
        backdrop_url=own.backdrop_url,
        logo_url=own.logo_url,
        progress=row.progress(),
    )


def _versions(known: Sequence[VersionDetail], files: Sequence[File]) -> list[Version]:
    """Return the versions that have files, those that can be played here first."""
    versions = [
        Version(
            label=one.label,
            edition=one.edition,
            format_3d=one.format_3d,
            disc=one.disc,
            is_stub=all(file.is_stub for file in parts),
            files=parts,
        )
        for one in known
        if (parts := [file for file in files if file.version == one.version])
    ]
    return sorted(versions, key=lambda version: version.is_stub)


def _extra(row: ExtraRow, files: list[File]) -> Extra:
    card = row.card
    return Extra(
        item_id=card.item_id,
        kind=row.kind,
        title=card.title,
        length_ms=card.length_ms,
        image_url=card.image_url,
        blurhash=card.blurhash,
        progress=row.progress(),
        files=files,
    )
