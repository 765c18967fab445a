"""A content module in one file: what a kind of thing needs is what it declares, and no service knows of it.

`docs/add-a-content-module.md` tells into which files its parts would go.
"""

import os
import re
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from server.kernel.db import Db, Query, Tx
from server.kernel.events import emit
from server.kernel.realm import PUBLIC, Secrets
from server.kernel.roles import Owner
from server.kernel.sql import parse
from server.kernel.viewer import Viewer
from server.media.model import Probe, Probed
from server.services.catalog.model import (
    NO_CONTENTS,
    Card,
    CardFilter,
    CardPage,
    CardQuery,
    File,
    ItemDraft,
    ItemNotFound,
    Kind,
    sort_key,
)
from server.services.catalog.offer import (
    ContentBuilt,
    FileUse,
    Group,
    Home,
    HomeFile,
    Placed,
    Role,
    SearchText,
    changes,
)
from server.services.catalog.service import Catalog
from tests.integration.services.catalog.shelf import FakeWorkers, Shelf, a_shelf, followed

# model.py

TUNE: Final = Kind(name="tune", unit="ms", pool="audio", on_shelf=True, is_playable=False)


class TuneDetail(Struct, frozen=True, kw_only=True):
    """What a scanner knows of a tune beyond its item."""

    composer: str


class TuneRow(TuneDetail, frozen=True, kw_only=True):
    """A tune as the database holds it."""

    card_json: Card


class Tune(Card, frozen=True, kw_only=True):
    """One tune with its files."""

    composer: str
    files: list[File]


class TunePage(CardPage, frozen=True, kw_only=True):
    """A page of tunes."""


# migrations/public/NNNN_tune.sql

TABLE = """
CREATE TABLE IF NOT EXISTS public.tunes (
    item_id  uuid PRIMARY KEY REFERENCES public.items ON DELETE CASCADE,
    composer text NOT NULL
);
"""

# queries.sql

SQL = parse(
    """
-- details: Tunes with their composers.
-- $1 library_ids, $2 max_level, $3 item_ids
SELECT i.card_json, t.composer
FROM items i
JOIN tunes t ON t.item_id = i.item_id
WHERE i.library_id = any($1::uuid[]) AND i.rating_level <= $2
  AND i.item_id = any($3::uuid[]);

-- documents: By which words tunes are found.
-- $1 item_ids
SELECT i.item_id, i.title, t.composer AS body, json_build_object('year', i.year, 'composer', t.composer) AS facets
FROM items i
JOIN tunes t ON t.item_id = i.item_id
WHERE i.item_id = any($1::uuid[]);

-- place: Note the composers of tunes; return the tunes that had another one.
-- $1 item_ids, $2 composers
WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::text[]) AS w(item_id, composer)
), new AS (
    INSERT INTO tunes (item_id, composer) SELECT * FROM wanted ON CONFLICT (item_id) DO NOTHING
)
UPDATE tunes t SET composer = w.composer
FROM wanted w
WHERE t.item_id = w.item_id AND t.composer <> w.composer
RETURNING t.item_id;
""",
    Path(__file__),
)

# store.py

DETAILS: Final = Query(SQL["details"], TuneRow)
DOCUMENTS: Final = Query(SQL["documents"], SearchText)
PLACE: Final = Query(SQL["place"], UUID)

# scanner.py

_NAME: Final = re.compile(
    r"(?P<title>.+?)(?: \((?P<year>\d{4})\))?(?: \[(?P<length_s>\d{1,4})s\])?\.abc"
)


class TuneScanner:
    """The scanner of libraries of tunes: each file is one, its folder names the composer."""

    library_kind = "tune"

    def role(self, path: bytes) -> Role | None:
        """Return `media` for a tune; everything else is left alone."""
        return "media" if path.endswith(b".abc") else None

    def home(self, folder: bytes) -> bytes:
        """Return the folder itself: its files make items by themselves."""
        return folder

    def probe(self, path: bytes) -> Probed:
        """Return what the name says; nothing is read."""
        del path
        return Probed(
            container="abc",
            media_type="text/vnd.abc",
            length_ms=None,
            bitrate_bps=None,
            streams=[],
            chapters=[],
        )

    def group(self, home: Home, files: Sequence[HomeFile]) -> list[Group]:
        """Return a tune for each file."""
        return [_group(home, file) for file in files]

    async def place(self, tx: Tx, placed: Sequence[Placed]) -> None:
        """Write the composers of tunes."""
        details = [(one.item_id, one.group.detail) for one in placed]
        composers = {key: one.composer for key, one in details if isinstance(one, TuneDetail)}
        changed = await tx.all(PLACE, list(composers), list(composers.values()))
        await emit(tx, *changes(placed, changed))


