from typing import Any

import msgspec
import pytest

from server.kernel.db import Db
from server.kernel.errors import Invalid
from server.kernel.ids import new_id
from server.kernel.page import encode_cursor
from server.kernel.roles import Owner
from server.kernel.sql import SqlText
from server.modules.movie.model import MOVIE, MovieNotFound
from server.services.catalog.model import (
    CardFilter,
    CardQuery,
    ItemDraft,
    ItemNotFound,
    Kind,
    sort_key,
)
from server.services.catalog.service import ByTitle
from tests.integration.services.catalog.shelf import Shelf

SERIES = Kind(name="series", unit="none", pool="video", on_shelf=True, is_playable=False)
EPISODE = Kind(
    name="episode", parent="series", unit="ms", pool="video", on_shelf=False, is_playable=True
)
TITLES = ["Alien", "Brazil", "Casablanca", "Dune", "Eraserhead", "Fargo", "Gattaca"]


async def fill(shelf: Shelf, owner: Owner, *titles: str, level: int = 0) -> list[Any]:
    """Make a library of films without files and let the viewer see it; return their ids."""
    library_id = new_id()
    await owner.execute(
        "insert into libraries values ($1, 'movie', 'Films', '{}', 0, now())", library_id
    )
    seen = (*shelf.viewer.library_ids, library_id)
    shelf.viewer = msgspec.structs.replace(shelf.viewer, library_ids=seen)
    drafts = [a_film(title, library_id, rating_level=level) for title in titles]
    async with shelf.db.transaction() as tx:
        ids = await shelf.catalog.put(tx, drafts)
    for item_id in ids.values():
        await owner.execute("insert into movies (item_id) values ($1)", item_id)
    return list(ids.values())


async def put(shelf: Shelf, owner: Owner, years: dict[str, int | None]) -> None:
    """Make films of these years."""
    await fill(shelf, owner, *years)
    for title, year in years.items():
        await owner.execute("update items set year = $2 where title = $1", title, year)


def a_film(key: str, library_id: Any, **changes: Any) -> ItemDraft:
    draft = ItemDraft(
        key=key,
        kind=MOVIE,
        library_id=library_id,
        title=key,
        sort_title=sort_key(key),
        year=1979,
        length=100_000,
    )
    return msgspec.structs.replace(draft, **changes)


@pytest.mark.parametrize("sort", ["title", "added", "year"])
async def test_pages_by_cursor_give_every_card_once(shelf: Shelf, owner: Owner, sort: Any) -> None:
    for title in TITLES:
        await fill(shelf, owner, title)
    found, cursor = [], None
    while True:
        page = await shelf.page(CardQuery(limit=3, sort=sort, cursor=cursor))
        found += [card.title for card in page.items]
        if (cursor := page.next_cursor) is None:
            break
    assert found == (TITLES[::-1] if sort == "added" else TITLES)


async def test_pages_by_offset_say_how_many_there_are(shelf: Shelf, owner: Owner) -> None:
    await fill(shelf, owner, *TITLES)
    page = await shelf.page(CardQuery(limit=2, offset=5))
    assert [card.title for card in page.items] == ["Fargo", "Gattaca"]
    assert page.total_count == 7
    assert (await shelf.page(CardQuery(limit=2))).total_count is None


@pytest.mark.parametrize("letter", ["x", "é", "\N{GRINNING FACE}"])
async def test_the_longest_titles_fit_into_a_cursor(
    shelf: Shelf, owner: Owner, letter: str
) -> None:
    await fill(shelf, owner, *(letter * 300 + end for end in "ab"))
    first = await shelf.page(CardQuery(limit=1))
    assert first.next_cursor is not None
    assert len(first.next_cursor) <= 1024
    second = await shelf.page(CardQuery(limit=1, cursor=first.next_cursor))
    assert [*first.items, *second.items] == (await shelf.page()).items


@pytest.mark.parametrize(
    "cursor",
    [encode_cursor(ByTitle("a\0")), "", "x", "%%%", "AAAA", "gqFhoWI", "é" * 50, "A" * 1024],
)
async def test_a_cursor_that_is_none_is_refused(shelf: Shelf, cursor: str) -> None:
    with pytest.raises(Invalid):
        await shelf.page(CardQuery(cursor=cursor))


