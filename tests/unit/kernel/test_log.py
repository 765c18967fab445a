import io
import json
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.kernel.log import TAIL_LINES, Format, Tail, bound, configure, get_log
from server.kernel.secret import Secret, masked

log = get_log("test.log")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raises = root.handlers[:], root.level, logging.raiseExceptions
    yield
    for handler in set(root.handlers) - set(handlers):
        handler.close()
    root.handlers[:], logging.raiseExceptions = handlers, raises
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def text_of(style: Format = "text") -> tuple[io.StringIO, Tail]:
    stream = io.StringIO()
    return stream, configure(level="debug", format=style, stream=stream)


def fail(text: str) -> None:
    raise ValueError(text)


def fields_of(line: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(line)
    return fields


def test_json_has_the_event_its_fields_and_the_bound_ones() -> None:
    stream, _ = text_of("auto")
    with bound(request_id="r1"):
        log.info("scan finished", file_count=3)
    line = fields_of(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "scan finished",
        "file_count": 3,
        "request_id": "r1",
        "level": "info",
        "logger": "test.log",
    }


def test_lines_of_libraries_take_the_same_way() -> None:
    stream, tail = text_of()
    logging.getLogger("hypercorn.error").warning("running on %s", "port 1")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("careful", stacklevel=1)
    first, second = stream.getvalue().splitlines()
    assert "running on port 1 [hypercorn.error]" in first
    assert "careful" in second
    assert tail.lines() == [first, second]


def test_in_json_what_libraries_say_is_no_event_of_ours() -> None:
    stream, _ = text_of("json")
    logging.getLogger("app.other").warning("running on %s", "port 1")
    line = fields_of(stream.getvalue())
    assert (line["message"], line.get("event")) == ("running on port 1", None)


SECRETS = {
    "password": "hunter2",
    "new_password": "hunter2",
    "api_key": "hunter2",
    "apikey": "hunter2",
    "X-Api-Key": "hunter2",
    "Authorization": "Bearer hunter2",
    "cookie": "hunter2",
    "session_token": "hunter2",
    "client_secret": "hunter2",
    "pin": 20817,
    "dsn": "hunter2",
    "url": "postgres://u:hunter2@db/x",
    "text": "connecting with password='hunter2' host=db",
    "query": "?a=1&access_token=hunter2&b=2",
    "odd": "redis://:hunter2@h, http://x:p@hunter2@h",
    "nested": {"headers": [{"cookie": "hunter2"}]},
    "secret_type": Secret("hunter2"),
    "deep": {"a": {"b": {"c": {"d": {"password": "hunter2"}}}}},
}


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_masked(name: str, style: Format) -> None:
    stream, tail = text_of(style)
    log.info("event", **{name: SECRETS[name]})
    for written in (stream.getvalue(), *tail.lines()):
        assert "hunter2" not in written
        assert "20817" not in written
        assert "***" in written


def test_secrets_in_the_event_and_in_tracebacks_are_masked() -> None:
    stream, _ = text_of("json")
    try:
        fail("cannot reach postgres://u:hunter2@db/x")
    except ValueError:
        log.exception("no database at postgres://u:hunter2@db/x")
    line = fields_of(stream.getvalue())
    assert "hunter2" not in str(line)
    assert line["exception"].startswith("Traceback")


@pytest.mark.parametrize(
    ("name", "value"), [("token_count", 3), ("pinned", True), ("path", "/srv/films"), ("compass", "n")]
)  # fmt: skip
def test_harmless_fields_stay(name: str, value: object) -> None:
    stream, _ = text_of("json")
    log.info("event", **{name: value})
    assert fields_of(stream.getvalue())[name] == value


def test_masking_a_long_hostile_text_is_quick() -> None:
    for text in ("://" * 100_000, "a" * 1_000_000, "password=" * 50_000, "://a:" * 100_000):
        masked(text)


HOSTILE = "a\n2026-01-01 [info] fake\r\x1b[2J\u2028\u202e\x00"


def test_text_from_outside_cannot_make_a_second_line() -> None:
    stream, tail = text_of()
    log.info(HOSTILE, name=HOSTILE, items=[HOSTILE], **{"ke\ny": 1})
    logging.getLogger("library").warning("got %s", HOSTILE)
    written = stream.getvalue()
    assert written.count("\n") == 2
    assert all(line.isprintable() for line in written.splitlines())
    assert len(tail.lines()) == 2


def test_a_traceback_cannot_pass_for_an_event() -> None:
    stream, _ = text_of()
    try:
        fail(HOSTILE)
    except ValueError:
        log.exception("boom")
    event, *trace = stream.getvalue().splitlines()
    assert "boom" in event
    assert trace
    assert all(line.startswith("  | ") and line.isprintable() for line in trace)


def test_a_value_that_cannot_be_printed_fails_nobody() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    for style in ("text", "json"):
        stream, _ = text_of(style)
        log.info("event", value=Broken(), key={b"k": object()}, bad="\udc80", item_id=UUID(int=1))
        assert "Broken" in stream.getvalue()
        assert "00000000-0000-0000-0000-000000000001" in stream.getvalue()


def test_of_a_huge_value_both_ends_are_kept() -> None:
    stream, _ = text_of("json")
    log.info("event", text="a" + "x" * 10_000_000 + "z")
    assert len(stream.getvalue()) < 21_000
    assert fields_of(stream.getvalue())["text"].endswith("xz")


def test_less_important_lines_than_the_level_are_left_out() -> None:
    stream = io.StringIO()
    tail = configure(level="warning", format="text", stream=stream)
    log.info("quiet")
    logging.getLogger("library").info("quiet")
    log.warning("loud")
    assert len(tail.lines()) == len(stream.getvalue().splitlines()) == 1


def test_the_tail_keeps_the_latest_lines() -> None:
    _, tail = text_of()
    for number in range(TAIL_LINES + 5):
        log.info("line", number=number)
    lines = tail.lines()
    assert len(lines) == TAIL_LINES
    assert "number=5" in lines[0]
    assert tail.lines(2) == lines[-2:]
    assert tail.lines(0) == []


def test_a_file_is_turned_over_and_five_old_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "revenge.log"
    configure(level="info", format="auto", path=path)
    for _ in range(9):
        os.truncate(path, 10_000_000)
        log.info("line that finds the file's end")
        log.info("line that finds it full")
    log.info("last \udc80")
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["revenge.log", *(f"revenge.log.{number}" for number in range(1, 6))]
    assert "last" in path.read_text("utf-8").splitlines()[-1]


def test_a_later_configuration_replaces_the_earlier_one(tmp_path: Path) -> None:
    first, _ = text_of()
    second, _ = text_of()
    log.info("once")
    assert not first.getvalue()
    assert len(second.getvalue().splitlines()) == 1


def test_a_closed_stream_fails_nobody() -> None:
    stream, tail = text_of()
    stream.close()
    log.info("still here")
    assert len(tail.lines()) == 1
