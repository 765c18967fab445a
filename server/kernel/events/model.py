"""What an event is, who may hear of it, and who acts on it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from server.kernel.clock import Instant
from server.kernel.db import Tx
from server.kernel.viewer import Viewer


class Event(Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Something that happened; subclasses have a tag: `class ItemsAdded(Event, tag="items.added")`.

    Fields may be added with a default, never renamed: stored events are read by later versions.
    """

    def is_for(self, viewer: Viewer) -> bool:
        """Return whether a viewer who holds the event's permission may hear of this one."""
        del viewer
        return True

    def widens(self, viewer: Viewer) -> bool:
        """Return whether the viewer may see more after this; it and what follows is judged anew."""
        del viewer
        return False

    def ends(self, viewer: Viewer) -> bool:
        """Return whether the viewer's session is over with this."""
        del viewer
        return False


class LibraryEvent(Event, frozen=True, kw_only=True):
    """Something that happened in one library: for those who see that library and such ratings.

    `rating_level` is the level from which on a viewer may know of it.
    """

    library_id: UUID
    rating_level: int = 0

    def is_for(self, viewer: Viewer) -> bool:
        """Return whether the viewer sees the library and may see this level."""
        return self.library_id in viewer.library_ids and self.rating_level <= viewer.max_level


class Happened(Struct, frozen=True, kw_only=True):
    """An event at its place in the order of its realm, in which `position` never repeats."""

    position: int
    event: Event
    emitted_at: Instant


class Stretch(Struct, frozen=True, kw_only=True):
    """Events in a row up to the position `end`; those that this version does not know are left out."""

    events: Sequence[Happened]
    end: int


class Consumer(Struct, frozen=True, kw_only=True):
    """Who acts on events: `handle` is called in order, once for each event that is committed.

    What it writes in `tx` is written exactly once, together with the note that the event is handled.
    What it does elsewhere may happen again after a crash: let `happened.position` tell that.
    An event that fails again and again is noted and left out. `name` is kept in the database.
    """

    name: str
    events: tuple[type[Event], ...]
    handle: Callable[[Tx, Happened], Awaitable[None]]


def kind_of(event: type[Event]) -> str:
    """Return the tag of an event type. Raises: TypeError, where it has none."""
    tag: Any = event.__struct_config__.tag
    if not isinstance(tag, str) or "." not in tag:
        raise TypeError(f"{event.__name__} needs a tag like 'thing.happened'")
    return tag


class Events:
    """The event types that there are, by kind; reads what the outbox stores."""

    def __init__(self, types: "tuple[type[Event], ...]") -> None:
        self._decode = {
            kind_of(one): msgspec.json.Decoder(one).decode for one in dict.fromkeys(types)
        }
        if len(self._decode) != len(set(types)):
            raise ValueError("two events have the same kind")

    def read(self, kind: str, body: str) -> Event | None:
        """Return a stored event; None for one that this version does not know or cannot read."""
        decode = self._decode.get(kind)
        try:
            return None if decode is None else decode(body)
        except msgspec.ValidationError:
            return None