def _group(home: Home, file: HomeFile) -> Group:
    folder, _, name = file.path.decode(errors="replace").rpartition("/")
    named = _NAME.fullmatch(name)
    title, year, length_s = named.groups() if named else (name, None, None)
    draft = ItemDraft(
        key=f"{home.root_id}/{sha256(file.path).hexdigest()}",
        kind=TUNE,
        library_id=home.library_id,
        title=title,
        sort_title=sort_key(title),
        year=int(year) if year else None,
        length=1_000 * int(length_s) if length_s else None,
    )
    detail = TuneDetail(composer=folder.rpartition("/")[2] or "traditional")
    return Group(draft=draft, files=(FileUse(file_id=file.file_id),), detail=detail)


# service.py


class TuneService:
    """Tunes as a viewer sees them, and their `Shelf`."""

    def __init__(self, db: Db, catalog: Catalog) -> None:
        self._db = db
        self._catalog = catalog

    async def page(self, viewer: Viewer, want: CardQuery) -> TunePage:
        """Return a page of tunes. Raises: Invalid, for a cursor of another list."""
        page = await self._catalog.cards(viewer, TUNE, want)
        return TunePage(**msgspec.structs.asdict(page))

    async def get(self, viewer: Viewer, item_id: UUID) -> Tune:
        """Return a tune with its files. Raises: ItemNotFound."""
        tunes = await self.details(viewer, [item_id])
        if not tunes:
            raise ItemNotFound(item_id=item_id)
        return tunes[0]

    async def details(self, viewer: Viewer, item_ids: Sequence[UUID]) -> list[Tune]:
        """Return tunes with their files; three statements."""
        rows = await self._db.all(DETAILS, viewer.library_ids, viewer.max_level, item_ids)
        contents = await self._catalog.contents(viewer, item_ids)
        return [
            Tune(
                **msgspec.structs.asdict(row.card_json),
                composer=row.composer,
                files=contents.get(row.card_json.item_id, NO_CONTENTS).files,
            )
            for row in rows
        ]

    async def documents(self, tx: Tx, item_ids: Sequence[UUID]) -> list[SearchText]:
        """Return by which words tunes are found."""
        return await tx.all(DOCUMENTS, item_ids)


# What the house makes of it.


def tunes(db: Db, catalog: Catalog) -> ContentBuilt:
    return ContentBuilt(kinds=(TUNE,), scanner=TuneScanner(), shelf=TuneService(db, catalog))


@pytest.fixture
async def shelf(
    db: Db, owner: Owner, dsn: str, secrets: Secrets, tmp_path: Path, workers: FakeWorkers
) -> AsyncIterator[Shelf]:
    await owner.execute(TABLE)
    await owner.execute(
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON public.tunes TO "{secrets.role(PUBLIC)}"'
    )
    async with a_shelf(db, owner, dsn, tmp_path, workers, tunes) as opened:
        opened.film("O'Carolan/Sí Bheag, Sí Mhór (1690) [95s].abc")
        opened.film("Bach/Air.abc", b"")
        opened.film(b"\xff\xfe.abc", b"\0")
        opened.film("Bach/notes.txt")
        yield opened


@pytest.fixture
def service(shelf: Shelf) -> TuneService:
    return TuneService(shelf.db, shelf.catalog)


async def cards(shelf: Shelf, **want: Any) -> list[Card]:
    page = await TuneService(shelf.db, shelf.catalog).page(shelf.viewer, CardQuery(**want))
    return msgspec.json.decode(msgspec.json.encode(page), type=TunePage).items


async def card_of(shelf: Shelf, title: str) -> Card:
    return next(card for card in await cards(shelf) if card.title == title)


async def test_files_become_cards_without_being_read(shelf: Shelf, workers: FakeWorkers) -> None:
    library = await shelf.open()
    assert library.scan is not None
    assert (library.scan.state, library.scan.error_count, library.item_count) == ("done", 0, 3)
    found = {card.title: (card.kind, card.year, card.length_ms) for card in await cards(shelf)}
    assert found == {
        "Air": ("tune", None, None),
        "Sí Bheag, Sí Mhór": ("tune", 1690, 95_000),
        "\ufffd\ufffd": ("tune", None, None),
    }
    assert workers.count(Probe) == 0
    index = await shelf.catalog.index(shelf.viewer, TUNE, CardFilter(text="mhor"))
    assert [(letter.letter, letter.count) for letter in index.letters] == [("S", 1)]


