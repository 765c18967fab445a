"""The fault loop as somebody runs it who has no five minutes."""

import os
import signal
import subprocess
import sys

import pytest

from tests.helpers.process import ROOT

SEED = os.environ.get("REVENGE_DRILL_SEED", "5")
FAULT_COUNT = 3

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="made for Linux"),
]


def test_some_faults_break_nothing_and_ctrl_c_counts_what_there_is() -> None:
    command = [sys.executable, "-m", "bench.chaos", "--minutes", "60", "--seed", SEED]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as drill:
        assert drill.stdout is not None
        said = [drill.stdout.readline() for _ in range(1 + FAULT_COUNT)]
        drill.send_signal(signal.SIGINT)
        said += drill.stdout.readlines()
    report = "".join(said)
    assert drill.returncode == 0, report
    assert "requests served" in report
    for none in ("failed for longer", "jobs lost", "effects applied twice", "events missed"):
        assert f"ok  {none}" in report
