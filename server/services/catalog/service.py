"""The rules of the catalogue: the only writer of items, and what a viewer may read of them."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from string import ascii_uppercase
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from server.kernel.cache import Room
from server.kernel.clock import Clock
from server.kernel.db import Db, Query, Tx
from server.kernel.errors import FieldError, Invalid
from server.kernel.events import emit
from server.kernel.ids import new_id
from server.kernel.messages import Messages
from server.kernel.page import as_items, decode_cursor, encode_cursor
from server.kernel.viewer import Viewer
from server.services.catalog import store
from server.services.catalog.model import (
    BEGUN_FRACTION,
    CONTINUE_DAYS,
    DONE_FRACTION,
    NOT_BEGUN,
    UNKNOWN_MEDIA_TYPE,
    BegunCards,
    Card,
    CardFilter,
    CardIndex,
    CardPage,
    CardQuery,
    Contents,
    File,
    FileProblem,
    ImageDraft,
    ImageKind,
    ItemDraft,
    ItemNotFound,
    ItemPlace,
    ItemsAdded,
    ItemsChanged,
    ItemsRemoved,
    Kind,
    Letter,
    Progress,
    Sort,
    Stream,
    folded,
    items_events,
)
from server.services.catalog.store import FileRow, ItemRow, PageRow

_LIKE_SIGN: Final = re.compile(r"[\\%_]")
_FIRST_ID: Final = UUID(int=0)
_LAST_ID: Final = UUID(int=2**128 - 1)
_LONGEST_SORT_TITLE: Final = 150  # as many as a cursor holds, whatever the script
_LETTERS: Final = f"#{ascii_uppercase}…"
_LAST_YEAR: Final = 32_767  # the largest that the column holds
_LAST_INSTANT: Final = datetime(9999, 12, 31, tzinfo=UTC)


class ByTitle(Struct, frozen=True, tag="title"):
    """A place in a list by title: the last card of the page before."""

    sort_title: Annotated[str, Meta(pattern=r"\A[^\0]*\Z")] = ""  # PostgreSQL knows no NUL
    item_id: UUID = _FIRST_ID


class ByAdded(Struct, frozen=True, tag="added"):
    """A place in a list by age: the last card of the page before."""

    added_at: datetime = _LAST_INSTANT
    item_id: UUID = _LAST_ID


class ByYear(Struct, frozen=True, tag="year"):
    """A place in a list by year: the last card of the page before; year 0 stands for none."""

    year: Annotated[int, Meta(ge=0, le=_LAST_YEAR)] = _LAST_YEAR
    sort_title: Annotated[str, Meta(pattern=r"\A[^\0]*\Z")] = ""
    item_id: UUID = _FIRST_ID


type Place = ByTitle | ByAdded | ByYear
_ORDERS: Final[dict[Sort, tuple[type[Place], Query[PageRow]]]] = {
    "title": (ByTitle, store.PAGE_BY_TITLE),
    "added": (ByAdded, store.PAGE_BY_ADDED),
    "year": (ByYear, store.PAGE_BY_YEAR),
}


class Catalog:
    """The items of one realm. `api_prefix` is where the realm's routes begin."""

    def __init__(
        self,
        db: Db,
        clock: Clock,
        messages: Messages,
        indexes: Room[CardIndex],
        *,
        api_prefix: str = "/api/v1",
    ) -> None:
        self._db = db
        self._indexes = indexes
        self._clock = clock
        self._messages = messages
        self._api_prefix = api_prefix

    async def cards(self, viewer: Viewer, kind: Kind, want: CardQuery) -> CardPage:
        """Return a page of present items; one statement, with `offset` two. Raises: Invalid."""
        place, chosen = _place(want), (*_rights(viewer), kind.name, *_filter(want))
        row = await self._db.value(
            _ORDERS[want.sort][1],
            *chosen,
            viewer.profile_id,
            want.limit,
            want.offset or 0,
            *msgspec.structs.astuple(place),
        )
        if want.offset is None:
            return _page(row, want, total=None)
        total: int = await self._db.value(store.COUNT, *chosen)
        return _page(row, want, total)

    async def index(self, viewer: Viewer, kind: Kind, want: CardFilter) -> CardIndex:
        """Return the letters of a list and how long it is; one statement, none for a whole list that is kept."""
        chosen = (*_rights(viewer), kind.name, *_filter(want))

        async def load() -> CardIndex:
            return await self._index(chosen)

        if want.text:
            return await load()
        key = msgspec.json.encode(chosen).decode()
        return await self._indexes.get(key, load) or CardIndex(total_count=0, letters=[])

    async def _index(self, chosen: tuple[Any, ...]) -> CardIndex:
        rows = await self._db.all(store.LETTERS, *chosen)
        offsets = accumulate((row.count for row in rows), initial=0)
        letters = [
            Letter(letter=_LETTERS[row.code - 96], offset=offset, count=row.count)
            for row, offset in zip(rows, offsets, strict=False)
        ]
        return CardIndex(total_count=sum(row.count for row in rows), letters=letters)

    async def contents(self, viewer: Viewer, item_ids: Sequence[UUID]) -> dict[UUID, Contents]:
        """Return what there is of items and of their children, of each that is seen; two statements."""
        files: dict[UUID, list[File]] = defaultdict(list)
        for row in await self._db.all(store.FILES, *_rights(viewer), item_ids):
            files[row.item_id].append(self._file(row, viewer.language))
        return {
            row.item_id: Contents(
                files=files[row.item_id],
                subtitles=row.subtitles,
                external_ids=row.external_ids,
                backdrop_url=self._image_url(row.images.get("backdrop")),
                logo_url=self._image_url(row.images.get("logo")),
            )
            for row in await self._db.all(store.BESIDE, *_rights(viewer), item_ids)
        }

    async def progress(self, viewer: Viewer, item_id: UUID) -> Progress:
        """Return how far the viewer's profile is. Raises: ItemNotFound."""
        row = await self._db.one(store.GET_PROGRESS, *_rights(viewer), item_id, viewer.profile_id)
        if row is None:
            raise ItemNotFound(item_id=item_id)
        return row.progress() or NOT_BEGUN

    async def put_progress(self, viewer: Viewer, item_id: UUID, position_ms: int) -> Progress:
        """Note where the viewer's profile is. Idempotent. Raises: ItemNotFound."""
        row = await self._db.one(
            store.PUT_PROGRESS,
            *_rights(viewer),
            item_id,
            viewer.profile_id,
            position_ms,
            DONE_FRACTION,
            self._clock.now(),
        )
        if row is None:
            raise ItemNotFound(item_id=item_id)
        return row.progress() or NOT_BEGUN

    async def begun(self, viewer: Viewer, limit: int) -> BegunCards:
        """Return what the viewer's profile can go on with, in every kind; one statement."""
        rows = await self._db.all(
            store.CONTINUE_ROW,
            *_rights(viewer),
            viewer.profile_id,
            BEGUN_FRACTION,
            DONE_FRACTION,
            self._clock.now() - timedelta(days=CONTINUE_DAYS),
            limit,
        )
        progress = {str(row.card_json.item_id): row.progress() or NOT_BEGUN for row in rows}
        return BegunCards(items=[row.card_json for row in rows], progress=progress)

    async def hide(self, viewer: Viewer, item_id: UUID, *, is_hidden: bool) -> Progress:
        """Leave an item out of what to go on with until it is played again. Raises: ItemNotFound."""
        row = await self._db.one(
            store.HIDE, *_rights(viewer), item_id, viewer.profile_id, is_hidden
        )
        return (row and row.progress()) or await self.progress(viewer, item_id)

    async def mark_watched(self, viewer: Viewer, item_id: UUID, *, is_watched: bool) -> Progress:
        """Have an item count as watched, or as never begun. Raises: ItemNotFound."""
        row = await self._db.one(
            store.MARK_WATCHED,
            *_rights(viewer),
            item_id,
            viewer.profile_id,
            is_watched,
            self._clock.now(),
        )
        if row is None:
            raise ItemNotFound(item_id=item_id)
        return row.progress() or NOT_BEGUN

    async def put(self, tx: Tx, drafts: Sequence[ItemDraft]) -> dict[str, UUID]:
        """Make the items of one library look like their drafts; return their ids by key.

        Parents come before their children, or are there already. A key that is known keeps its id,
        its instant of adding and its picture. An item that is already as drafted is not written at
        all. Two drafts of one key: the last one counts.
        """
        if not drafts:
            return {}
        wanted = {draft.key: draft for draft in drafts}
        keys = set(wanted) | {draft.parent_key for draft in drafts if draft.parent_key is not None}
        rows = await tx.all(store.KNOWN, drafts[0].library_id, sorted(keys))
        known = {row.key: row for row in rows}
        now = self._clock.now()
        planned = self._plan(wanted, known, now)
        changed = [row for key, row in planned.items() if row != known.get(key)]
        if changed:
            await tx.execute(store.UPSERT, msgspec.json.encode(changed).decode(), now)
            await _tell(tx, changed, known)
        ids = {key: planned[key].item_id for key in wanted}
        await _put_ids(tx, wanted, ids)
        return ids

    async def settle(self, tx: Tx, item_ids: Sequence[UUID]) -> None:
        """Mark those of these items whose files are all gone as missing, and who came back as present.

        Nothing is ever removed: history and progress hang on items.
        """
        settled = await tx.all(store.SETTLE, item_ids, self._clock.now())
        for event, state in ((ItemsAdded, "present"), (ItemsRemoved, "missing")):
            places = [row.place() for row in settled if row.state == state]
            await emit(tx, *items_events(event, places))

    async def rekey(self, tx: Tx, library_id: UUID, moved: Mapping[str, UUID]) -> None:
        """Give items new keys: what was moved is the same item. A key that is taken stays with its item.

        An item that is wanted under two keys gets one of them.
        """
        if moved:
            await tx.execute(store.REKEY, library_id, list(moved.values()), list(moved))

    async def retire(self, tx: Tx, item_ids: Sequence[UUID]) -> None:
        """Mark those of these items as missing that have no file any more."""
        retired = await tx.all(store.RETIRE, item_ids, self._clock.now())
        await emit(tx, *items_events(ItemsRemoved, [row.place() for row in retired]))

    async def remove(self, tx: Tx, item_ids: Sequence[UUID]) -> list[UUID]:
        """Forget items with all that hangs on them; return the pictures to remove from the storage."""
        if not item_ids:
            return []
        image_ids = await tx.all(store.IMAGES_OF, item_ids)
        removed = await tx.all(store.REMOVE, item_ids)
        await emit(tx, *items_events(ItemsRemoved, [row.place() for row in removed]))
        return image_ids

    async def want_pictures(self, tx: Tx, item_ids: Sequence[UUID]) -> None:
        """Have pictures of items looked for; until then they keep what they have."""
        await tx.execute(store.WANT_PICTURES, list(item_ids))

    async def settle_pictures(self, tx: Tx, item_ids: Sequence[UUID]) -> None:
        """Note that there is no more to be had for these items until something changes."""
        await tx.execute(store.SETTLE_PICTURES, list(item_ids))

    async def set_images(
        self, tx: Tx, images: Sequence[ImageDraft], gone: Sequence[tuple[UUID, ImageKind]] = ()
    ) -> list[UUID]:
        """Give items pictures that lie in the storage and take others; return those to remove from there."""
        drafts = {(image.item_id, image.kind): image for image in images}
        touched = sorted({item_id for item_id, _ in (*drafts, *gone)})
        if not touched:
            return []
        rows = await tx.all(store.CARDS_OF, touched)
        cards = {row.item_id: row.card_json for row in rows}
        used = [image for image in drafts.values() if image.item_id in cards]
        replaced = await tx.all(
            store.DROP_IMAGES,
            [*(image.item_id for image in used), *(item_id for item_id, _ in gone)],
            [*(image.kind for image in used), *(kind for _, kind in gone)],
        )
        await tx.execute(
            store.ADD_IMAGES,
            [image.image_id for image in used],
            [image.item_id for image in used],
            [image.kind for image in used],
            [image.width_px for image in used],
            [image.height_px for image in used],
            [image.blurhash for image in used],
            [image.source for image in used],
        )
        posters = {image.item_id: image for image in used if image.kind == "poster"}
        shown = {key: self._with_image(cards[key], image) for key, image in posters.items()}
        changed = await tx.all(
            store.SET_IMAGES,
            list(cards),
            [posters[key].image_id if key in posters else None for key in cards],
            [shown.get(key) for key in cards],
            self._clock.now(),
        )
        await emit(tx, *items_events(ItemsChanged, [row.place() for row in changed]))
        return replaced

    def _file(self, row: FileRow, language: str) -> File:
        probe = row.probe
        return File(
            file_id=row.file_id,
            name=row.path.rpartition(b"/")[2].decode(errors="replace"),
            container=probe.container if probe else None,
            media_type=probe.media_type if probe else UNKNOWN_MEDIA_TYPE,
            size_bytes=row.size_bytes,
            length_ms=probe.length_ms if probe else None,
            streams=msgspec.convert(probe.streams, list[Stream], from_attributes=True)
            if probe
            else [],
            chapters=row.chapters,
            version=row.version,
            is_stub=row.is_stub,
            content_url=f"{self._api_prefix}/files/{row.file_id}/content",
            error=self._told(row.error, language) if row.error else None,
        )

    def _told(self, problem: FileProblem, language: str) -> FileProblem:
        """Return a problem with a sentence for the viewer; what the scan kept is for the log."""
        detail = self._messages.text(language, problem.code, {}).detail
        return FileProblem(code=problem.code, detail=detail)

    def _with_image(self, card_json: str, image: ImageDraft) -> str:
        card = msgspec.json.decode(card_json, type=Card)
        shown = msgspec.structs.replace(
            card, image_url=self._image_url(image.image_id), blurhash=image.blurhash
        )
        return msgspec.json.encode(shown).decode()

    def _plan(
        self, drafts: Mapping[str, ItemDraft], known: Mapping[str, ItemRow], now: datetime
    ) -> dict[str, ItemRow]:
        planned = dict(known)
        for key, draft in drafts.items():
            parent = planned[draft.parent_key] if draft.parent_key is not None else None
            planned[key] = self._row(draft, parent, known.get(key), now)
        return planned

    def _row(
        self, draft: ItemDraft, parent: ItemRow | None, known: ItemRow | None, now: datetime
    ) -> ItemRow:
        item_id = known.item_id if known else new_id()
        added_at = known.added_at if known else now
        shown = msgspec.json.decode(known.card_json, type=Card) if known else None
        card = Card(
            item_id=item_id,
            kind=draft.kind.name,
            title=draft.title,
            year=draft.year,
            image_url=shown.image_url if shown else None,
            length_ms=draft.length if draft.kind.unit == "ms" else None,
            added_at=added_at,
            blurhash=shown.blurhash if shown else None,
        )
        return ItemRow(
            item_id=item_id,
            key=draft.key,
            kind=draft.kind.name,
            library_id=draft.library_id,
            parent_id=parent.item_id if parent else None,
            root_item_id=parent.root_item_id if parent else item_id,
            title=draft.title,
            sort_title=draft.sort_title[:_LONGEST_SORT_TITLE],
            year=draft.year,
            ordinal=list(draft.ordinal),
            length=draft.length,
            unit=draft.kind.unit,
            rating_level=draft.rating_level,
            on_shelf=draft.kind.on_shelf,
            image_id=known.image_id if known else None,
            card_json=msgspec.json.encode(card).decode(),
            state="present",
            added_at=added_at,
        )

    def _image_url(self, image_id: UUID | None) -> str | None:
        return f"{self._api_prefix}/images/{image_id}" if image_id else None


