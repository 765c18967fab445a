"""Settings as administrators see and change them."""

from typing import Annotated, Any, Final
from uuid import UUID

from msgspec import Meta, Struct

from server.kernel.clock import Instant
from server.kernel.errors import Conflict, NotFound
from server.kernel.events import Event
from server.kernel.http.api import Permission
from server.kernel.page import CursorText, Limit, Page
from server.kernel.settings import TEXT_MAX, Value

EDIT: Final = Permission(
    "settings:edit", "See and change how the server works", is_for_members=False
)

_VALUE_SCHEMA: Final = {
    "anyOf": [
        {"type": "boolean"},
        {"type": "integer"},
        {"type": "string", "maxLength": TEXT_MAX},
        {"type": "null"},
    ]
}


class ServerSettings(Struct, frozen=True, kw_only=True):
    """What administrators decide about the server as a whole."""

    name: Annotated[str, Meta(max_length=60, extra={"is_public": True})] = ""


class SettingsChanged(Event, frozen=True, kw_only=True, tag="settings.changed"):
    """Settings of a section are other than they were; nobody hears of it, but the server reads them anew."""

    section: str


class SectionNotFound(NotFound):
    """No part of the server has settings under this name."""

    code = "settings.section_not_found"


class SettingPinned(Conflict):
    """The environment or the configuration file says the value."""

    code = "settings.pinned"


class SettingsSection(Struct, frozen=True, kw_only=True):
    """The settings of one part of the server.

    `schema` is the JSON Schema of the values with their titles, descriptions and defaults in the
    reader's language. A setting is an `integer` with `minimum` and `maximum`, a `boolean`, a `string` with
    `maxLength` and perhaps a `pattern`, or a `string` with `oneOf`, where each `const` has a `title`.
    `chosen` names what differs from being left alone; `pinned` says for a setting that nobody can change
    here, which variable or line of the configuration holds it.
    """

    name: str
    title: str
    schema: dict[str, Any]
    values: dict[str, Value]
    chosen: list[str]
    pinned: dict[str, str]


class AllSettings(Struct, frozen=True, kw_only=True):
    """All settings, by part of the server."""

    items: list[SettingsSection]


class PublicSettings(Struct, frozen=True, kw_only=True):
    """The settings that everybody may read, by section and name."""

    sections: dict[str, dict[str, Value]]


class SettingsEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New values of a section by name; null sets one back to its default. What is not named stays."""

    section: Annotated[str, Meta(max_length=100)]
    values: Annotated[
        dict[
            Annotated[str, Meta(max_length=100)], Any
        ],  # the section says which are wrong, by name
        Meta(extra_json_schema={"additionalProperties": _VALUE_SCHEMA}),
    ]


class SettingChange(Struct, frozen=True, kw_only=True):
    """A setting that somebody changed, or set back."""

    change_id: UUID
    section: str
    name: str
    title: str
    value_from: Value
    value_to: Value
    is_reset: bool
    changed_by: str
    changed_at: Instant


class SettingChanges(Page[SettingChange], frozen=True, kw_only=True):
    """Who changed what, the latest first."""


class ChangesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of the changes."""

    limit: Limit = 20
    cursor: CursorText | None = None


class After(Struct, frozen=True):
    """A place in the changes: the last one of the page before."""

    change_id: UUID


class Chosen(Struct, frozen=True, kw_only=True):
    """A value that somebody chose, as JSON."""

    section: str
    name: str
    chosen: str


class ChangeRow(Struct, frozen=True, kw_only=True):
    """A change as it is stored; the values are JSON."""

    change_id: UUID
    section: str
    name: str
    value_from: str
    value_to: str
    is_reset: bool
    changed_by: str
    changed_at: Instant
