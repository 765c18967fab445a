"""Every statement that answers a viewer filters by the viewer's libraries and level."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from server.kernel.db import Db, Query
from server.modules import MODULES
from server.modules.movie import store as movie
from server.services.catalog import store as catalog
from server.services.library import store as library
from server.services.playback import store as playback
from tests.helpers.queries import queries_of, stores

OF_FILMS = {"catalog", "library", "playback", "movie"}
SHARED = OF_FILMS | {module.name for module in MODULES}

# Statements of the scan, of the search and of the catalogue's writer: no viewer ever calls or receives them.
INTERNAL = {
    catalog.KNOWN,
    catalog.UPSERT,
    catalog.SETTLE,
    catalog.REKEY,
    catalog.RETIRE,
    catalog.IMAGES_OF,
    catalog.REMOVE,
    catalog.CARDS_OF,
    catalog.ADD_IMAGES,
    catalog.SET_IMAGES,
    catalog.DROP_IMAGES,
    catalog.WANT_PICTURES,
    catalog.SETTLE_PICTURES,
    catalog.PUT_IDS,
    catalog.HOLD,
    catalog.PUT_DOCUMENTS,
    movie.PLACE,
    movie.FORGET_VERSIONS,
    movie.PLACE_VERSIONS,
    movie.PLACE_EXTRAS,
    movie.DOCUMENTS,
    playback.UNREAD,
    playback.PUT_KEYFRAMES,
    *queries_of(next(path for path in stores() if path.parent.name == "library")),
} - {library.LIST}

# Statements that know a profile only, the viewer's own.
OWN = {playback.PREFERENCES, playback.PUT_PREFERENCES}

VIEWED = [
    query
    for path in stores()
    if path.parent.name in SHARED
    for query in queries_of(path)
    if query not in INTERNAL | OWN
]
FILTERS = (
    re.compile(
        r"unnest\(\$1::uuid\[\]\) AS seen\(library_id\)[\s\S]*"
        r"WHERE i\.library_id = seen\.library_id AND i\.rating_level <= \$2"
    ),
    re.compile(r"WHERE i\.library_id = any\(\$1::uuid\[\]\) AND i\.rating_level <= \$2"),
    re.compile(r"i\.rating_level <= \$2[\s\S]*WHERE l\.library_id = any\(\$1::uuid\[\]\)"),
)


def test_there_are_statements_to_look_at() -> None:
    some = {playback.FILE, catalog.FILES, catalog.KINDS, movie.DETAILS, library.LIST}
    assert some <= set(VIEWED)


@pytest.mark.parametrize("query", VIEWED, ids=str)
def test_a_statement_for_a_viewer_filters_in_sql(query: Query[Any]) -> None:
    assert query.sql.comment.splitlines()[1].startswith("$1 library_ids, $2 max_level")
    assert any(pattern.search(query.sql.text) for pattern in FILTERS)
    assert query.sql.text.count("FROM items") == query.sql.text.count("i.rating_level <= $2")


@pytest.mark.parametrize(
    "query", [query for query in VIEWED if query.sql.path.parent.name in OF_FILMS], ids=str
)
async def test_a_statement_for_a_viewer_gives_nothing_where_nothing_may_be_seen(
    query: Query[Any], db: Db, shelf: Any
) -> None:
    shelf.film("Alien (1979).mkv")
    await shelf.open()
    (card,) = (await shelf.page()).items
    await shelf.catalog.put_progress(shelf.viewer, card.item_id, 1)
    movie_page = await shelf.movies.get(shelf.viewer, card.item_id)
    known = {
        "item_id": card.item_id,
        "item_ids": [card.item_id],
        "profile_id": shelf.viewer.profile_id,
        "file_id": movie_page.versions[0].files[0].file_id,
        "image_id": (card.image_url or "").rpartition("/")[2],
    }
    seen = await db.all(query, *arguments(query, known, shelf.viewer.library_ids, 100))
    assert seen
    for library_ids, level in (((), 100), (shelf.viewer.library_ids, -1)):
        rows = await db.all(query, *arguments(query, known, library_ids, level))
        assert [row for row in rows if row and not is_empty(row)] == []


def arguments(query: Query[Any], known: dict[str, Any], library_ids: Any, level: int) -> list[Any]:
    """Return a value for each parameter that the statement's comment names."""
    values: dict[str, Any] = known | {
        "library_ids": library_ids,
        "max_level": level,
        "kind": "movie",
        "words": [],
        "year_from": None,
        "year_to": None,
        "after_sort_title": "",
        "before_year": 32_767,
        "before_added_at": datetime(9999, 1, 1, tzinfo=UTC),
        "after_id": UUID(int=0),
        "before_id": UUID(int=2**128 - 1),
        "limit": 10,
        "offset": 0,
        "position": 1,
        "done_fraction": 0.9,
        "now": datetime.now(UTC),
        "since": datetime.min.replace(tzinfo=UTC),
        "from_fraction": -1.0,
        "to_fraction": 2.0,
        "is_watched": True,
        "hidden": False,
        "play_id": UUID(int=1),
        "started_at": datetime.now(UTC),
        "from_pos": 0,
        "to_pos": 1,
        "device": "",
        "method": "direct_play",
    }
    return [values[name] for name in re.findall(r"\$\d+ (\w+)", query.sql.comment)]


def is_empty(row: Any) -> bool:
    """Return whether a row shows no item: a page may be empty, and who sees a library sees its level's items counted."""
    if isinstance(row, catalog.PageRow):
        return not row.cards and not row.progress and row.last_id is None
    return isinstance(row, library.LibraryRow) and row.item_count == 0
