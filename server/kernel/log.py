"""Logs: one line per event with its fields, text for people or JSON for programs, secrets masked."""

import logging
import logging.handlers
import sys
from collections import deque
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any, Final, Literal, TextIO
from uuid import UUID

import structlog

from server.kernel.log_facts import facts_of
from server.kernel.secret import STARS, is_secret_name, masked

Format = Literal["auto", "text", "json"]
Level = Literal["debug", "info", "warning", "error"]
Log = structlog.stdlib.BoundLogger
Event = MutableMapping[str, Any]

TAIL_LINES: Final = 500
_TAIL_LINE_MAX: Final = 8_000
_FILE_BYTES: Final = 10_000_000
_FILE_COUNT: Final = 5
_VALUE_MAX: Final = 20_000
_DEPTH: Final = 4
_OURS: Final = "is_revenge_sink"
_CAUSES: Final = ("request_id", "traceparent")


def get_log(name: str) -> Log:
    """Return a module's logger, for lines such as `log.info("scan finished", file_count=3)`."""
    log: Log = structlog.wrap_logger(
        logging.getLogger(name),
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[
            structlog.stdlib.filter_by_level,
            *_ENRICH,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        cache_logger_on_first_use=True,
    )
    return log


def bound(**fields: Any) -> AbstractContextManager[Any]:
    """Add fields, such as `request_id`, to every line that is logged inside the `with`."""
    return structlog.contextvars.bound_contextvars(**fields)


def bound_now() -> dict[str, Any]:
    """Return the fields that every line gets here."""
    return structlog.contextvars.get_contextvars()


@contextmanager
def only_bound(**fields: Any) -> Iterator[None]:
    """Give the lines inside the `with` these fields, and none that are bound around it."""
    before = bound_now()
    structlog.contextvars.clear_contextvars()
    try:
        with bound(**fields):
            yield
    finally:
        structlog.contextvars.bind_contextvars(**before)


def cause() -> dict[str, str]:
    """Return the id of the request that led here, and the span if it is traced: to be handed on to what this causes."""
    return cause_in(bound_now())


def cause_in(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the same out of what was handed on."""
    return {name: fields[name] for name in _CAUSES if isinstance(fields.get(name), str)}


class Tail(logging.Handler):
    """The latest lines, kept in memory for the control API: as text without colours, and what may leave the house."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=TAIL_LINES)
        self._facts: deque[dict[str, Any]] = deque(maxlen=TAIL_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line; the oldest falls out."""
        try:
            self._lines.append(self.format(record)[:_TAIL_LINE_MAX])
            self._facts.append(facts_of(record))
        except Exception:  # noqa: BLE001 - the way of every logging handler: a bad record ends here
            self.handleError(record)

    def lines(self, limit: int = TAIL_LINES) -> list[str]:
        """Return up to `limit` of the latest lines, oldest first."""
        return list(self._lines)[-limit:] if limit > 0 else []

    def facts(self) -> list[dict[str, Any]]:
        """Return the harmless part of the latest lines, oldest first."""
        return list(self._facts)


def configure(
    *,
    level: Level,
    format: Format,  # noqa: A002 - the key's name
    stream: TextIO | None = None,
    path: Path | None = None,
) -> Tail:
    """Send all logs of the process, those of libraries too, to `path`, else to `stream`, else to stderr.

    A file is turned over at 10 MB, five old ones stay. A later call replaces an earlier one.
    Raises: OSError, where the file cannot be opened.
    """
    output = stream or sys.stderr
    sink = logging.StreamHandler(output) if path is None else _file(path)
    is_terminal = path is None and output.isatty()
    is_text = format == "text" or (format == "auto" and is_terminal)
    sink.setFormatter(
        _formatter(_text(colors=is_terminal)) if is_text else _formatter(_json(), _tell_apart)
    )
    tail = Tail()
    tail.setFormatter(_formatter(_text(colors=False)))

    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, Tail) or getattr(handler, _OURS, False):
            root.removeHandler(handler)
            handler.close()
    setattr(sink, _OURS, True)
    root.addHandler(sink)
    root.addHandler(tail)
    set_level(level)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # a full disk or a closed pipe must not print more errors
    return tail


def set_level(level: Level) -> None:
    """Log nothing less important than this from now on."""
    logging.getLogger().setLevel(level.upper())


def _file(path: Path) -> logging.Handler:
    return logging.handlers.RotatingFileHandler(
        path,
        maxBytes=_FILE_BYTES,
        backupCount=_FILE_COUNT,
        encoding="utf-8",
        errors="backslashreplace",
    )


def _formatter(
    renderers: list[structlog.typing.Processor], *before: structlog.typing.Processor
) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_ENRICH,
        processors=[
            *before,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *renderers,
        ],
    )


def _json() -> list[structlog.typing.Processor]:
    return [structlog.processors.JSONRenderer(default=str)]


def _tell_apart(_logger: object, _method: str, event: Event) -> Event:
    """Name what a library says otherwise than the events of ours, which hold no values."""
    if not event["_from_structlog"]:
        event["message"] = event.pop("event")
    return event


def _text(*, colors: bool) -> list[structlog.typing.Processor]:
    console = structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )
    return [_escape, console]


def _stamp(_logger: object, _method: str, event: Event) -> Event:
    """Add the instant: a library's record brings its own, the same for every handler."""
    record = event.get("_record")
    at = datetime.now(UTC) if record is None else datetime.fromtimestamp(record.created, UTC)
    event["timestamp"] = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return event


def _redact(_logger: object, _method: str, event: Event) -> Event:
    """Replace secrets by stars: by the name of the field, in URLs, in `password=…`."""
    return {name: _clean(name, value, depth=0) for name, value in event.items()}


def _clean(name: str, value: Any, *, depth: int) -> Any:
    """Return the value without secrets, as something that any renderer can print."""
    if value is None or name.startswith("_"):  # structlog keeps its own things under such names
        return value
    return STARS if is_secret_name(name) else _printable(value, depth)


def _printable(value: Any, depth: int) -> Any:
    match value:
        case str():
            return masked(_cut(value))
        case bool() | int() | float():
            return value
        case Mapping() if depth < _DEPTH:
            return {str(k): _clean(str(k), item, depth=depth + 1) for k, item in value.items()}
        case list() | tuple() | set() | frozenset() if depth < _DEPTH:
            return [_clean("", item, depth=depth + 1) for item in value]
        case _:
            return masked(_cut(_repr(value)))


def _cut(text: str) -> str:
    """Return both ends of a text that is too long: of a traceback the last lines tell most."""
    half = _VALUE_MAX // 2
    return text if len(text) <= _VALUE_MAX else f"{text[:half]} … {text[-half:]}"


def _repr(value: object) -> str:
    try:
        return str(value) if isinstance(value, (UUID, PurePath, datetime)) else repr(value)
    except Exception:  # noqa: BLE001 - somebody else's repr; a log line must not fail its caller
        return f"<{type(value).__name__}>"


def _escape(_logger: object, _method: str, event: Event) -> Event:
    """Make each value one line, and each line of a traceback one that cannot pass for an event."""
    exception = event.pop("exception", None)
    clean = {_one_line(name): _one_line(value) for name, value in event.items()}
    if exception is not None:
        lines = str(exception).splitlines()
        clean["exception"] = "\n".join(f"  | {_one_line(line)}" for line in lines)
    return clean


def _one_line(value: Any) -> Any:
    text = value if isinstance(value, str) else repr(value)
    if text.isprintable():
        return value
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


_ENRICH: Final[list[structlog.typing.Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    _stamp,
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    _redact,
]
