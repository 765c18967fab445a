"""The configuration file: read with a cap, then flattened to `key -> text` with line numbers."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from msgspec import Struct

from server.kernel.config.keys import KEYS, SECTIONS, nearest
from server.kernel.config.problems import Code, ConfigInvalid, Problem, problem

LIMIT_BYTES: Final = 1 << 20
_DEPTH: Final = 8
_AT_ONCE: Final = getattr(os, "O_NONBLOCK", 0)  # a pipe would wait for somebody to write
Origin = Literal["env", "file", "setup"]

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # absent without libyaml
_NAMES: Final = (*KEYS, *sorted(SECTIONS))


class Entry(Struct, frozen=True, kw_only=True):
    """A value as it was written, and where; a list's items stay apart."""

    name: str
    value: str | tuple[str, ...]
    origin: Origin
    where: str


def read_config_file(path: Path) -> str | None:
    """Return the text of the file, None where there is none. Raises: ConfigInvalid."""
    try:
        return read_text(path, LIMIT_BYTES)
    except FileNotFoundError:
        if not path.is_symlink():
            return None
        raise _invalid("config.unreadable", path, reason="the link leads nowhere") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _invalid("config.unreadable", path, reason=reason) from error
    except UnicodeDecodeError as error:
        raise _invalid("config.not_utf8", path, offset=error.start) from error
    except ValueError as error:
        raise _invalid("config.too_large", path, limit_bytes=LIMIT_BYTES) from error


def read_text(path: Path, limit_bytes: int) -> str:
    """Return the text of a regular file without a byte order mark.

    Raises: OSError, UnicodeDecodeError, ValueError (larger than the limit; it is then not read).
    """
    if path.is_dir():
        raise IsADirectoryError(0, "it is a folder")
    descriptor = os.open(path, os.O_RDONLY | _AT_ONCE)
    try:
        status = os.fstat(descriptor)  # of what is open: the name may be another file's by now
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is not a regular file")
        if status.st_size > limit_bytes:
            raise ValueError(status.st_size)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(limit_bytes).decode("utf-8-sig")
    finally:
        os.close(descriptor)


def entries(text: str, source: str) -> Iterator[Entry | Problem]:
    """Yield what stands in the text, key by key, and what is wrong with it, in order of the lines."""
    try:
        found = _refused(text, source)
        if found is not None:
            yield found
            return
        root = yaml.compose(text.removeprefix("\ufeff"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        yield _broken(error, source)
        return
    if root is None or _is_null(root):
        return
    if isinstance(root, yaml.MappingNode):
        yield from _section(root, "", source, set())
    else:
        yield problem("config.not_a_section", f"{source}:1", key="server")


def _refused(text: str, source: str) -> Problem | None:
    """Return the first thing that a tree must not be built from: aliases, and nesting without end."""
    depth = 0
    for event in yaml.parse(text.removeprefix("\ufeff"), Loader=_Loader):
        where = _line(source, event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            return problem("config.alias", where)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            return problem("config.too_deep", where)
    return None


def _section(
    node: yaml.MappingNode, prefix: str, source: str, seen: set[str]
) -> Iterator[Entry | Problem]:
    for key_node, value in node.value:
        where = _line(source, key_node.start_mark)
        written = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        name = prefix + written[:100]
        if name in seen:
            yield problem("config.duplicate_key", where, key=name)
        elif name in SECTIONS and isinstance(value, yaml.MappingNode):
            yield from _section(value, name + ".", source, seen)
        elif name in SECTIONS:
            if not _is_null(value):
                yield problem("config.not_a_section", where, key=name)
        elif name in KEYS:
            if not _is_empty(value):
                yield _entry(name, value, where)
        else:
            yield problem("config.unknown_key", where, key=name, nearest=nearest(name, _NAMES))
        seen.add(name)


def _entry(name: str, node: yaml.Node, where: str) -> Entry | Problem:
    if isinstance(node, yaml.ScalarNode):
        return Entry(name=name, value=node.value, origin="file", where=where)
    is_flat = isinstance(node, yaml.SequenceNode) and all(
        isinstance(item, yaml.ScalarNode) for item in node.value
    )
    if is_flat and KEYS[name].kind == "list":
        items = tuple(item.value for item in node.value)
        return Entry(name=name, value=items, origin="file", where=where)
    return problem("config.not_one_value", where, key=name)


def _is_empty(node: yaml.Node) -> bool:
    return _is_null(node) or (isinstance(node, yaml.ScalarNode) and not node.value.strip())


def _is_null(node: yaml.Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _broken(error: yaml.YAMLError | UnicodeEncodeError, source: str) -> Problem:
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "invalid text"
    where = _line(source, getattr(error, "problem_mark", None))
    return problem("config.no_yaml", where, reason=str(reason))


def _line(source: str, mark: Any) -> str:
    return source if mark is None else f"{source}:{mark.line + 1}"


def _invalid(code: Code, path: Path, **fields: str | int) -> ConfigInvalid:
    return ConfigInvalid((problem(code, str(path), **fields),))
