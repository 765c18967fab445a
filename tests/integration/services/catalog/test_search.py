"""The words by which items are found follow the items: told by events, written where they differ."""

from typing import Any

import msgspec
import pytest

from server.kernel.db import Db
from server.kernel.events import emit
from server.kernel.ids import new_id
from server.kernel.roles import Owner
from server.kernel.sql import SqlText
from server.services.catalog.model import ItemsChanged, words
from server.services.catalog.search import SearchDocuments
from tests.helpers.until import until
from tests.integration.services.catalog.shelf import Shelf, followed
from tests.integration.services.catalog.test_catalog import SERIES, a_film, fill


async def documents(owner: Owner) -> dict[str, Any]:
    """Words by title."""
    rows = await owner.fetch("SELECT title, body::text FROM search_documents")
    return {row["title"]: row["body"] for row in rows}


async def test_films_are_found_by_title_edition_and_year(
    shelf: Shelf, owner: Owner, dsn: str
) -> None:
    async with followed(shelf, owner, dsn):
        shelf.film("Blade Runner (1982)/Blade Runner (1982).mkv")
        shelf.film("Blade Runner (1982)/Trailers/Teaser.mkv")
        library = await shelf.open()
    assert await documents(owner) == {"Blade Runner": "'blade':1A 'runner':2A"}
    facets = await owner.fetchval("SELECT facets FROM search_documents")
    assert msgspec.json.decode(facets) == {"year": 1982}
    async with followed(shelf, owner, dsn):  # nothing but the rows of the module changes
        shelf.film("Blade Runner (1982)/Blade Runner (1982) {edition-Final Cut}.mkv")
        await shelf.scan(library.library_id)
    assert await documents(owner) == {"Blade Runner": "'blade':1A 'cut':4 'final':3 'runner':2A"}


async def test_what_is_missing_is_not_found_until_it_is_back(
    shelf: Shelf, owner: Owner, dsn: str
) -> None:
    film = shelf.film("Alien (1979).mkv")
    shelf.film("Brazil (1985).mkv")
    async with followed(shelf, owner, dsn):
        library = await shelf.open()
        away = film.rename(shelf.folder.parent / "away")
        await shelf.scan(library.library_id)
    assert set(await documents(owner)) == {"Brazil"}
    async with followed(shelf, owner, dsn):
        away.rename(film)
        await shelf.scan(library.library_id)
    assert set(await documents(owner)) == {"Alien", "Brazil"}
    async with followed(shelf, owner, dsn):
        await shelf.libraries.remove(shelf.viewer, library.library_id)
    assert await documents(owner) == {}


async def test_documents_have_the_rights_of_their_items(
    shelf: Shelf, owner: Owner, dsn: str
) -> None:
    async with followed(shelf, owner, dsn):
        await fill(shelf, owner, "Saw", level=50)
    library_id = shelf.viewer.library_ids[0]
    rights = "SELECT kind, library_id, rating_level FROM search_documents"
    assert list(map(tuple, await owner.fetch(rights))) == [("movie", library_id, 50)]
    async with followed(shelf, owner, dsn), shelf.db.transaction() as tx:
        await shelf.catalog.put(tx, [a_film("Saw", library_id, rating_level=70)])
    assert list(map(tuple, await owner.fetch(rights))) == [("movie", library_id, 70)]


async def test_what_is_right_is_not_written_again(shelf: Shelf, owner: Owner, db: Db) -> None:
    ids = await fill(shelf, owner, "Alien", "Brazil")
    search = SearchDocuments(shelf.shelves)
    rows = "SELECT ctid, xmin FROM search_documents ORDER BY ctid"

    async def refresh() -> Any:
        async with db.transaction() as tx:
            await search.refresh(tx, ids)
        return await owner.fetch(rows)

    before = await refresh()
    assert len(before) == 2
    assert await refresh() == before
    await owner.execute("UPDATE movies SET tagline = 'In space' WHERE item_id = $1", ids[0])
    after = await refresh()
    assert len(set(after) - set(before)) == 1
    assert (await documents(owner))["Alien"] == "'alien':1A 'in':2 'space':3"


async def test_a_kind_that_tells_no_words_leaves_the_search(
    shelf: Shelf, owner: Owner, db: Db
) -> None:
    (item_id,) = await fill(shelf, owner, "Lost")
    search = SearchDocuments(shelf.shelves)
    async with db.transaction() as tx:
        await search.refresh(tx, [item_id, new_id()])
    assert set(await documents(owner)) == {"Lost"}
    async with db.transaction() as tx:
        await shelf.catalog.put(tx, [a_film("Lost", shelf.viewer.library_ids[0], kind=SERIES)])
        await search.refresh(tx, [item_id])
    assert await documents(owner) == {}


async def test_items_that_are_being_removed_are_tried_again(
    shelf: Shelf, owner: Owner, dsn: str, db: Db, statements: list[SqlText]
) -> None:
    async with followed(shelf, owner, dsn):
        ids = await fill(shelf, owner, "Alien", "Brazil")
    changed = ItemsChanged(library_id=shelf.viewer.library_ids[0], item_ids=ids)
    statements.clear()
    async with followed(shelf, owner, dsn), owner.transaction():
        await owner.execute("DELETE FROM items WHERE title = 'Alien'")
        async with db.transaction() as tx:
            await emit(tx, changed)
        await until(lambda: [str(one) for one in statements].count("catalog.hold") > 1)
    assert set(await documents(owner)) == {"Brazil"}
    assert await owner.fetch("SELECT FROM public.event_failures") == []


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("9-1-1: Lone_Star", "'1':2A,3A '9':1A 'lone':4A 'star':5A"),
        ("WALL·E", "'e':2A 'wall':1A"),
        ("Amélie/Das weiße Band", "'amelie':1A 'band':4A 'das':2A 'weisse':3A"),
        ("千と千尋の神隠し", "'千と千尋の神隠し':1A"),
        ("हिन्दी www.a.com", "'a':3A 'com':4A 'www':2A 'हिन्दी':1A"),
        ("' \\ : & | ! <-> *", ""),
        ("!!!", ""),
        ("x" * 3_000, ""),
    ],
)
async def test_words_are_what_people_type(
    shelf: Shelf, owner: Owner, db: Db, title: str, expected: str
) -> None:
    ids = await fill(shelf, owner, title)
    async with db.transaction() as tx:
        await SearchDocuments(shelf.shelves).refresh(tx, ids)
    assert (await documents(owner))[title] == expected


@pytest.mark.parametrize("text", ["word ", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM} ", "é"])
async def test_an_endless_text_is_found_by_its_beginning(
    shelf: Shelf, owner: Owner, db: Db, text: str
) -> None:
    (item_id,) = await fill(shelf, owner, "Alien")
    overview = " ".join(f"{text}{number}" for number in range(100_000))
    await owner.execute("UPDATE movies SET overview = $2 WHERE item_id = $1", item_id, overview)
    async with db.transaction() as tx:
        await SearchDocuments(shelf.shelves).refresh(tx, [item_id])
    found = "SELECT count(*) FROM search_documents WHERE body @@ to_tsquery('simple', $1)"
    assert await owner.fetchval(found, words(text + "1").replace(" ", " & ")) == 1