async def test_a_cursor_of_the_other_order_is_refused(shelf: Shelf, owner: Owner) -> None:
    await fill(shelf, owner, *TITLES)
    cursor = (await shelf.page(CardQuery(limit=1))).next_cursor
    for want in (CardQuery(cursor=cursor, sort="added"), CardQuery(cursor=cursor, offset=1)):
        with pytest.raises(Invalid):
            await shelf.page(want)


async def test_a_list_and_a_film_cost_three_statements_at_most(
    shelf: Shelf, owner: Owner, statements: list[SqlText]
) -> None:
    (item_id, *_) = await fill(shelf, owner, *TITLES)
    statements.clear()
    await shelf.page(CardQuery())
    assert len(statements) == 1
    await shelf.page(CardQuery(offset=0))
    assert len(statements) == 3
    await shelf.movies.get(shelf.viewer, item_id)
    assert len(statements) == 6
    await shelf.movies.index(shelf.viewer, CardFilter())
    assert len(statements) == 7


async def test_by_year_the_latest_is_first_and_the_undated_are_last(
    shelf: Shelf, owner: Owner
) -> None:
    await put(shelf, owner, {"Alien": 1979, "Brazil": None, "Dune": 2021, "Amelie": 2021})
    first = await shelf.page(CardQuery(sort="year", limit=2))
    assert [card.title for card in first.items] == ["Amelie", "Dune"]
    rest = await shelf.page(CardQuery(sort="year", cursor=first.next_cursor))
    assert [card.title for card in rest.items] == ["Alien", "Brazil"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amelie", ["Amélie"]),
        ("  AME  poul ", []),
        ("DAS boo", ["Das Boot"]),
        ("das", ["Das Boot"]),
        ("strasse", ["Straße 100%"]),
        ("100%", ["Straße 100%"]),
        ("_", []),
        ("\\", []),
        ("千", ["千と千尋"]),
    ],
)
@pytest.mark.parametrize("sort", ["title", "added", "year"])
async def test_text_finds_titles_without_case_and_accents(
    shelf: Shelf, owner: Owner, sort: Any, text: str, expected: list[str]
) -> None:
    await fill(shelf, owner, "Amélie", "Das Boot", "Straße 100%", "千と千尋")
    page = await shelf.page(CardQuery(text=text, sort=sort, offset=0))
    assert [card.title for card in page.items] == expected
    assert page.total_count == len(expected)


@pytest.mark.parametrize(
    ("years", "expected"),
    [((1979, 1985), ["Alien", "Brazil"]), ((1986, None), ["Dune"]), ((None, 1979), ["Alien"])],
)
async def test_years_bound_a_list(
    shelf: Shelf, owner: Owner, years: Any, expected: list[str]
) -> None:
    await put(shelf, owner, {"Alien": 1979, "Brazil": 1985, "Dune": 2021, "Fargo": None})
    want = CardQuery(year_from=years[0], year_to=years[1])
    assert [card.title for card in (await shelf.page(want)).items] == expected


async def test_the_index_tells_where_a_letter_begins(shelf: Shelf, owner: Owner) -> None:
    await fill(shelf, owner, "The Abyss", "Alien", "8½", "!!!", "Ångström", "Dune", "千と千尋")
    index = await shelf.movies.index(shelf.viewer, CardFilter())
    found = [(entry.letter, entry.offset, entry.count) for entry in index.letters]
    assert found == [("#", 0, 2), ("A", 2, 3), ("D", 5, 1), ("…", 6, 1)]
    assert index.total_count == 7
    page = await shelf.page(CardQuery(offset=5, limit=1))
    assert [card.title for card in page.items] == ["Dune"]


