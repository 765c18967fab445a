"""What the catalogue tells of items: in the transaction that writes them, and only what is so."""

import json
from collections.abc import Awaitable
from typing import Any

from server.kernel.ids import new_id
from server.kernel.roles import Owner
from server.media.model import MakePoster
from server.services.library.model import Library
from tests.integration.services.catalog.shelf import FakeWorkers, Shelf
from tests.integration.services.catalog.test_catalog import a_film


async def told(owner: Owner) -> list[tuple[str, int, int]]:
    """Kind, level and count of what was told of items so far, which is forgotten with this."""
    rows = await owner.fetch("DELETE FROM public.events RETURNING number, kind, body")
    bodies: list[Any] = [json.loads(row["body"]) for row in sorted(rows, key=lambda row: row[0])]
    return [
        (one["kind"], one["rating_level"], len(one.get("item_ids", ())))
        for one in bodies
        if one["kind"].startswith("items.")
    ]


async def test_events_tell_of_new_and_changed_items_by_level(shelf: Shelf, owner: Owner) -> None:
    library_id = new_id()
    await owner.execute(
        "insert into libraries values ($1, 'movie', 'Films', '{}', 0, now())", library_id
    )
    await told(owner)

    async def put(count: int, **changes: Any) -> None:
        async with shelf.db.transaction() as tx:
            drafts = [a_film(f"Film {n}", library_id, **changes) for n in range(count)]
            await shelf.catalog.put(tx, drafts)

    await put(1001, rating_level=40)
    assert await told(owner) == [
        ("items.added", 40, 500),
        ("items.added", 40, 500),
        ("items.added", 40, 1),
    ]
    await put(1001, rating_level=40)
    assert await told(owner) == []
    await put(2, rating_level=70)
    assert await told(owner) == [("items.changed", 40, 2)]
    await put(1, rating_level=10)
    assert await told(owner) == [("items.changed", 10, 1)]


async def test_a_film_is_told_once_when_it_is_new_and_once_for_each_change_of_its_own_rows(
    shelf: Shelf, owner: Owner, workers: FakeWorkers
) -> None:
    workers.refused = (MakePoster,)  # a picture would be one more change

    async def after(scanned: Awaitable[Library]) -> list[str]:
        await scanned
        return [kind for kind, _, _ in await told(owner)]

    shelf.film("Alien (1979)/Alien (1979).mkv")
    library = await shelf.open()
    assert await after(shelf.settled(library.library_id)) == ["items.added"]
    cut = shelf.film("Alien (1979)/Alien (1979) {edition-Director's Cut}.mkv")
    assert await after(shelf.scan(library.library_id)) == ["items.changed"]
    assert await after(shelf.scan(library.library_id)) == []
    cut.unlink()
    assert await after(shelf.scan(library.library_id)) == ["items.changed"]
    trailer = shelf.film("Alien (1979)/Trailers/One.mkv")
    assert await after(shelf.scan(library.library_id)) == ["items.added"]
    (shelf.folder / "Alien (1979)/Featurettes").mkdir()
    trailer.rename(shelf.folder / "Alien (1979)/Featurettes/One.mkv")
    assert await after(shelf.scan(library.library_id)) == ["items.changed"]
