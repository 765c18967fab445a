"""How the tray finds a server, and what it makes of what it hears."""

import os
from pathlib import Path

import msgspec
import psutil
import pytest

from gui.api import HealthStatus, PhaseName, Status
from gui.condition import Refusal, Situation, TakenPort, condition_of, pause_s, refusal_of
from gui.link import find


def a_status(phase: PhaseName, health: HealthStatus | None, failure: str | None = None) -> Status:
    return Status(
        version="1",
        host="127.0.0.1",
        address="http://localhost:8080",
        phase=phase,
        done_count=0,
        total_count=0,
        is_ready=phase == "ready",
        health=health,
        failure=failure,
        postgres=None,
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
        (a_status("migrate", None, "The disk is full."), "failed"),
    ],
)
def test_the_situation_follows_from_the_status(status: Status, situation: Situation) -> None:
    assert condition_of(status).situation == situation


def test_pauses_grow_to_a_minute() -> None:
    assert [pause_s(count) for count in (0, 1, 2, 3, 6, 1000)] == [1, 2, 4, 8, 60, 60]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", Refusal()),
        ("Traceback (most recent call last):\nKeyError", Refusal()),
        ("[]", Refusal()),
        ('{"reason": 7}', Refusal()),
        ('{"code": "failed", "reason": "No.", "taken_port": null}', Refusal(reason="No.")),
        (
            'a warning\n{"code": "port_taken", "reason": "Taken.", "taken_port": '
            '{"port": 8080, "free_port": 8081, "holder": "nginx", "holder_pid": 7}}\n',
            Refusal(reason="Taken.", taken_port=TakenPort(free_port=8081)),
        ),
    ],
)
def test_why_a_server_refused_is_read_from_its_last_line(said: str, expected: Refusal) -> None:
    assert refusal_of(said) == expected
    assert refusal_of(said).free_port == (8081 if expected.taken_port else None)


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