async def test_an_endless_title_is_found_by_its_beginning(shelf: Shelf, owner: Owner) -> None:
    await fill(shelf, owner, "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 2_000, "é" * 2_000)
    assert len((await shelf.page(CardQuery(text="eee"))).items) == 1


async def test_progress_is_kept_per_profile_and_shown_in_lists(shelf: Shelf, owner: Owner) -> None:
    (item_id, _) = await fill(shelf, owner, "Alien", "Brazil")
    begun = await shelf.catalog.progress(shelf.viewer, item_id)
    assert (begun.position_ms, begun.fraction, begun.is_done, begun.last_at) == (0, 0, False, None)
    await shelf.catalog.put_progress(shelf.viewer, item_id, 25_000)
    page = await shelf.page()
    assert list(page.progress) == [str(item_id)]
    assert page.progress[str(item_id)].position_ms == 25_000
    assert page.progress[str(item_id)].fraction == 0.25
    assert (await shelf.movies.get(shelf.viewer, item_id)).progress == page.progress[str(item_id)]


@pytest.mark.parametrize(
    ("position_ms", "expected"),
    [(89_999, (89_999, False)), (90_000, (90_000, True)), (2**53 - 1, (100_000, True))],
)
async def test_nine_tenths_count_as_watched(
    shelf: Shelf, owner: Owner, position_ms: int, expected: tuple[int, bool]
) -> None:
    (item_id,) = await fill(shelf, owner, "Alien")
    progress = await shelf.catalog.put_progress(shelf.viewer, item_id, position_ms)
    assert (progress.position_ms, progress.is_done) == expected


async def test_each_time_past_nine_tenths_counts_once(shelf: Shelf, owner: Owner) -> None:
    (item_id,) = await fill(shelf, owner, "Alien")
    for position_ms in (95_000, 96_000, 10_000, 99_000):
        progress = await shelf.catalog.put_progress(shelf.viewer, item_id, position_ms)
        assert progress.is_done
    assert await owner.fetchval("select done_count from progress") == 2


async def test_a_film_of_unknown_length_keeps_its_place(shelf: Shelf, owner: Owner) -> None:
    (item_id,) = await fill(shelf, owner, "Alien")
    await owner.execute("update items set length = null")
    progress = await shelf.catalog.put_progress(shelf.viewer, item_id, 1_000)
    assert (progress.position_ms, progress.fraction, progress.is_done) == (1_000, 0, False)


async def test_what_may_not_be_seen_is_not_found(shelf: Shelf, owner: Owner) -> None:
    (hidden,) = await fill(shelf, owner, "Saw", level=18)
    shelf.viewer = msgspec.structs.replace(shelf.viewer, max_level=12)
    for viewer in (shelf.viewer, msgspec.structs.replace(shelf.viewer, library_ids=())):
        with pytest.raises(MovieNotFound):
            await shelf.movies.get(viewer, hidden)
        with pytest.raises(ItemNotFound):
            await shelf.catalog.progress(viewer, hidden)
        with pytest.raises(ItemNotFound):
            await shelf.catalog.put_progress(viewer, hidden, 1)
        assert (await shelf.movies.page(viewer, CardQuery(offset=0))).total_count == 0


async def test_a_known_key_keeps_id_age_and_picture(shelf: Shelf, owner: Owner) -> None:
    (item_id,) = await fill(shelf, owner, "Alien")
    (before,) = (await shelf.page()).items
    draft = a_film("Alien", shelf.viewer.library_ids[0], title="Alien: the cut", year=2003)
    async with shelf.db.transaction() as tx:
        assert await shelf.catalog.put(tx, [draft]) == {"Alien": item_id}
    (after,) = (await shelf.page()).items
    assert after == msgspec.structs.replace(before, title="Alien: the cut", year=2003)
    assert await owner.fetchval("select version from items") == 2


async def test_children_hang_on_parents_of_the_same_call_or_an_earlier_one(
    shelf: Shelf, owner: Owner, db: Db
) -> None:
    await fill(shelf, owner)
    library_id = shelf.viewer.library_ids[0]
    show = a_film("Lost", library_id, kind=SERIES, length=None)
    pilot = a_film("Pilot", library_id, kind=EPISODE, parent_key="Lost", ordinal=(1, 1))
    second = a_film("Second", library_id, kind=EPISODE, parent_key="Lost", ordinal=(1, 2))
    async with db.transaction() as tx:
        ids = await shelf.catalog.put(tx, [show, pilot])
    async with db.transaction() as tx:
        ids |= await shelf.catalog.put(tx, [second])
    rows = await owner.fetch(
        "select parent_id, root_item_id, ordinal from items where kind = 'episode' order by ordinal"
    )
    assert [tuple(row) for row in rows] == [
        (ids["Lost"], ids["Lost"], [1, 1]),
        (ids["Lost"], ids["Lost"], [1, 2]),
    ]
    assert await owner.fetchval("select root_item_id from items where key = 'Lost'") == ids["Lost"]


async def test_a_library_that_goes_takes_its_items_with_it(shelf: Shelf, owner: Owner) -> None:
    await fill(shelf, owner, *TITLES)
    await owner.execute("delete from libraries")
    assert await owner.fetchval("select count(*) from items") == 0
