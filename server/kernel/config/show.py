"""What `revenge-server config check`, `show` and `docs` print."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any

from server.kernel.config.keys import KEYS, OTHER_VARIABLES, Key
from server.kernel.config.load import Loaded, load
from server.kernel.config.model import Config
from server.kernel.config.problems import ConfigInvalid, Problem
from server.kernel.config.text import Entry, read_config_file


def check(env: Mapping[str, str], path: Path | None, chosen: Iterable[Entry] = ()) -> list[Problem]:
    """Return all that is wrong or noteworthy, errors first; empty means that all is well."""
    try:
        text = None if path is None else read_config_file(path)
        return list(load(env, text, source=str(path or "config.yaml"), chosen=chosen).warnings)
    except ConfigInvalid as error:
        return list(error.problems)


def show(loaded: Loaded) -> str:
    """Return the values in force as lines `key = value  # where from`; secrets are stars."""
    lines = [(f"{name} = {_shown(value_of(loaded.config, name))}", name) for name in KEYS]
    width = min(60, max(len(line) for line, _ in lines))
    return "".join(f"{line:<{width}}  # {loaded.where(name)}\n" for line, name in lines)


def value_of(config: Config, name: str) -> Any:
    """Return the value of a key such as `server.port`."""
    return reduce(getattr, name.split("."), config)


def docs() -> str:
    """Return `docs/configuration.md`: every key and every environment variable."""
    return "".join(f"{line}\n" for line in _docs())


def _docs() -> Iterator[str]:
    yield from _INTRODUCTION.splitlines()
    yield from ("", "## Keys", "")
    yield "| Key | Environment variable | Type | Range | Default | A change holds | Meaning |"
    yield "|---|---|---|---|---|---|---|"
    for key in KEYS.values():
        if not key.unread:
            when = "at once" if key.is_hot else "after a restart"
            yield _row(key, when, str(key.meta.description))
    yield from ("", "## Accepted, not used yet", "")
    yield "| Key | Environment variable | Type | Range | Default | Meaning | Why nothing reads it |"
    yield "|---|---|---|---|---|---|---|"
    for key in KEYS.values():
        if key.unread:
            yield _row(key, str(key.meta.description), key.unread)
    yield from ("", "## Other environment variables", "", "| Variable | Meaning |", "|---|---|")
    yield from (f"| `{name}` | {meaning} |" for name, meaning in OTHER_VARIABLES.items())


def _row(key: Key, *more: str) -> str:
    names = [*key.variables, *(f"{name}_FILE" for name in key.variables if key.is_secret)]
    default = f"`{_shown(key.default)}`" if _shown(key.default) else "none"
    variables = "<br>".join(f"`{name}`" for name in names)
    cells = (f"`{key.name}`", variables, key.kind, _range(key), default, *more)
    return f"| {' | '.join(cells)} |"


def _range(key: Key) -> str:
    """Return what a value must be, beside its type; empty where anything goes."""
    if key.kind == "number":
        return f"{key.meta.ge} to {key.meta.le}"
    if key.choices:
        return ", ".join(f"`{choice}`" for choice in key.choices)
    if "schemes" in key.extra:
        return ", ".join(f"`{scheme}://…`" for scheme in key.extra["schemes"])
    if "min_length" in key.extra:
        return f"at least {key.extra['min_length']} characters"
    return "like " + ", ".join(f"`{one}`" for one in key.meta.examples) if key.meta.examples else ""


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)


_INTRODUCTION = """\
# Configuration

Written by `revenge-server config docs`; change the descriptions in `server/kernel/config/model.py`.

Nothing needs to be configured. What is said here is needed before the database is up; everything else is a
setting in the application.

* The file is `config.yaml` in the data directory, else `/etc/revenge/config.yaml`, or the one that
  `REVENGE_CONFIG_FILE` names. It is UTF-8 text of at most 1 MiB: sections with keys, such as
  `server:` and below it `  port: 8080`. YAML's anchors and aliases are refused.
* An environment variable wins over the file, the file over the default. An empty value counts as unset. Between file and
  default lies the database that was chosen in the setup, in `database.json` in the data directory.
* A running server looks every second at the file that it found. A change that has rested for a second is taken over by the keys
  that hold *at once*; the others are named in the log, and hold *after a restart*. `kill -HUP` (`systemctl reload`) has it read now.
* A file with a mistake, half-written, gone or unreadable changes nothing: all values from before stay in force, `/health` says
  `degraded` with the reason, the log says what is wrong and where. Once the file is mended all is well again.
* A list is written as a YAML list, or with commas.
* A switch is `true` or `false`; `yes`, `no`, `on`, `off`, `1` and `0` mean the same.
* A secret can be read from a file: `REVENGE_DATABASE_URL_FILE=/run/secrets/database_url`. Its last line end does not count; it
  is UTF-8 text of at most 64 KiB. A variable and its `_FILE` may both be set only to the same value. Passwords inside a URL
  are percent-encoded.
* An unknown key in the file is an error that names the nearest one. An unknown `REVENGE_…` variable is a warning. Where
  Kubernetes adds variables of its own for a service named `revenge…`, set `enableServiceLinks: false`.
* `revenge-server config check` says what is wrong, `revenge-server config show` what is in force and where it comes
  from, secrets masked.\
"""
