"""What a content module may offer to the services; what it leaves out does not exist for its kinds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from server.kernel.db import Tx
from server.kernel.module import Built
from server.kernel.viewer import Viewer
from server.kernel.workers import Work
from server.media.model import Probed
from server.services.catalog.model import (
    ItemDraft,
    ItemPlace,
    ItemsChanged,
    ItemsEvent,
    Kind,
    items_events,
)

Role = Literal["media", "stub", "subtitle", "image", "sidecar"]
"""What a file is; a stub stands for a disc in a cupboard."""

Use = Literal[
    "media",
    "stub",
    "subtitle",
    "sidecar",
    "poster",
    "backdrop",
    "banner",
    "clearart",
    "disc",
    "landscape",
    "logo",
]
"""What an item has a file for."""


class Home(Struct, frozen=True, kw_only=True):
    """A folder whose files make their items together; `path` is relative to its root, b"" for the root itself."""

    library_id: UUID
    root_id: UUID
    path: bytes


class HomeFile(Struct, frozen=True, kw_only=True):
    """A file of a home, its path relative to the root; `facts` are what a worker read in a media file."""

    file_id: UUID
    path: bytes
    role: Role
    facts: Probed | None = None


class FileUse(Struct, frozen=True, kw_only=True):
    """How an item uses a file: as which version and which part, from where in the file on.

    Of several pictures for one purpose the first part is the best.
    """

    file_id: UUID
    role: Use = "media"
    version: int = 0
    part: int = 0
    starts_at_ms: int = 0


class SubtitleDraft(Struct, frozen=True, kw_only=True):
    """A subtitle in a file of its own; without `of_file_id` it belongs to all videos of the item."""

    file_id: UUID
    of_file_id: UUID | None
    format: str
    language: str | None
    title: str | None
    is_default: bool
    is_forced: bool
    is_hearing_impaired: bool


class Group(Struct, frozen=True, kw_only=True):
    """An item that a scanner recognised, with its files; `detail` is for the module's own rows."""

    draft: ItemDraft
    files: tuple[FileUse, ...]
    subtitles: tuple[SubtitleDraft, ...] = ()
    detail: Struct | None = None


class Placed(Struct, frozen=True, kw_only=True):
    """A group whose item is in the catalogue."""

    item_id: UUID
    group: Group

    def place(self) -> ItemPlace:
        """Return what decides who may know of the item."""
        draft = self.group.draft
        return ItemPlace(
            item_id=self.item_id, library_id=draft.library_id, rating_level=draft.rating_level
        )


class Scanner(Protocol):
    """Turns files into items of one kind of library; everything but `place` is pure."""

    library_kind: str

    def role(self, path: bytes) -> Role | None:
        """Return what a file is, by its path relative to the root; None leaves it alone."""
        ...

    def home(self, folder: bytes) -> bytes:
        """Return the folder at or above this one whose files make items together with its own.

        A home is its own home.
        """
        ...

    def probe(self, path: bytes) -> Work[Probed] | Probed:
        """Return the work that reads a media file, or its facts where its name says enough."""
        ...

    def group(self, home: Home, files: Sequence[HomeFile]) -> list[Group]:
        """Return the items of a home, parents before their children; the same files give the same keys.

        Media files have facts, others do not. A home of very many files comes in portions of
        neighbours by name.
        """
        ...

    async def place(self, tx: Tx, placed: Sequence[Placed]) -> None:
        """Write the module's own rows of these items; what is right already stays.

        For items that had rows and have others now it emits the `changes`.
        """
        ...


def changes(placed: Iterable[Placed], item_ids: Collection[UUID]) -> list[ItemsEvent]:
    """Return the events that tell that the module's rows of some placed items changed."""
    return items_events(ItemsChanged, [one.place() for one in placed if one.item_id in item_ids])


class Detail(Protocol):
    """All there is to say of an item: a Struct of its module, which `match` tells from others."""

    @property
    def item_id(self) -> UUID:
        """The item."""
        ...


type Facets = Mapping[str, int | str | list[str] | None]
"""What results can be narrowed by, such as a year; what is null does not count."""


class SearchText(Struct, frozen=True, kw_only=True):
    """By which words an item is found: those of its title weigh more than those of the `body`."""

    item_id: UUID
    title: str
    body: str = ""
    facets: Facets = {}


class Shelf(Protocol):
    """Reads the items of a module. Items without details or words of their own are left out."""

    async def details(self, viewer: Viewer, item_ids: Sequence[UUID]) -> Sequence[Detail]:
        """Return what there is to say of those of these items that the viewer may see.

        How many statements that takes does not depend on how many items there are.
        """
        ...

    async def documents(self, tx: Tx, item_ids: Sequence[UUID]) -> Sequence[SearchText]:
        """Return by which words these items are found; one statement."""
        ...


class ContentBuilt(Built, frozen=True, kw_only=True):
    """What the `build` of a content module returns."""

    kinds: tuple[Kind, ...]
    scanner: Scanner | None = None
    shelf: Shelf | None = None


type Offers = Mapping[str, ContentBuilt]
"""What there is for each kind, by its name."""


def offers_of(contents: Iterable[ContentBuilt]) -> Offers:
    """Return what modules offer, for ever as it is. Raises: ValueError, when two have the same kind."""
    named = [(kind.name, content) for content in contents for kind in content.kinds]
    offers = dict(named)
    if len(offers) != len(named):
        raise ValueError(f"kinds need a name of their own each: {[name for name, _ in named]}")
    return MappingProxyType(offers)
