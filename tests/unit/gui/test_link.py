"""How the tray finds a server, and what it makes of what it hears."""

import os
from pathlib import Path

import msgspec
import psutil
import pytest

from gui.api import HealthStatus, PhaseName, Status
from gui.condition import Situation, condition_of, pause_s, reason_of
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
    ("said", "reason"),
    [
        ("revenge: The port 8080 is taken.\n", "The port 8080 is taken."),
        ("noise\nrevenge-server: The disk is full.", "The disk is full."),
        ("Traceback (most recent call last):\nValueError: 1", ""),
        ("", ""),
        ("x" * 10_000, ""),
    ],
)
def test_the_reason_is_the_sentence_of_the_server(said: str, reason: str) -> None:
    assert reason_of(said) == reason


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
