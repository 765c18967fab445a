"""The statements of the catalogue and the types of their rows."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from server.kernel.db import Query
from server.kernel.sql import load
from server.media.model import Probed
from server.services.catalog.model import (
    Card,
    Chapter,
    FileProblem,
    ItemPlace,
    ProgressRow,
    Subtitle,
)
from server.services.catalog.offer import Facets

sql = load(__file__)


class PageRow(Struct, frozen=True, kw_only=True):
    """A page of cards as JSON texts with commas between, the progress of who asks, and where the page ends."""

    cards: str
    progress: dict[str, ProgressRow]
    has_more: bool | None
    last_id: UUID | None
    last_sort_title: str | None
    last_year: int | None
    last_added_at: datetime | None


class BegunRow(ProgressRow, frozen=True, kw_only=True):
    """Something that a profile has begun."""

    card_json: Card


class LetterRow(Struct, frozen=True, kw_only=True):
    """The first letter of some cards as a code, and how many they are."""

    code: int
    count: int


class FileRow(Struct, frozen=True, kw_only=True):
    """A file of an item; `probe` and `error` are what the scan left."""

    item_id: UUID
    file_id: UUID
    path: bytes
    size_bytes: int
    probe: Probed | None
    error: FileProblem | None
    version: int
    is_stub: bool
    chapters: list[Chapter]


class BesideRow(Struct, frozen=True, kw_only=True):
    """What there is of an item beside its files; ids of pictures are by their kind."""

    item_id: UUID
    subtitles: list[Subtitle]
    external_ids: dict[str, str]
    images: dict[str, UUID]


class KindRow(Struct, frozen=True, kw_only=True):
    """An item and its kind."""

    item_id: UUID
    kind: str


class ItemRow(Struct, frozen=True, kw_only=True):
    """A row of `items` without its version."""

    item_id: UUID
    key: str
    kind: str
    library_id: UUID
    parent_id: UUID | None
    root_item_id: UUID
    title: str
    sort_title: str
    year: int | None
    ordinal: list[int]
    length: int | None
    unit: str
    rating_level: int
    on_shelf: bool
    image_id: UUID | None
    card_json: str
    state: str
    added_at: datetime


class WrittenRow(Struct, frozen=True, kw_only=True):
    """What events need to know of an item that was written."""

    item_id: UUID
    library_id: UUID
    rating_level: int
    state: str

    def place(self) -> ItemPlace:
        """Return what decides who may know of it."""
        return ItemPlace(
            item_id=self.item_id, library_id=self.library_id, rating_level=self.rating_level
        )


class CardText(Struct, frozen=True, kw_only=True):
    """The stored card of an item."""

    item_id: UUID
    card_json: str


class DocumentRow(Struct, frozen=True, kw_only=True):
    """A search document with its words, folded."""

    item_id: UUID
    title: str
    title_words: str
    body_words: str
    facets: Facets


PAGE_BY_TITLE: Final = Query(sql("page_by_title"), PageRow)
PAGE_BY_ADDED: Final = Query(sql("page_by_added"), PageRow)
PAGE_BY_YEAR: Final = Query(sql("page_by_year"), PageRow)
COUNT: Final = Query(sql("count"), int)
LETTERS: Final = Query(sql("letters"), LetterRow)
FILES: Final = Query(sql("files"), FileRow)
BESIDE: Final = Query(sql("beside"), BesideRow)
KINDS: Final = Query(sql("kinds"), KindRow)
GET_PROGRESS: Final = Query(sql("get_progress"), ProgressRow)
PUT_PROGRESS: Final = Query(sql("put_progress"), ProgressRow)
CONTINUE_ROW = Query(sql("continue_row"), BegunRow)
HIDE = Query(sql("hide"), ProgressRow)
MARK_WATCHED = Query(sql("mark_watched"), ProgressRow)

KNOWN: Final = Query(sql("known"), ItemRow)
UPSERT: Final = Query(sql("upsert"))
SETTLE: Final = Query(sql("settle"), WrittenRow)
PUT_IDS: Final = Query(sql("put_ids"))
REKEY: Final = Query(sql("rekey"))
RETIRE: Final = Query(sql("retire"), WrittenRow)
IMAGES_OF: Final = Query(sql("images_of"), UUID)
REMOVE: Final = Query(sql("remove"), WrittenRow)
CARDS_OF: Final = Query(sql("cards_of"), CardText)
ADD_IMAGES: Final = Query(sql("add_images"))
DROP_IMAGES: Final = Query(sql("drop_images"), UUID)
SET_IMAGES: Final = Query(sql("set_images"), WrittenRow)
WANT_PICTURES: Final = Query(sql("want_pictures"))
SETTLE_PICTURES: Final = Query(sql("settle_pictures"))
HOLD: Final = Query(sql("hold"), KindRow)
PUT_DOCUMENTS: Final = Query(sql("put_documents"))
