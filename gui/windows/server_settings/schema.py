"""The settings of the server as a form has them, out of the JSON Schema that comes with them. Without Qt."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from gui.api import SettingsSection
from gui.pace import number
from gui.texts import t

_NUMBER_MAX: Final = 2**31 - 1
"""What a spin box holds."""
_LINE_MAX: Final = 32_767
"""What a line holds."""

type Key = tuple[str, str]
"""Section and name of a setting."""


class Number(Struct, frozen=True):
    """A whole number within bounds."""

    least: int
    most: int


class Switch(Struct, frozen=True):
    """On or off."""


class Text(Struct, frozen=True):
    """A line of text with so many signs at most."""

    most: int


class Choice(Struct, frozen=True):
    """One of several values; each has a title."""

    titles: Mapping[str, str]


class Other(Struct, frozen=True):
    """What no control of ours can show."""


type Kind = Number | Switch | Text | Choice | Other


class Setting(Struct, frozen=True, kw_only=True):
    """A setting with its words; `pinned_by` is what holds it fast, empty where nothing does."""

    section: str
    name: str
    title: str
    help: str
    kind: Kind
    value: Any
    default: Any
    pinned_by: str

    @property
    def key(self) -> Key:
        """Where it belongs."""
        return self.section, self.name

    @property
    def can_change(self) -> bool:
        """Whether somebody can change it in a window."""
        return not self.pinned_by and not isinstance(self.kind, Other)

    @property
    def hint(self) -> str:
        """What to say below it: what it does, what it takes, what it is where nobody chose."""
        if self.pinned_by:
            return f"{self.help} {t('server_settings.pinned', where=self.pinned_by)}".strip()
        if isinstance(self.kind, Other):
            return f"{self.help} {t('server_settings.other')}".strip()
        match self.kind:
            case Number(least, most):
                takes = t("server_settings.range", least=number(least), most=number(most))
            case Text(most):
                takes = t("server_settings.length", most=number(most))
            case _:
                takes = ""
        default = t("server_settings.default", value=in_words(self.kind, self.default))
        return " ".join(filter(None, (self.help, takes, default)))


class Section(Struct, frozen=True, kw_only=True):
    """The settings of one part of the server, in its order."""

    name: str
    title: str
    settings: Sequence[Setting]


def section_of(told: SettingsSection) -> Section:
    """Return a section as the server tells of it; what it tells of a setting may be anything."""
    properties = told.schema.get("properties")
    schemas = properties if isinstance(properties, dict) else {}
    settings = [_setting(told, name, schema) for name, schema in schemas.items()]
    return Section(name=told.name, title=told.title, settings=settings)


def in_words(kind: Kind, value: Any) -> str:
    """Return a value as people read it."""
    match value:
        case bool():
            return t("server_settings.on" if value else "server_settings.off")
        case int():
            return number(value)
        case str():
            text = kind.titles[value] if isinstance(kind, Choice) else value
            return text or t("server_settings.nothing")
        case _:
            return msgspec.json.encode(value).decode()


def _setting(section: SettingsSection, name: str, schema: Any) -> Setting:
    told = schema if isinstance(schema, dict) else {}
    value, default = section.values.get(name), told.get("default")
    kind = _kind(told)
    return Setting(
        section=section.name,
        name=name,
        title=str(told.get("title", name)),
        help=str(told.get("description", "")),
        kind=kind if _takes(kind, value) and _takes(kind, default) else Other(),
        value=value,
        default=default,
        pinned_by=section.pinned.get(name, ""),
    )


def _kind(schema: Mapping[str, Any]) -> Kind:
    match schema:
        case {"oneOf": [*options]}:
            return _choice(options)
        case {"type": "boolean"}:
            return Switch()
        case {"type": "integer", "minimum": int(least), "maximum": int(most)}:
            return Number(least, most) if -_NUMBER_MAX <= least <= most <= _NUMBER_MAX else Other()
        case {"type": "string", "maxLength": int(most)}:
            return Text(most) if 0 < most <= _LINE_MAX else Other()
        case _:
            return Other()


def _choice(options: Sequence[Any]) -> Kind:
    titles = {}
    for option in options:
        match option:
            case {"const": str(const), "title": str(title)}:
                titles[const] = title
            case _:
                return Other()
    return Choice(titles)


def _takes(kind: Kind, value: Any) -> bool:
    """Return whether a control of this kind can show a value as it is."""
    match kind, value:
        case (Switch(), bool()) | (Other(), _):
            return True
        case Number(least, most), int():
            return not isinstance(value, bool) and least <= value <= most
        case Text(most), str():
            return len(value) <= most and len(value.splitlines()) <= 1
        case Choice(titles), str():
            return value in titles
        case _:
            return False
