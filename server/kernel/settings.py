"""What administrators change while the server runs: each slice declares its section and reads it from memory."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, structs

from server.kernel.config import KEYS, Config, value_of
from server.kernel.log import get_log

log = get_log(__name__)

type Value = bool | int | str


class Live[Values: Struct]:
    """The values of a section that hold at this moment: `live.now.some_key`, read where it is needed."""

    def __init__(self, now: Values) -> None:
        self.now = now


class Section[Values: Struct]:
    """The settings of one slice; `defaults` hold where nobody chose, `pinned` says what holds a key fast.

    A key of the configuration of the same name (`playback.cache_gb`) is the default, and where the
    environment or the file says it, it is pinned.
    """

    def __init__(
        self, name: str, kind: type[Values], config: Config, pinned: Mapping[str, str]
    ) -> None:
        self.name = name
        self.kind = kind
        self._chosen: Mapping[str, Value] = {}
        self._configure(config, pinned)
        self.live = Live(self.defaults)

    def configure(self, config: Config, pinned: Mapping[str, str]) -> None:
        """Take over another configuration; what somebody chose stays chosen."""
        self._configure(config, pinned)
        self.choose(self._chosen)

    def choose(self, stored: Mapping[str, Value]) -> None:
        """Let hold what somebody chose, as far as this version can use it."""
        self._chosen = stored
        self.live.now = self.filled(self.usable(stored))

    def _configure(self, config: Config, pinned: Mapping[str, str]) -> None:
        names = {key: f"{self.name}.{key}" for key in self.kind.__struct_fields__}
        configured = {key: value_of(config, full) for key, full in names.items() if full in KEYS}
        self.defaults = self.kind(**configured)
        self.pinned = {key: pinned[full] for key, full in names.items() if full in pinned}

    def filled(self, chosen: Mapping[str, Value]) -> Values:
        """Return all values with those that somebody chose. Raises: msgspec.ValidationError."""
        free = {key: value for key, value in chosen.items() if key not in self.pinned}
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
        return key in self.kind.__struct_fields__


class Settings:
    """The sections of one realm by name, in the order in which slices declare them."""

    def __init__(self, config: Config, pinned: Mapping[str, str]) -> None:
        self._config = config
        self._pinned = pinned
        self.sections: dict[str, Section[Any]] = {}

    def declare[Values: Struct](self, name: str, kind: type[Values]) -> Live[Values]:
        """Take the settings of a slice; return what it reads them from."""
        section = Section(name, kind, self._config, self._pinned)
        self.sections[name] = section
        return section.live

    def configure(self, config: Config, pinned: Mapping[str, str]) -> None:
        """Take over another configuration in all sections."""
        self._config, self._pinned = config, pinned
        for section in self.sections.values():
            section.configure(config, pinned)