async def _put_ids(tx: Tx, wanted: Mapping[str, ItemDraft], ids: Mapping[str, UUID]) -> None:
    """Note under which ids other catalogues have the items."""
    rows = [
        (ids[key], source, value)
        for key, draft in wanted.items()
        for source, value in draft.external_ids.items()
    ]
    await tx.execute(
        store.PUT_IDS, list(ids.values()), *([row[at] for row in rows] for at in range(3))
    )


async def _tell(tx: Tx, written: Sequence[ItemRow], known: Mapping[str, ItemRow]) -> None:
    """Put into the outbox what is new, and what is other than it was, for who knew it or knows it now."""
    added: list[ItemPlace] = []
    changed: list[ItemPlace] = []
    for row in written:
        old = known.get(row.key)
        is_new = old is None or old.state == "missing"
        level = row.rating_level if old is None else min(row.rating_level, old.rating_level)
        place = ItemPlace(item_id=row.item_id, library_id=row.library_id, rating_level=level)
        (added if is_new else changed).append(place)
    await emit(tx, *items_events(ItemsAdded, added), *items_events(ItemsChanged, changed))


def _rights(viewer: Viewer) -> tuple[tuple[UUID, ...], int]:
    """Return the first two arguments of every statement that answers a viewer."""
    return viewer.library_ids, viewer.max_level


