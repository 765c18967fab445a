"""What of a log line may leave the house: when, where, what happened, numbers and ids, and nobody's names or files.

Everything is left out but what is known to be harmless: a text in a log may hold anything.
"""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from server.kernel.secret import is_secret_name

_WORDS: Final = frozenset({"category", "code", "kind", "op", "part", "phase", "query", "why"})
_WORD: Final = re.compile(r"[a-zA-Z_. ]{1,32}")
_FRAME: Final = re.compile(r'File "[^"]*?([\w.-]+/[\w.-]+\.py)", line (\d+), in (\w+)')
_ERROR: Final = re.compile(
    r"^[\s|+]*([A-Za-z_][\w.]*(?:Error|Exception|Failed|Group|Timeout))(?::|$)", re.MULTILINE
)
_FRAME_COUNT: Final = 40


class Head(Struct, frozen=True, kw_only=True):
    """What every line has."""

    timestamp: Annotated[datetime, Meta(tz=True)]
    level: Literal["debug", "info", "warning", "error", "critical"]
    logger: Annotated[str, Meta(pattern=r"^[A-Za-z_][\w.]{0,99}$")]


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the harmless part of a line; of a library's own line only who said it and how grave it is."""
    at = datetime.fromtimestamp(record.created, UTC)
    event = record.msg if isinstance(record.msg, dict) else {}
    return _facts(at, record.levelname.lower(), record.name, event)


def facts_in(line: bytes) -> dict[str, Any] | None:
    """Return the harmless part of a line of the log file; None where it is not one of ours."""
    try:
        event = msgspec.json.decode(line, type=dict[str, Any])
        head = msgspec.convert(event, Head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return _facts(head.timestamp.astimezone(UTC), head.level, head.logger, event)


def _facts(at: datetime, level: str, logger: str, event: Mapping[str, Any]) -> dict[str, Any]:
    is_ours = logger.startswith(("app.", "server.")) and isinstance(event.get("event"), str)
    said = event if is_ours else {}
    kept = {name: value for name, value in said.items() if _is_harmless(name, value)}
    facts = {
        "at": at.isoformat(timespec="milliseconds"),
        "level": level,
        "logger": logger,
        "event": said.get("event"),
        **kept,
    }
    trace = said.get("exception")
    if isinstance(trace, str):
        frames = _FRAME.findall(trace)[-_FRAME_COUNT:]
        facts["frames"] = [f"{file}:{line} {name}" for file, line, name in frames]
        facts["errors"] = _ERROR.findall(trace)[-_FRAME_COUNT:]
    return facts


def _is_harmless(name: str, value: object) -> bool:
    if is_secret_name(name):
        return False
    match value:
        case bool() | int() | float():
            return not name.startswith("_")
        case str() if name in _WORDS:
            return _WORD.fullmatch(value) is not None
        case str() if name.endswith("_id"):
            return _is_uuid(value)
        case _:
            return False


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
