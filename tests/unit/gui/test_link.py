"""How the tray finds a server, and what it makes of what it hears."""

import os
from pathlib import Path

import msgspec
import psutil
import pytest
from msgspec.structs import replace

from gui.api import Failure, HealthStatus, PhaseName, Status
from gui.condition import Condition, Situation, condition_of, failure_of, pause_s, retry
from gui.link import find
from gui.texts import speak
from tests.helpers.shown import a_failure

FULL = Failure(code="database.disk_full", reason="The disk is full.", context={})


def a_status(
    phase: PhaseName, health: HealthStatus | None, failure: Failure | None = None
) -> Status:
    return Status(
        version="1",
        host="127.0.0.1",
        address="http://localhost:8080",
        phase=phase,
        done_count=0,
        total_count=0,
        is_ready=phase == "ready",
        checks=[],
        health=health,
        failure=failure,
        postgres=None,
        cache=None,
        search=None,
        setup_code=None,
    )


@pytest.mark.parametrize(
    ("status", "situation"),
    [
        (a_status("postgres", None), "starting"),
        (a_status("ready", "healthy"), "running"),
        (a_status("ready", "degraded"), "degraded"),
        (a_status("ready", "unhealthy"), "degraded"),
        (a_status("stopping", "healthy"), "stopping"),
        (a_status("migrate", None, FULL), "failed"),
    ],
)
def test_the_situation_follows_from_the_status(status: Status, situation: Situation) -> None:
    assert condition_of(status).situation == situation


def test_pauses_grow_to_a_minute() -> None:
    assert [pause_s(count) for count in (0, 1, 2, 3, 6, 1000)] == [1, 2, 4, 8, 60, 60]


TAKEN = {
    "code": "port_taken",
    "reason": "Port 8080 is taken.",
    "context": {"port": 8080, "free_port": 8081, "holder": "nginx", "holder_pid": 7},
}


def test_why_a_server_ended_is_read_from_its_last_line() -> None:
    failure = failure_of("a warning\n" + msgspec.json.encode(TAKEN).decode() + "\n")
    assert msgspec.to_builtins(failure) == TAKEN
    condition = Condition(situation="failed", failure=failure)
    assert (condition.reason, condition.free_port) == ("Port 8080 is taken by nginx.", 8081)


@pytest.mark.parametrize(
    ("said", "signal", "code"),
    [
        ("", None, "crashed"),
        ("", 9, "crashed.killed"),
        ("", 11, "crashed"),
        ("[]", None, "crashed"),
        ('{"reason": 7}', None, "crashed"),
        ("\ufffd" * 100_000, None, "crashed"),
        ("Traceback\nMemoryError", None, "crashed.no_memory"),
        ("OSError: [Errno 28] No space left on device: 'x'", None, "crashed.disk_full"),
        ("ModuleNotFoundError: No module named 'x'", None, "crashed.incomplete"),
    ],
)
def test_what_else_is_known_of_an_end_is_said_in_plain_words(
    said: str, signal: int | None, code: str
) -> None:
    failure = failure_of(said, signal)
    assert failure.code == code
    assert Condition(situation="failed", failure=failure).reason.startswith(
        ("The server", "Another")
    )


@pytest.mark.parametrize("free_port", [None, "8081"])
def test_a_port_is_offered_only_where_there_is_one(free_port: str | None) -> None:
    failure = msgspec.convert({**TAKEN, "context": {"free_port": free_port}}, Failure)
    assert Condition(situation="failed", failure=failure).free_port is None


def test_a_failure_is_followed_by_a_line_also_while_the_next_attempt_runs() -> None:
    failed = a_failure("data_dir.full", folder="/srv/revenge")
    assert retry(failed)
    assert retry(replace(failed, situation="starting", retry_in_s=0)) == "Trying again now…"
    assert retry(replace(failed, retry_in_s=0)) == ""
    assert retry(Condition(situation="starting")) == ""


def test_what_windows_do_not_know_is_said_in_the_words_of_the_server() -> None:
    condition = a_failure("of_another_version")
    assert condition.reason == "The server says why."


def test_a_reason_is_said_in_the_language_that_is_spoken() -> None:
    condition = a_failure("data_dir.full", folder="/srv/revenge")
    speak("de")
    try:
        assert "Die Platte des Ordners /srv/revenge ist voll" in condition.reason
        assert "3-mal" in retry(replace(condition, failed_count=3))
    finally:
        speak("en")
    assert "is full" in condition.reason


def test_more_mistakes_than_one_are_counted() -> None:
    condition = a_failure(
        "config.not_a_number",
        where="/srv/c.yaml:3",
        key="server.port",
        value="x",
        minimum=1,
        maximum=9,
        other_count=2,
    )
    assert condition.reason.startswith("/srv/c.yaml:3: server.port is “x”")
    assert condition.reason.endswith("More places to correct: 2.")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"pid": "x"}', b"\xff" * 1000])
def test_a_broken_runtime_file_names_nobody(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "runtime.json").write_bytes(text)
    assert find(tmp_path / "runtime.json") is None
    assert find(tmp_path / "absent.json") is None


def test_only_the_process_that_wrote_the_file_is_found(tmp_path: Path) -> None:
    file = tmp_path / "runtime.json"
    began_s = psutil.Process().create_time()
    told = {"pid": os.getpid(), "control_url": "http://127.0.0.1:1", "token": "t"}
    file.write_bytes(msgspec.json.encode({**told, "started_at_s": began_s, "version": "1"}))
    assert find(file) is not None
    file.write_bytes(msgspec.json.encode({**told, "started_at_s": began_s - 5}))
    assert find(file) is None
