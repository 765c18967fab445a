"""Environment over file over what the setup chose over defaults: the one pure function that makes the configuration."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, structs

from server.kernel.config.keys import (
    FILE_VARIABLES,
    KEYS,
    OTHER_VARIABLES,
    PREFIX,
    SECTIONS,
    TEST_PREFIX,
    VARIABLES,
    Key,
    nearest,
)
from server.kernel.config.model import Config
from server.kernel.config.problems import ConfigInvalid, Problem, problem, warning
from server.kernel.config.text import Entry, Origin, entries, read_text
from server.kernel.config.values import parse

_PROBLEMS_MAX: Final = 20
_SECRET_LIMIT_BYTES: Final = 1 << 16
_READABLE: Final = frozenset(VARIABLES) | frozenset(FILE_VARIABLES)


class Said(Struct, frozen=True, kw_only=True):
    """The value in force of a key that somebody set, and who; `where` is a variable or `path:line`."""

    value: Any
    origin: Origin
    where: str


class Loaded(Struct, frozen=True, kw_only=True):
    """A configuration that holds; keys absent from `said` have their default."""

    config: Config
    said: Mapping[str, Said]
    warnings: tuple[Problem, ...]

    @property
    def places(self) -> dict[str, str]:
        """The variable or line of each key that environment or file hold fast: no window may change it."""
        return {name: said.where for name, said in self.said.items() if said.origin != "setup"}

    def where(self, name: str) -> str:
        """Return the variable or the line that set the key, or `default`."""
        return self.said[name].where if name in self.said else "default"


def read_secret_file(path: Path) -> str:
    """Return the text of a secret's file without its last line end. Raises: OSError, ValueError."""
    return read_text(path, _SECRET_LIMIT_BYTES).rstrip("\r\n")


def load(
    env: Mapping[str, str],
    yaml_text: str | None,
    *,
    source: str,
    chosen: Iterable[Entry] = (),
    read_secret: Callable[[Path], str] = read_secret_file,
) -> Loaded:
    """Return the configuration: environment over file over `chosen` over defaults; an empty value counts as unset.

    `source` is the file's name for messages. Pure but for `read_secret`, which serves `<variable>_FILE`.
    Raises: ConfigInvalid, with up to 20 problems at once.
    """
    said: dict[str, Said] = {}
    problems: list[Problem] = []
    for item in chain(chosen, entries(yaml_text or "", source), _variables(env, read_secret)):
        value = (
            item if isinstance(item, Problem) else parse(KEYS[item.name], item.value, item.where)
        )
        if isinstance(value, Problem):
            problems.append(value)
        elif isinstance(item, Entry):
            said[item.name] = Said(value=value, origin=item.origin, where=item.where)
        if len(problems) == _PROBLEMS_MAX:
            break
    problems.extend(_contradictions(said))
    if problems:
        raise ConfigInvalid(tuple(problems))
    return Loaded(
        config=_build(Config, said),
        said=said,
        warnings=(*_strangers(env), *_unserved(said)),
    )


def _variables(
    env: Mapping[str, str], read_secret: Callable[[Path], str]
) -> Iterator[Entry | Problem]:
    """Yield one entry per key that the environment sets in any spelling, or the problem with it."""
    for key in KEYS.values():
        said: dict[str, str] = {}
        for variable, text in _spoken(env, key):
            value = _file(variable, text, read_secret) if variable in FILE_VARIABLES else text
            if isinstance(value, Problem):
                yield value
            elif value.strip():
                said[variable] = value
        first, *others = said or [""]
        if len(set(said.values())) > 1:
            yield problem("config.two_values", first, other=others[0], key=key.name)
        elif said:
            yield Entry(name=key.name, value=said[first], origin="env", where=first)


def _spoken(env: Mapping[str, str], key: Key) -> Iterator[tuple[str, str]]:
    """Yield the variables of the key that are not empty, `_FILE` spellings last."""
    for variable in (*key.variables, *(f"{name}_FILE" for name in key.variables)):
        if variable in _READABLE and (text := env.get(variable, "").strip()):
            yield variable, text


def _file(variable: str, path: str, read_secret: Callable[[Path], str]) -> str | Problem:
    try:
        return read_secret(Path(path))
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ValueError:
        reason = "it is not a short UTF-8 text"
    return problem("config.secret_unreadable", variable, path=path, reason=reason)


def _strangers(env: Mapping[str, str]) -> Iterator[Problem]:
    known = _READABLE | OTHER_VARIABLES.keys()
    for name in sorted(env):
        if name.startswith(PREFIX) and name not in known and not name.startswith(TEST_PREFIX):
            yield warning("config.unknown_variable", name, nearest=nearest(name, known))


def _unserved(said: Mapping[str, Said]) -> Iterator[Problem]:
    """Yield one warning for all keys that are accepted, were changed, and do nothing yet."""
    names = sorted(
        name for name, one in said.items() if KEYS[name].unread and one.value != KEYS[name].default
    )
    if names:
        yield warning("config.not_served", said[names[0]].where, keys=", ".join(names))


def _contradictions(said: Mapping[str, Said]) -> Iterator[Problem]:
    fewest, most = said.get("database.pool.min_conns"), said.get("database.pool.max_conns")
    if fewest and most and 0 < most.value < fewest.value:
        yield problem(
            "config.not_a_number",
            fewest.where,
            key="database.pool.min_conns",
            value=fewest.value,
            minimum=0,
            maximum=most.value,
        )


def _build[Section: Struct](
    section: type[Section], said: Mapping[str, Said], prefix: str = ""
) -> Section:
    chosen = {}
    for field in structs.fields(section):
        name = prefix + field.name
        if name in SECTIONS:
            chosen[field.name] = _build(field.type, said, name + ".")
        elif name in said:
            chosen[field.name] = said[name].value
    return section(**chosen)
