"""What the activity log keeps, and how it is read."""

from typing import Annotated, Final, Literal, Self
from uuid import UUID

from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.events import Event
from server.kernel.http.api import Permission
from server.kernel.page import CursorText, Limit, Page
from server.kernel.viewer import Viewer

READ: Final = Permission("activity:read", "See what one did oneself")
READ_ALL: Final = Permission(
    "activity:read_all", "See what everybody did on the server", is_for_members=False
)

ActivityKind = Literal[
    "account.created",
    "account.password_changed",
    "library.added",
    "library.removed",
    "play.begun",
    "scan.failed",
    "scan.finished",
    "session.begun",
    "session.ended",
    "session.refused",
    "settings.changed",
]
Topic = Literal["account", "library", "play", "scan", "session", "settings"]
"""What the kinds of activity begin with."""


class Noted(Event, frozen=True, kw_only=True, tag="activity.noted"):
    """Something that the activity log keeps, emitted in the transaction that makes it true.

    Nobody hears of it live. `subject` is what it was about, in the words of then; `code` says why it failed.
    """

    what: ActivityKind
    user_id: UUID | None = None
    user_name: str | None = None
    address: str | None = None
    subject_id: UUID | None = None
    subject: str | None = None
    code: str | None = None

    @classmethod
    def by(
        cls, viewer: Viewer, what: ActivityKind, *, subject: str, subject_id: UUID | None = None
    ) -> Self:
        """Return what a viewer did to something."""
        return cls(
            what=what,
            user_id=viewer.user_id,
            user_name=viewer.profile_name,
            subject_id=subject_id,
            subject=subject,
        )


class ActivitySettings(Struct, frozen=True, kw_only=True):
    """What administrators decide about the log."""

    kept_days: Annotated[int, Meta(ge=7, le=3650)] = 90


class TendActivity(Struct, frozen=True, kw_only=True):
    """The job that makes room for the months to come and forgets what is old."""


class Activity(Struct, frozen=True, kw_only=True):
    """Something that happened; names are those of then.

    `user_id` is null where nobody signed in did it; `reason` is why it failed.
    """

    happened_at: Instant
    kind: ActivityKind
    user_id: UUID | None
    user_name: str | None
    address: str | None
    subject_id: UUID | None
    subject: str | None
    reason: str | None


class ActivityPage(Page[Activity], frozen=True, kw_only=True):
    """What happened, the latest first."""


class ActivityQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which activity: of whom, about what, of how many days."""

    user_id: UUID | None = None
    topic: Topic | None = None
    days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    limit: Limit = 50
    cursor: CursorText | None = None


class ActivePerson(Struct, frozen=True, kw_only=True):
    """Somebody who did something, by the name of the last time."""

    user_id: UUID
    name: str


class ActivePeople(Struct, frozen=True, kw_only=True):
    """Everybody of whom the log knows something, by name."""

    items: list[ActivePerson]


class Latest(Struct, frozen=True):
    """A place in the log: the last one of the page before."""

    happened_at: Instant
    position: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0


class ActivityRow(Struct, frozen=True, kw_only=True):
    """Activity as it is stored; `position` is that of its event."""

    happened_at: Instant
    position: int
    kind: ActivityKind
    user_id: UUID | None
    user_name: str | None
    address: str | None
    subject_id: UUID | None
    subject: str | None
    code: str | None
