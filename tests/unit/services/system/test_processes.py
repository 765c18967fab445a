"""What processes take, of real ones."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from server.services.system.processes import Group, Meter

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], stdin=subprocess.PIPE)
print(child.pid, flush=True)
input()
child.communicate()
"""


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[bytes]]:
    """A process with a child."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.readline()
    yield process
    process.communicate(b"\n", timeout=30)


def test_a_program_is_all_that_it_started(parent: subprocess.Popen[bytes]) -> None:
    meter = Meter()
    alone = meter.look({"a": Group(pids=[parent.pid])})["a"]
    whole = meter.look({"a": Group(pids=[parent.pid], with_children=True)})["a"]
    assert whole.memory_bytes > 1.5 * alone.memory_bytes
    assert abs(whole.started_at.timestamp() - psutil.Process(parent.pid).create_time()) < 0.01
    assert whole.memory_kind == ("pss" if sys.platform == "linux" else "rss")


def test_the_share_of_the_processor_is_that_since_the_look_before() -> None:
    clock = Clock()
    meter = Meter(clock)
    groups = {"us": Group(pids=[os.getpid()])}
    assert meter.look(groups)["us"].cpu_share is None
    before_s = time.process_time()
    while time.process_time() < before_s + 0.3:
        pass
    clock.now_s += 1.0
    share = meter.look(groups)["us"].cpu_share
    assert share is not None
    assert 0.2 < share < time.process_time() - before_s + 0.2
    clock.now_s += 3600
    assert meter.look(groups)["us"].cpu_share is None, "an hour ago is not now"


def test_a_program_without_a_process_is_left_out(parent: subprocess.Popen[bytes]) -> None:
    parent.kill()
    parent.wait()
    groups = {"none": Group(pids=[]), "gone": Group(pids=[parent.pid], with_children=True)}
    assert Meter().look(groups) == {}
