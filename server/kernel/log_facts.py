"""What of a log line may leave the house: when, where, what happened, numbers and ids, and nobody's names or files.

Everything is left out but what is known to be harmless: a text in a log may hold anything.
"""

import logging
import re
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

_WORDS: Final = frozenset({"category", "kind", "op", "part", "phase", "why"})
_WORD: Final = re.compile(r"[a-zA-Z_. ]{1,32}")
_FRAME: Final = re.compile(r'File "[^"]*?([\w.-]+/[\w.-]+\.py)", line (\d+), in (\w+)')
_ERROR: Final = re.compile(
    r"^[\s|+]*([A-Za-z_][\w.]*(?:Error|Exception|Failed|Group|Timeout))(?::|$)", re.MULTILINE
)
_FRAME_COUNT: Final = 40


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return the harmless part of a line; of a library's own line only who said it and how grave it is."""
    is_ours = record.name.startswith(("app.", "server."))
    event = record.msg if is_ours and isinstance(record.msg, dict) else {}
    kept = {name: value for name, value in event.items() if _is_harmless(name, value)}
    facts = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": event.get("event"),
        **kept,
    }
    trace = event.get("exception")
    if isinstance(trace, str):
        frames = _FRAME.findall(trace)[-_FRAME_COUNT:]
        facts["frames"] = [f"{file}:{line} {name}" for file, line, name in frames]
        facts["errors"] = _ERROR.findall(trace)[-_FRAME_COUNT:]
    return facts


def _is_harmless(name: str, value: object) -> bool:
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
