"""Items of any kinds asked for at once: each module tells of its own, and only of what may be seen."""

from uuid import UUID

import msgspec
import pytest

from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.roles import Owner
from server.kernel.sql import SqlText
from server.modules.movie.model import MOVIE, Movie
from server.services.catalog.offer import ContentBuilt, offers_of
from server.services.catalog.shelves import Shelves
from tests.integration.services.catalog.shelf import Shelf, files_of, films
from tests.integration.services.catalog.test_catalog import EPISODE, SERIES, a_film, fill


async def test_details_come_in_the_order_of_the_ids_in_four_statements(
    shelf: Shelf, statements: list[SqlText]
) -> None:
    for name in ("Alien (1979)", "Brazil (1985)", "Dune (2021)"):
        shelf.film(f"{name}/{name}.mkv")
        shelf.film(f"{name}/{name}.en.srt")
    shelf.film("Dune (2021)/Trailers/Teaser.mkv")
    await shelf.open()
    ids = [card.item_id for card in (await shelf.page()).items][::-1]
    statements.clear()
    movies = await shelf.shelves.details(shelf.viewer, [*ids, new_id()])
    assert [str(one) for one in statements] == [
        "catalog.kinds",
        "movie.details",
        "catalog.files",
        "catalog.beside",
    ]
    assert [movie.item_id for movie in movies] == ids
    for movie in movies:
        assert isinstance(movie, Movie)
        assert movie == await shelf.movies.get(shelf.viewer, movie.item_id)
        assert [file.name for file in files_of(movie)] == [f"{movie.title} ({movie.year}).mkv"]
        assert [subtitle.language for subtitle in movie.subtitles] == ["eng"]
        for extra in movie.extras:
            assert [file.name for file in extra.files] == ["Teaser.mkv"]
    assert [len(movie.extras) for movie in movies if isinstance(movie, Movie)] == [1, 0, 0]


async def test_the_unseen_and_kinds_without_a_shelf_are_left_out(
    shelf: Shelf, owner: Owner, db: Db
) -> None:
    (seen,) = await fill(shelf, owner, "Alien")
    (adult,) = await fill(shelf, owner, "Saw", level=50)
    shelf.viewer = msgspec.structs.replace(shelf.viewer, max_level=49)
    library_id = shelf.viewer.library_ids[0]
    async with db.transaction() as tx:
        draft = a_film("Lost", library_id, kind=SERIES, length=None)
        (unknown,) = (await shelf.catalog.put(tx, [draft])).values()
    wanted = [adult, unknown, seen]
    assert await told(shelf.shelves, shelf, wanted) == [seen]
    bare = ContentBuilt(kinds=(SERIES, EPISODE))
    both = Shelves(db, offers_of([films(db, shelf.catalog), bare]))
    assert await told(both, shelf, wanted) == [seen]
    shelf.viewer = msgspec.structs.replace(shelf.viewer, library_ids=(library_id,), max_level=100)
    assert await told(both, shelf, [*wanted, seen]) == [seen, seen]
    assert await told(both, shelf, []) == []


def test_a_kind_belongs_to_one_module_for_ever() -> None:
    one = ContentBuilt(kinds=(MOVIE,))
    offers = offers_of([one, ContentBuilt(kinds=(SERIES, EPISODE))])
    assert set(offers) == {"movie", "series", "episode"}
    assert offers["movie"] is one
    with pytest.raises(TypeError):
        offers["movie"] = one  # type: ignore[index]
    with pytest.raises(ValueError, match="movie"):
        offers_of([one, ContentBuilt(kinds=(EPISODE, MOVIE))])


async def told(shelves: Shelves, shelf: Shelf, item_ids: list[UUID]) -> list[UUID]:
    return [detail.item_id for detail in await shelves.details(shelf.viewer, item_ids)]
