import io
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.diagnostics import Diagnostics
from app.state import State
from app.supervisor.postgres import ProgramState, in_plain_words
from server.kernel.config import Config, load
from server.kernel.health import Ready, Result
from server.kernel.log import Tail, configure, get_log

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
        ProgramState(state="restarting", restart_count=3, said="FATAL: /home/Ada/hunter2")
    )
    made = Diagnostics(state, tail, config or Config())
    with zipfile.ZipFile(io.BytesIO(made.archive())) as packed:
        found = {name: packed.read(name).decode() for name in packed.namelist()}
    assert [one.name for one in made.listed()] == list(found)
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
    assert '"version": "0.1.0"' in found["system.json"]
    assert '"server.port": 8080' in found["configuration.json"]
    assert '"restart_count": 3' in found["programs.json"]
    assert '"jobs"' in found["health.json"]


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
    assert word in in_plain_words(code, said)
