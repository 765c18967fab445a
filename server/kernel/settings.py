"""What administrators change while the server runs: each slice declares its section and reads it from memory."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Meta, Struct, structs

from server.kernel.config import KEYS, Config, value_of
from server.kernel.log import get_log

log = get_log(__name__)

type Value = bool | int | str

TEXT_MAX: Final = 1000
NUMBER_MAX: Final = 2**31 - 1
"""What the number fields of native windows count up to."""

_NOT_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Setting(Struct, frozen=True, kw_only=True):
    """What is declared of a setting beside its type; `choices` are in the order of the declaration.

    Everybody may read what `is_public`, signed in or not.
    """

    choices: tuple[str, ...]
    is_public: bool


class Live[Values: Struct]:
    """The values of a section that hold at this moment: `live.now.some_key`, read where it is needed."""

    def __init__(self, now: Values) -> None:
        self.now = now


class Section[Values: Struct]:
    """The settings of one slice; `defaults` hold where nobody chose, `pinned` says what holds a key fast.

    A key of the configuration of the same name (`playback.cache_gb`) is the default, and where the
    environment or the file says it, it is pinned. Raises: TypeError, when a form cannot show a setting;
    msgspec.ValidationError, when a default is none that the setting takes.
    """

    def __init__(
        self, name: str, kind: type[Values], config: Config, pinned: Mapping[str, str]
    ) -> None:
        self.name = name
        self.kind = kind
        self.settings = {field.name: _setting(name, field) for field in structs.fields(kind)}
        self._chosen: Mapping[str, Value] = {}
        self._configure(config, pinned)
        self.live = Live(self.filled({}))

    @property
    def public(self) -> dict[str, Value]:
        """The values that hold at this moment, of what everybody may read."""
        now = self.live.now
        return {key: getattr(now, key) for key, one in self.settings.items() if one.is_public}

    def configure(self, config: Config, pinned: Mapping[str, str]) -> None:
        """Take over another configuration; what somebody chose stays chosen."""
        self._configure(config, pinned)
        self.choose(self._chosen)

    def choose(self, stored: Mapping[str, Value]) -> None:
        """Let hold what somebody chose, as far as this version can use it."""
        self._chosen = stored
        self.live.now = self.filled(self.usable(stored))

    def _configure(self, config: Config, pinned: Mapping[str, str]) -> None:
        names = {key: f"{self.name}.{key}" for key in self.settings}
        configured = {key: value_of(config, full) for key, full in names.items() if full in KEYS}
        self.defaults = self.kind(**configured)
        self.pinned = {key: pinned[full] for key, full in names.items() if full in pinned}

    def filled(self, chosen: Mapping[str, Value]) -> Values:
        """Return all values with those that somebody chose. Raises: msgspec.ValidationError."""
        free = {key: value for key, value in chosen.items() if key not in self.pinned}
        for key, value in free.items():
            if isinstance(value, str) and _NOT_ONE_LINE.search(value):
                raise msgspec.ValidationError(f"Expected one line of text - at `$.{key}`")
        return msgspec.convert(structs.asdict(self.defaults) | free, self.kind)

    def usable(self, chosen: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values that this version can use, of those that any version stored."""
        return {key: value for key, value in chosen.items() if self._is_usable(key, value)}

    def _is_usable(self, key: str, value: Value) -> bool:
        try:
            self.filled({key: value})
        except msgspec.ValidationError as error:
            log.warning("a setting is left out", setting=f"{self.name}.{key}", reason=str(error))
            return False
        return key in self.settings


class Settings:
    """The sections of one realm by name, in the order in which slices declare them."""

    def __init__(self, config: Config, pinned: Mapping[str, str]) -> None:
        self._config = config
        self._pinned = pinned
        self.sections: dict[str, Section[Any]] = {}

    def declare[Values: Struct](self, name: str, kind: type[Values]) -> Live[Values]:
        """Take the settings of a slice; return what it reads them from.

        Raises: TypeError, when a form cannot show one of them; msgspec.ValidationError, when a default does not fit.
        """
        section = Section(name, kind, self._config, self._pinned)
        self.sections[name] = section
        return section.live

    def configure(self, config: Config, pinned: Mapping[str, str]) -> None:
        """Take over another configuration in all sections."""
        self._config, self._pinned = config, pinned
        for section in self.sections.values():
            section.configure(config, pinned)


def _setting(section: str, field: structs.FieldInfo) -> Setting:
    """Return what is declared of a setting. Raises: TypeError, when a form cannot show it."""
    bare, *metas = get_args(field.type) if get_origin(field.type) is Annotated else (field.type,)
    meta = metas[0] if metas else Meta()
    if len(metas) > 1 or field.required or not _has_field(bare, meta):
        raise TypeError(
            f"{section}.{field.name} is {field.type}: a setting has a default and is a bool, an int with `ge` and `le`, "
            f"a str with a `max_length` of at most {TEXT_MAX}, or a Literal of texts, with one Meta at most"
        )
    return Setting(
        choices=get_args(bare) if get_origin(bare) is Literal else (),
        is_public=(meta.extra or {}).get("is_public", False),
    )


def _has_field(bare: Any, meta: Meta) -> bool:
    """Return whether forms have a field for a type, in the browser and in windows."""
    if bare is int:
        bounds = (meta.ge, meta.le)
        return meta.multiple_of is None and all(
            isinstance(bound, int) and abs(bound) <= NUMBER_MAX for bound in bounds
        )
    if bare is str:
        return meta.min_length is None and meta.max_length in range(TEXT_MAX + 1)
    return bare is bool or (
        get_origin(bare) is Literal and all(isinstance(one, str) for one in get_args(bare))
    )