def _filter(want: CardFilter) -> tuple[list[str], int | None, int | None]:
    """Return the arguments of a filter: patterns of the words, and the bounds of the years."""
    words = [f"%{_LIKE_SIGN.sub(r'\\\g<0>', word)}%" for word in folded(want.text).split()]
    return words, want.year_from, want.year_to


def _place(want: CardQuery) -> Place:
    """Return where the page begins. Raises: Invalid, also for a cursor of another order."""
    place = _ORDERS[want.sort][0]
    if want.cursor is None:
        return place()
    if want.offset is not None:
        raise Invalid(errors=(FieldError("offset", "goes without a cursor"),))
    return decode_cursor(want.cursor, place)


def _page(row: PageRow, want: CardQuery, total: int | None) -> CardPage:
    return CardPage(
        items=as_items(row.cards),
        progress={key: seen for key, found in row.progress.items() if (seen := found.progress())},
        next_cursor=encode_cursor(_end(row, want)) if row.has_more else None,
        total_count=total,
    )


def _end(row: PageRow, want: CardQuery) -> Place:
    """Return the place of the last card of a page that is full."""
    item_id, sort_title = row.last_id or _FIRST_ID, row.last_sort_title or ""
    match want.sort:
        case "title":
            return ByTitle(sort_title, item_id)
        case "added":
            return ByAdded(row.last_added_at or _LAST_INSTANT, item_id)
        case "year":
            return ByYear(row.last_year or 0, sort_title, item_id)
