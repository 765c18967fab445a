"""The types of the catalogue: kinds, items, cards, files of an item, progress."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import batched
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.errors import NotFound
from server.kernel.events import LibraryEvent
from server.kernel.http.api import Permission
from server.kernel.page import CursorText, Limit, Offset, Page

READ: Final = Permission("catalog:read", "Hear what changes in the libraries that one sees")
TRACK: Final = Permission("catalog:track", "Keep one's own place in what one plays")

EVENT_ITEMS_MAX: Final = 500

DONE_FRACTION: Final = 0.9
"""From here on a thing counts as watched."""

BEGUN_FRACTION: Final = 0.05
"""Up to here nothing is lost by starting over."""

CONTINUE_DAYS: Final = 30
"""What was left alone for longer is no longer offered to go on with."""

UNKNOWN_MEDIA_TYPE: Final = "application/octet-stream"

Unit = Literal["ms", "page", "permille", "none"]
Pool = Literal["video", "audio", "reading", "picture"]
Sort = Literal["title", "added", "year"]
ImageKind = Literal["poster", "backdrop", "logo"]
Year = Annotated[int, Meta(ge=0, le=9999)]


class ItemNotFound(NotFound):
    """No such item, or not for this viewer."""

    code = "item.not_found"


ItemIds = Annotated[list[UUID], Meta(min_length=1, max_length=EVENT_ITEMS_MAX)]


class ItemsAdded(LibraryEvent, frozen=True, kw_only=True, tag="items.added"):
    """Items that are new in a library, or present again."""

    item_ids: ItemIds


class ItemsChanged(LibraryEvent, frozen=True, kw_only=True, tag="items.changed"):
    """Items whose card or facts are no longer what they were."""

    item_ids: ItemIds


class ItemsRemoved(LibraryEvent, frozen=True, kw_only=True, tag="items.removed"):
    """Items that lists no longer show: missing for now, or gone."""

    item_ids: ItemIds


type ItemsEvent = ItemsAdded | ItemsChanged | ItemsRemoved


class ItemPlace(Struct, frozen=True, kw_only=True):
    """What decides who may know of an item."""

    item_id: UUID
    library_id: UUID
    rating_level: int


def items_events(
    event: type[ItemsAdded | ItemsChanged | ItemsRemoved], items: Iterable[ItemPlace]
) -> list[ItemsEvent]:
    """Return the fewest events that tell of these items: one library, one level, 500 ids each."""
    groups: dict[tuple[UUID, int], list[UUID]] = {}
    for item in items:
        groups.setdefault((item.library_id, item.rating_level), []).append(item.item_id)
    return [
        event(library_id=library_id, rating_level=level, item_ids=list(ids))
        for (library_id, level), all_ids in groups.items()
        for ids in batched(all_ids, EVENT_ITEMS_MAX, strict=False)
    ]


class Kind(Struct, frozen=True, kw_only=True):
    """What a module says about one sort of item; `parent` is the kind that holds it."""

    name: str
    parent: str | None = None
    unit: Unit
    pool: Pool
    on_shelf: bool
    is_playable: bool


class ItemDraft(Struct, frozen=True, kw_only=True):
    """An item as it should be; `key` names it within its library for as long as it exists.

    `length` counts in the kind's unit. `ordinal` is the place below the parent, such as season and
    episode. `parent_key` is the key of another draft or of an item that is there already.
    `external_ids` are what its names say of other catalogues, by source such as `imdb`.
    """

    key: str
    kind: Kind
    library_id: UUID
    parent_key: str | None = None
    title: str
    sort_title: str
    year: int | None = None
    ordinal: tuple[int, ...] = ()
    length: int | None = None
    rating_level: int = 0
    external_ids: Mapping[str, str] = {}


class ImageDraft(Struct, frozen=True, kw_only=True):
    """A picture that lies in the storage and belongs to an item; `source` tells what it was made of."""

    image_id: UUID
    item_id: UUID
    kind: ImageKind
    width_px: int
    height_px: int
    blurhash: str
    source: bytes


class Card(Struct, frozen=True, kw_only=True):
    """What a list shows of an item; `blurhash` stands for the picture until that is there."""

    item_id: UUID
    kind: str
    title: str
    year: int | None
    image_url: str | None
    length_ms: int | None
    added_at: Instant
    blurhash: str | None = None


class Progress(Struct, frozen=True, kw_only=True):
    """How far a profile is; `last_at` is null while it never played the item."""

    position_ms: int
    fraction: float
    is_done: bool
    last_at: Instant | None


NOT_BEGUN: Final = Progress(position_ms=0, fraction=0.0, is_done=False, last_at=None)


class ProgressRow(Struct, frozen=True, kw_only=True):
    """Columns of `progress`, for rows that join it; all null before the first play."""

    position_ms: int | None
    fraction: float | None
    done_count: int | None
    last_at: Instant | None

    def progress(self) -> Progress | None:
        """Return what a client sees of it."""
        if self.last_at is None:
            return None
        return Progress(
            position_ms=self.position_ms or 0,
            fraction=self.fraction or 0.0,
            is_done=bool(self.done_count),
            last_at=self.last_at,
        )


class ProgressEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The place where a profile is now; a place behind the end counts as the end."""

    position_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)]


class WatchedEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether something counts as watched."""

    is_watched: bool


class HiddenEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether something is left out of what to go on with."""

    is_hidden: bool


class RowQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a row may be."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class BegunCards(Struct, frozen=True, kw_only=True):
    """What a profile has begun and not finished, played last first, with how far it is by item id."""

    items: list[Card]
    progress: dict[str, Progress]


class CardPage(Page[Card], frozen=True, kw_only=True):
    """Cards, and the progress of those that the profile has begun, by item id.

    `total_count` is given when pages are asked for by offset, else null: counting costs more than
    the page.
    """

    progress: dict[str, Progress]
    total_count: int | None


class CardFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cards of a list: those whose title holds each word of `text`, of these years.

    Neither case nor accents count. With a bound of years, cards without a year are left out.
    """

    text: Annotated[str, Meta(max_length=200)] = ""
    year_from: Year | None = None
    year_to: Year | None = None


class CardQuery(CardFilter, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list, in which order: from a cursor on, or from an offset on.

    By year means the latest year first, and those without a year last.
    """

    limit: Limit = 100
    cursor: CursorText | None = None
    offset: Offset | None = None
    sort: Sort = "title"


class Letter(Struct, frozen=True, kw_only=True):
    """The cards whose titles begin alike; `offset` is where they begin in the list by title."""

    letter: str
    offset: int
    count: int


class CardIndex(Struct, frozen=True, kw_only=True):
    """How long a list is, and its letters that have cards in the order of titles.

    `#` stands for digits and signs before A, `…` for all that comes behind Z.
    """

    total_count: int
    letters: list[Letter]


class Stream(Struct, frozen=True, kw_only=True):
    """One track of a file; `codecs` is its RFC 6381 name where it has one."""

    index: int
    kind: Literal["video", "audio", "subtitle", "attachment"]
    codec: str
    codecs: str | None = None
    language: str | None = None
    title: str | None = None
    is_default: bool = False
    width_px: int | None = None
    height_px: int | None = None
    frame_rate: float | None = None
    channel_count: int | None = None
    sample_rate_hz: int | None = None
    bitrate_bps: int | None = None


class FileProblem(Struct, frozen=True, kw_only=True):
    """Why a file cannot be used."""

    code: str
    detail: str


class Chapter(Struct, frozen=True, kw_only=True):
    """A named place in a file."""

    start_ms: int
    title: str | None


class File(Struct, frozen=True, kw_only=True):
    """A file of an item; `media_type` is what a browser may be asked whether it can play it.

    Files of one `version` are its parts, in playing order. A stub stands for a disc in a cupboard.
    """

    file_id: UUID
    name: str
    container: str | None
    media_type: str
    size_bytes: int
    length_ms: int | None
    streams: list[Stream]
    chapters: list[Chapter]
    version: int
    is_stub: bool
    content_url: str
    error: FileProblem | None


class Subtitle(Struct, frozen=True, kw_only=True):
    """A subtitle of an item: a file of its own, or a stream of a video.

    Without `of_file_id` it belongs to all videos. `format` is FFmpeg's name, `language` ISO 639-2.
    """

    file_id: UUID
    stream_index: int
    is_external: bool
    of_file_id: UUID | None
    format: str
    language: str | None
    title: str | None
    is_default: bool
    is_forced: bool
    is_hearing_impaired: bool


class Contents(Struct, frozen=True, kw_only=True):
    """What there is of an item."""

    files: list[File] = []
    subtitles: list[Subtitle] = []
    external_ids: dict[str, str] = {}
    backdrop_url: str | None = None
    logo_url: str | None = None


NO_CONTENTS: Final = Contents()


def folded(title: str) -> str:
    """Return a title as the column `folded_title` has it: no case, no accent."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", title.lower()))
    return plain.replace("ß", "ss")


def words(text: str) -> str:
    """Return the words of a text as the search compares them: folded, one space between them."""
    plain = (char if unicodedata.category(char)[0] in "LMN" else " " for char in folded(text))
    return " ".join("".join(plain).split())


def sort_key(title: str) -> str:
    """Return what a title is sorted by: no leading article, no case or accent, numbers by value."""
    folded = unicodedata.normalize("NFKD", title.casefold())
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    words = " ".join(_NOT_A_WORD.sub(" ", plain).split())
    bare = _ARTICLE.sub("", words) or words or plain
    return _NUMBER.sub(lambda found: found[0].lstrip("0").zfill(8), bare)


_ARTICLE = re.compile(r"^(?:the|an?|der|die|das|les?|la|los|las) (?=.)")
_NOT_A_WORD = re.compile(r"[^\w]+")
_NUMBER = re.compile(r"\d+")
_ACCENT = re.compile("[\u0300-\u036f]")
