import errno
import io
import logging
import os
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.diagnostics import Diagnostics, Documents, archive, gathered_from
from app.failure import crashed
from app.last_lines import last_lines
from app.paths import Paths, find_paths
from app.state import State
from app.supervisor.postgres import meaning_of
from app.supervisor.program import ProgramState
from server.kernel.config import Config, load
from server.kernel.health import Ready, Result
from server.kernel.log import TAIL_LINES, Tail, configure, get_log
from server.kernel.settings import Live
from server.kernel.version import VERSION

PLANTED = ("hunter2", "Secret Film", "Ada", "db.example", "media.example", "/home", "tok_1234")
CONFIG = """
server: {allowed_hosts: [media.example], host: 192.0.2.77}
database: {url: "postgres://Ada:hunter2@db.example/x"}
"""
log = get_log("app.test")


@pytest.fixture
def tail() -> Iterator[Tail]:
    root = logging.getLogger()
    handlers, level, raises = root.handlers[:], root.level, logging.raiseExceptions
    yield configure(level="debug", format="json", stream=io.StringIO())
    root.handlers[:], logging.raiseExceptions = handlers, raises
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def content_of(tail: Tail, config: Config | None = None) -> dict[str, str]:
    state = State(host="192.0.2.77", address="http://192.0.2.77:8080/", version="0.1.0")
    state.pending_code = lambda: "tok_1234"
    state.health = lambda: Ready(
        is_ready=True, status="healthy", checks=[Result(name="jobs", category="warm")]
    )
    state.report_postgres(
        ProgramState(
            product="PostgreSQL",
            state="restarting",
            restart_count=3,
            said="FATAL: /home/Ada/hunter2",
        )
    )
    state.report_search(
        ProgramState(product="Typesense", state="restarting", restart_count=5, said="Ada's key")
    )
    made = Diagnostics(state, tail, Live(config or Config()), find_paths({}))
    return unpacked(made.gathered())


def unpacked(documents: Documents) -> dict[str, str]:
    """Return what the archive holds, which is what was shown."""
    with zipfile.ZipFile(io.BytesIO(archive(documents))) as packed:
        found = {name: packed.read(name).decode() for name in packed.namelist()}
    assert found == {one.name: one.text for one in documents.items}
    assert all(one.size_bytes == len(one.text.encode()) for one in documents.items)
    return found


def test_no_secret_no_name_and_no_file_gets_into_the_archive(tail: Tail) -> None:
    log.info(
        "file read", path=Path("/home/Ada/Secret Film.mkv"), user="Ada", why="Ada Secret Film!"
    )
    log.warning("odd", part="/home/Ada", position={"name": "Secret Film"}, item_id="Secret Film")
    logging.getLogger("hypercorn.error").error("GET /home/%s?token=tok_1234", "Secret Film")
    logging.getLogger("app.other").error({"event": "Secret Film"}.get("event"))
    try:
        Path("/home/Ada/Secret Film.mkv").read_bytes()
    except OSError:
        log.exception("it failed", password="hunter2", count=3)
    config = load({}, CONFIG, source="test").config
    whole = "".join(content_of(tail, config).values())
    assert [word for word in (*PLANTED, "192.0.2.77") if word in whole] == []


def test_what_helps_is_in_the_archive(tail: Tail) -> None:
    item_id = "01890a5d-ac96-774b-bcce-b302099a8057"
    log.info("phase", phase="migrate")
    try:
        int("x")
    except ValueError:
        log.exception("it failed", item_id=item_id, file_count=3)
    found = content_of(tail)
    for word in ('"phase":"migrate"', item_id, '"file_count":3', "ValueError", "test_diag"):
        assert word in found["log.jsonl"]
    assert f'"version": "{VERSION}"' in found["system.json"]
    assert '"server.port": 8080' in found["configuration.json"]
    told = msgspec.json.decode(found["programs.json"])
    assert told["postgres"]["restart_count"] == 3
    assert told["cache"] is None
    assert told["search"]["restart_count"] == 5
    assert '"jobs"' in found["health.json"]