async def test_the_newest_comes_first_in_the_row_of_what_is_new(shelf: Shelf) -> None:
    library = await shelf.open()
    shelf.film("Bach/Badinerie.abc", b"new")
    await shelf.scan(library.library_id)
    assert (await cards(shelf, sort="added", limit=1))[0].title == "Badinerie"


async def test_a_tune_is_told_with_its_files(shelf: Shelf, service: TuneService) -> None:
    await shelf.open()
    card = await card_of(shelf, "Sí Bheag, Sí Mhór")
    tune = await service.get(shelf.viewer, card.item_id)
    assert (tune.title, tune.composer) == (card.title, "O'Carolan")
    assert await shelf.shelves.details(shelf.viewer, [card.item_id]) == [tune]
    (file,) = tune.files
    assert (file.container, file.media_type) == ("abc", "text/vnd.abc")
    assert (await shelf.playback.content(shelf.viewer, file.file_id)).path.suffix == ".abc"


async def test_the_words_by_which_tunes_are_found_follow_the_disk(
    shelf: Shelf, owner: Owner, dsn: str
) -> None:
    async with followed(shelf, owner, dsn):
        library = await shelf.open()
    assert await documents(owner) == {
        "Air": ("'air':1A 'bach':2", {"composer": "Bach"}),
        "Sí Bheag, Sí Mhór": (
            "'bheag':2A 'carolan':6 'mhor':4A 'o':5 'si':1A,3A",
            {"year": 1690, "composer": "O'Carolan"},
        ),
        "\ufffd\ufffd": ("'traditional':1", {"composer": "traditional"}),
    }
    before = await card_of(shelf, "Sí Bheag, Sí Mhór")
    (shelf.folder / "O'Carolan").rename(shelf.folder / "Ó Cearbhalláin")
    (shelf.folder / os.fsdecode(b"\xff\xfe.abc")).unlink()
    async with followed(shelf, owner, dsn):
        await shelf.scan(library.library_id)
    assert await card_of(shelf, before.title) == before
    found = await documents(owner)
    assert sorted(found) == ["Air", before.title]
    assert found[before.title][1] == {"year": 1690, "composer": "Ó Cearbhalláin"}


async def test_an_unchanged_rescan_writes_nothing(shelf: Shelf, owner: Owner, dsn: str) -> None:
    async with followed(shelf, owner, dsn):
        library = await shelf.open()
    before = await written(owner)
    async with followed(shelf, owner, dsn):
        await shelf.scan(library.library_id)
    assert await written(owner) == before


async def test_each_profile_keeps_its_place(shelf: Shelf, service: TuneService) -> None:
    await shelf.open()
    card = await card_of(shelf, "Sí Bheag, Sí Mhór")
    kept = await shelf.catalog.put_progress(shelf.viewer, card.item_id, 95_000)
    assert (kept.fraction, kept.is_done) == (1.0, True)
    page = await service.page(shelf.viewer, CardQuery())
    assert page.progress == {str(card.item_id): kept}


@pytest.mark.parametrize("rights", [{"library_ids": ()}, {"max_level": 49}], ids=str)
async def test_nothing_is_told_to_whom_it_is_not_for(
    shelf: Shelf, service: TuneService, owner: Owner, rights: dict[str, Any]
) -> None:
    await shelf.open()
    card = await card_of(shelf, "Air")
    await owner.execute("UPDATE items SET rating_level = 50")
    viewer = msgspec.structs.replace(shelf.viewer, **rights)
    assert (await service.page(viewer, CardQuery(offset=0))).total_count == 0
    assert await service.details(viewer, [card.item_id]) == []
    assert await shelf.shelves.details(viewer, [card.item_id]) == []
    assert await shelf.catalog.contents(viewer, [card.item_id]) == {}
    with pytest.raises(ItemNotFound):
        await shelf.catalog.put_progress(viewer, card.item_id, 1)


async def documents(owner: Owner) -> dict[str, Any]:
    """Words and facets by title."""
    rows = await owner.fetch("SELECT title, body::text, facets FROM search_documents")
    return {row["title"]: (row["body"], msgspec.json.decode(row["facets"])) for row in rows}


async def written(owner: Owner) -> list[Any]:
    """Which transaction wrote each row, but for the note that there was a scan."""
    events = "events WHERE kind <> 'activity.noted'"
    return [
        row
        for table in ("items", "tunes", "files", "item_files", "search_documents", events)
        for row in await owner.fetch(f"SELECT ctid, xmin FROM {table} ORDER BY ctid")  # noqa: S608 (names of ours)
    ]
