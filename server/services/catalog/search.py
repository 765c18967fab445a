"""Keeps under which words items are found, right behind the events that tell of the items."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from server.kernel.db import Tx
from server.kernel.events import Consumer, Happened
from server.services.catalog import store
from server.services.catalog.model import ItemsAdded, ItemsChanged, ItemsRemoved, words
from server.services.catalog.offer import SearchText
from server.services.catalog.shelves import Shelves
from server.services.catalog.store import DocumentRow

_LONGEST: Final = 50_000
"""So many signs of a text count; PostgreSQL takes a megabyte of words for one document."""


class SearchDocuments:
    """Writes the search documents of items: what the shelves tell, with the rights of the items."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self.consumer = Consumer(
            name="catalog.search",
            events=(ItemsAdded, ItemsChanged, ItemsRemoved),
            handle=self._handle,
        )

    async def refresh(self, tx: Tx, item_ids: Sequence[UUID]) -> None:
        """Bring the documents of these items up to date; those that are right are not written."""
        rows = [_row(text) for text in await self._shelves.documents(tx, item_ids)]
        await tx.execute(store.PUT_DOCUMENTS, item_ids, msgspec.json.encode(rows).decode())

    async def _handle(self, tx: Tx, happened: Happened) -> None:
        match happened.event:
            case ItemsAdded() | ItemsChanged() | ItemsRemoved() as event:
                await self.refresh(tx, event.item_ids)


def _row(text: SearchText) -> DocumentRow:
    return DocumentRow(
        item_id=text.item_id,
        title=text.title,
        title_words=_words(text.title),
        body_words=_words(text.body),
        facets=text.facets,
    )


def _words(text: str) -> str:
    return words(text[:_LONGEST])[:_LONGEST]