def left_behind(folder: Path) -> Paths:
    """Return the places of an installation with a folder for logs."""
    paths = find_paths({"REVENGE_DATA_DIR": str(folder)})
    paths.log_file.parent.mkdir()
    return paths


def a_line(event: str = "phase", **fields: object) -> bytes:
    """Return a line as the server writes it."""
    head = {"timestamp": "2026-11-21T07:15:00.123456Z", "level": "info", "logger": "app.test"}
    return msgspec.json.encode({"event": event, **head, **fields}) + b"\n"


def test_what_the_log_file_holds_is_redacted_as_what_is_in_memory(
    tail: Tail, tmp_path: Path
) -> None:
    paths = left_behind(tmp_path)
    in_memory = configure(level="debug", format="json", path=paths.log_file)
    item_id = "01890a5d-ac96-774b-bcce-b302099a8057"
    log.info("file read", path=Path("/home/Ada/Secret Film.mkv"), item_id=item_id, pin=1234)
    logging.getLogger("hypercorn.error").error("GET /home/%s?token=tok_1234", "Secret Film")
    logging.getLogger("app.other").error({"event": "Secret Film"}.get("event"))
    try:
        Path("/home/Ada/Secret Film.mkv").read_bytes()
    except OSError:
        log.exception("it failed", password="hunter2", count=3)
    configure(level="debug", format="json", stream=io.StringIO())  # which closes the file
    found = unpacked(gathered_from(paths))["log.jsonl"]
    lines = [msgspec.json.decode(line) for line in found.splitlines()]
    assert [one | {"at": ""} for one in lines] == [one | {"at": ""} for one in in_memory.facts()]
    assert item_id in found
    assert [word for word in (*PLANTED, "1234") if word in found.replace(item_id, "")] == []


def test_lines_that_are_none_are_left_out(tmp_path: Path) -> None:
    paths = left_behind(tmp_path)
    good = a_line(phase="migrate", pin=1234, user="Ada", why="/home/Ada")
    odd = [
        b"Ada\n", b"\xff\xfe\x00\n", b"[]\n", b"{\n", b"\n", b'"Ada"\n', b"[" * 100_000 + b"\n",
        good[:-9] + b"\n", good.replace(b"info", b"Ada"), good.replace(b"app.test", b"Ada Lovelace"),
        good.replace(b"123456Z", b""), a_line(event="x").replace(b'"x"', b'{"name":"Ada"}'),
        a_line(event="Ada", logger="aiohttp"), b'{"event":"\xff"}\n',
    ]  # fmt: skip
    paths.log_file.write_bytes(b"".join(odd) + good + b"a torn li")
    lines = unpacked(gathered_from(paths))["log.jsonl"].splitlines()
    assert "Ada" not in "".join(lines)
    assert msgspec.json.decode(lines[-1]) == {
        "at": "2026-11-21T07:15:00.123+00:00", "level": "info", "logger": "app.test",
        "event": "phase", "phase": "migrate",
    }  # fmt: skip


def test_of_a_huge_log_only_the_end_is_read(tmp_path: Path) -> None:
    paths = left_behind(tmp_path)
    with paths.log_file.open("wb") as file:
        file.truncate(300 * 1024**2)
        file.seek(0, 2)
        file.writelines(a_line(count=number) for number in range(TAIL_LINES + 3))
    tracemalloc.start()
    lines = unpacked(gathered_from(paths))["log.jsonl"].splitlines()
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(lines) == TAIL_LINES
    assert '"count":502' in lines[-1]
    assert most_bytes < 20 * 1024**2


def test_a_log_that_was_just_turned_over_goes_on_in_the_one_before(tmp_path: Path) -> None:
    paths = left_behind(tmp_path)
    paths.log_file.with_name("revenge.log.1").write_bytes(a_line(count=1))
    paths.log_file.write_bytes(a_line(count=2))
    lines = unpacked(gathered_from(paths))["log.jsonl"].splitlines()
    assert [msgspec.json.decode(line)["count"] for line in lines] == [1, 2]


