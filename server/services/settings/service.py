"""The rules of settings: what may be changed to what, who did, and that it holds at once."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct, structs

from server.kernel.clock import Clock
from server.kernel.db import Db, Tx
from server.kernel.errors import FieldError, Invalid
from server.kernel.events import Consumer, Happened, emit
from server.kernel.ids import new_id
from server.kernel.messages import Messages, Sentence
from server.kernel.page import decode_cursor, encode_cursor
from server.kernel.settings import Section, Settings, Value
from server.kernel.viewer import Viewer
from server.services.activity.model import Noted
from server.services.settings import store
from server.services.settings.model import (
    After,
    AllSettings,
    ChangeRow,
    ChangesQuery,
    PublicSettings,
    SectionNotFound,
    SettingChange,
    SettingChanges,
    SettingPinned,
    SettingsChanged,
    SettingsEdit,
    SettingsSection,
)

_LAST: Final = UUID(int=2**128 - 1)


class SettingsService:
    """Shows and changes the settings that slices declare."""

    def __init__(self, db: Db, clock: Clock, settings: Settings, messages: Messages) -> None:
        self._db = db
        self._clock = clock
        self._settings = settings
        self._messages = messages
        self.consumer = Consumer(
            name="settings", events=(SettingsChanged,), handle=self._on_changed
        )

    async def load(self) -> None:
        """Let hold what was chosen."""
        async with self._db.transaction() as tx:
            await self._take(tx)

    def all(self, language: str) -> AllSettings:
        """Return all settings with texts in a language."""
        sections = self._settings.sections.values()
        return AllSettings(items=[self._shown(one, language) for one in sections])

    def public(self) -> PublicSettings:
        """Return what anybody may read."""
        sections = self._settings.sections.items()
        return PublicSettings(sections={name: one.public for name, one in sections if one.public})

    async def change(self, viewer: Viewer, language: str, edit: SettingsEdit) -> SettingsSection:
        """Change some settings of a section, all or none. Raises: SectionNotFound, SettingPinned, Invalid."""
        section = self._settings.sections.get(edit.section)
        if section is None:
            raise SectionNotFound(section=edit.section)
        self._check(section, edit, language)
        async with self._db.transaction() as tx:
            await tx.execute(store.LOCK)
            old = section.usable(await self._stored(tx, section))
            asked = {key: _trimmed(value) for key, value in edit.values.items()}
            new = {key: value for key, value in (old | asked).items() if value is not None}
            before, after = section.filled(old), _filled(section, new)
            for key in asked:
                if old.get(key) != new.get(key):
                    await self._write(tx, section, key, new.get(key))
                    title = self._sentence(language, section.name, key).title
                    change = _Change(key, title, before, after, key not in new)
                    await self._note(tx, viewer, section.name, change)
            await emit(tx, SettingsChanged(section=section.name))
        await self.load()
        return self._shown(section, language)

    async def changes(self, language: str, asked: ChangesQuery) -> SettingChanges:
        """Return who changed what, the latest first. Raises: Invalid."""
        before = decode_cursor(asked.cursor, After).change_id if asked.cursor else _LAST
        rows = await self._db.all(store.CHANGES, before, asked.limit + 1)
        shown = rows[: asked.limit]
        is_more = len(rows) > asked.limit
        return SettingChanges(
            items=[self._change(row, language) for row in shown],
            next_cursor=encode_cursor(After(shown[-1].change_id)) if is_more else None,
        )

    async def _on_changed(self, tx: Tx, _happened: Happened) -> None:
        await self._take(tx)

    async def _take(self, tx: Tx) -> None:
        """Let hold what stands in the database."""
        for section in self._settings.sections.values():
            section.choose(await self._stored(tx, section))

    async def _stored(self, tx: Tx, section: Section[Any]) -> dict[str, Value]:
        rows = await tx.all(store.CHOSEN, section.name)
        return {row.name: msgspec.json.decode(row.chosen, type=Value) for row in rows}

    async def _write(self, tx: Tx, section: Section[Any], key: str, value: Value | None) -> None:
        if value is None:
            await tx.execute(store.RESET, section.name, key)
        else:
            await tx.execute(store.CHOOSE, section.name, key, _json(value))

    async def _note(self, tx: Tx, viewer: Viewer, section: str, change: "_Change") -> None:
        await tx.execute(
            store.ADD_CHANGE,
            new_id(),
            section,
            change.key,
            _json(getattr(change.before, change.key)),
            _json(getattr(change.after, change.key)),
            change.is_reset,
            viewer.profile_name,
            self._clock.now(),
        )
        await emit(tx, Noted.by(viewer, "settings.changed", subject=change.title))

    def _check(self, section: Section[Any], edit: SettingsEdit, language: str) -> None:
        for key in edit.values:
            if key not in section.settings:
                unknown = FieldError(f"$.values.{key}", "names a setting that there is not")
                raise Invalid(errors=(unknown,))
            if key in section.pinned:
                title = self._sentence(language, section.name, key).title
                raise SettingPinned(title=title, where=section.pinned[key])

    def _shown(self, section: Section[Any], language: str) -> SettingsSection:
        values = structs.asdict(section.live.now)
        defaults = structs.asdict(section.defaults)
        return SettingsSection(
            name=section.name,
            title=self._messages.text(language, f"settings.{section.name}", {}).title,
            schema=self._schema(section, language),
            values=values,
            chosen=[key for key in values if values[key] != defaults[key]],
            pinned=section.pinned,
        )

    def _schema(self, section: Section[Any], language: str) -> dict[str, Any]:
        """Return the JSON Schema of a section, with texts in a language."""
        _, found = msgspec.json.schema_components([section.kind])
        schema: dict[str, Any] = found[section.kind.__name__]
        for key, field in schema["properties"].items():
            said = self._sentence(language, section.name, key)
            field["title"] = said.title
            field["description"] = said.detail.removeprefix(f"{said.title}.").strip()
            field["default"] = getattr(section.defaults, key)
            if choices := section.settings[key].choices:
                del field["enum"]
                field["type"] = "string"
                field["oneOf"] = [
                    {
                        "const": one,
                        "title": self._sentence(language, section.name, f"{key}.{one}").title,
                    }
                    for one in choices
                ]
        return schema

    def _change(self, row: ChangeRow, language: str) -> SettingChange:
        return SettingChange(
            change_id=row.change_id,
            section=row.section,
            name=row.name,
            title=self._sentence(language, row.section, row.name).title,
            value_from=msgspec.json.decode(row.value_from, type=Value),
            value_to=msgspec.json.decode(row.value_to, type=Value),
            is_reset=row.is_reset,
            changed_by=row.changed_by,
            changed_at=row.changed_at,
        )

    def _sentence(self, language: str, section: str, key: str) -> Sentence:
        return self._messages.text(language, f"settings.{section}.{key}", {})


class _Change(Struct, frozen=True):
    """A setting of a section, as it was and as it is."""

    key: str
    title: str
    before: Struct
    after: Struct
    is_reset: bool


def _filled(section: Section[Any], chosen: Mapping[str, Value]) -> Struct:
    """Return the values with those that somebody asks for. Raises: Invalid."""
    try:
        values: Struct = section.filled(chosen)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `$.")
        raise Invalid(errors=(FieldError(f"$.values.{path.rstrip('`')}", detail),)) from error
    return values


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _json(value: Value) -> str:
    return msgspec.json.encode(value).decode()