def test_links_pipes_and_folders_are_not_read_as_logs(tmp_path: Path) -> None:
    outside = tmp_path / "outside.log"
    outside.write_bytes(a_line(count=77))
    link, pipe, folder = (tmp_path / name for name in ("link", "pipe", "folder"))
    link.symlink_to(outside)
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (link, pipe, folder, tmp_path / "absent"):
        with pytest.raises(OSError):  # noqa: PT011 (any of them)
            last_lines(path, limit_bytes=100)
    paths = left_behind(tmp_path)
    paths.log_file.symlink_to(outside)
    assert unpacked(gathered_from(paths))["log.jsonl"] == ""


def test_a_wrong_configuration_is_told_by_its_place_only(tmp_path: Path) -> None:
    paths = left_behind(tmp_path)
    paths.config_file.write_text(
        "server:\n  port: hunter2\n  Ada: 1\ndatabase: {url: 'http://Ada:hunter2@db.example'}\n"
    )
    found = unpacked(gathered_from(paths))
    assert [word for word in PLANTED if word in "".join(found.values())] == []
    problems = msgspec.json.decode(found["configuration.json"])["problems"]
    told = [(one["code"], one["key"], one["line"]) for one in problems]
    assert told == [
        ("config.not_a_number", "server.port", 2),
        ("config.unknown_key", None, 3),
        ("config.not_a_url", "database.url", 4),
    ]


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ('{"url": "postgres://Ada:hunter2@db.example/x"}', '"database.url": "set"'),
        ('{"url": "postgres://Ada:hun', '"code": "database.choice_damaged"'),
    ],
)
def test_the_database_that_the_setup_chose_is_told_as_set(
    tmp_path: Path, choice: str, told: str
) -> None:
    paths = left_behind(tmp_path)
    paths.choice_file.write_text(choice)
    found = unpacked(gathered_from(paths))
    assert told in found["configuration.json"]
    assert [word for word in PLANTED if word in "".join(found.values())] == []


def test_the_last_complaint_of_the_database_is_told_as_a_code(tmp_path: Path) -> None:
    paths = left_behind(tmp_path)
    paths.postgres_log_file.write_bytes(
        b'LOG: x\nPANIC:  could not write to file "/home/Ada/x": No space left on device\nLOG: \xff\n'
    )
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    found = unpacked(gathered_from(paths))
    assert "database.disk_full" in found["programs.json"]
    assert "Ada" not in found["programs.json"]
    assert '"postgres_version": 18' in found["data-directory.json"]


def test_an_empty_and_an_absent_data_directory_are_told(tmp_path: Path) -> None:
    empty = unpacked(gathered_from(left_behind(tmp_path)))
    assert '"is_folder": true' in empty["data-directory.json"]
    absent = find_paths({"REVENGE_DATA_DIR": str(tmp_path / "absent")})
    found = unpacked(gathered_from(absent))
    assert '"ENOENT"' in found["data-directory.json"]
    assert (found["log.jsonl"], str(tmp_path) in "".join(found.values())) == ("", False)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "crashed.no_memory"),
        (OSError(errno.ENOSPC, "x"), "crashed.disk_full"),
        (ExceptionGroup("", [ValueError(), ExceptionGroup("", [OSError(errno.EMFILE, "x")])]), "crashed.too_many_files"),
        (KeyError("Ada"), "crashed"),
    ],
)  # fmt: skip
def test_a_crash_is_said_in_plain_words_where_they_are_known(error: Exception, code: str) -> None:
    failure = crashed(error).failure
    assert failure.code == code
    assert "Ada" not in failure.reason


@pytest.mark.parametrize(
    ("code", "said", "word"),
    [
        (1, "FATAL:  could not write: No space left on device", "full"),
        (1, "PANIC:  could not locate a valid checkpoint record", "backup"),
        (1, "FATAL:  could not open file: Permission denied", "own files"),
        (-9, "FATAL: could not open file: Permission denied", "Another program"),
        (-11, "", "unexpectedly"),
        (3, "\N{SNOWMAN}" * 10_000, "unexpectedly"),
    ],
)
def test_an_end_of_the_database_is_said_in_plain_words(code: int, said: str, word: str) -> None:
    assert word in meaning_of(code, said).sentence
