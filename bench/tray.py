"""How soon the tray shows its mark, what it weighs, how long its main thread ever stands still.

python -m bench.tray [--seconds 60] [--dead]; without a display it is measured offscreen. "Late" is what a
person feels, the waits for a busy machine included; "busy" is what the main thread itself does in one go.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

TICK_MS = 5
STARTED_S = 10
PROBE = """
import sys, time
import psutil
from PySide6.QtCore import QTimer
from app import tray
from gui.tray.view import Tray
shown, late_ms, busy_ms = Tray.show, [], []
def show(self):
    shown(self)
    print(time.time() - psutil.Process().create_time(), flush=True)
    last = []
    def tick():
        now = time.perf_counter(), time.thread_time()
        if last:
            late_ms.append((now[0] - last[0]) * 1000 - {tick})
            busy_ms.append((now[1] - last[1]) * 1000)
        last[:] = now
    timer = QTimer(self, interval={tick})
    timer.timeout.connect(tick)
    timer.start()
def told(status):
    for gaps in (late_ms, busy_ms):
        gaps.sort()
        print(gaps[int(len(gaps) * 0.999)], gaps[-1], flush=True)
    return status
Tray.show = show
sys.exit(told(tray.run()))
"""


def main() -> None:
    """Start a tray with an empty data directory, let it run, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--dead", action="store_true", help="stop the server's process meanwhile")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rv-", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        watch(folder, chosen.seconds, is_dead=chosen.dead)


def watch(folder: str, seconds: float, *, is_dead: bool) -> None:
    """Run a tray on a data directory and print its figures."""
    env = {**os.environ, "REVENGE_DATA_DIR": folder, "REVENGE_SERVER_PORT": "18977"}
    if not env.get("DISPLAY"):
        env["QT_QPA_PLATFORM"] = "offscreen"
    command, pipe = [sys.executable, "-c", PROBE.format(tick=TICK_MS)], subprocess.PIPE
    with subprocess.Popen(command, env=env, stdout=pipe, text=True) as tray:
        print(f"icon after     {float(tray.stdout.readline()):.2f} s")
        time.sleep(STARTED_S)
        process = psutil.Process(tray.pid)
        if is_dead:
            for child in process.children():
                child.suspend()
        cpu_s = sum(process.cpu_times()[:2])
        time.sleep(seconds)
        share = (sum(process.cpu_times()[:2]) - cpu_s) / seconds
        print(f"processor      {share:.2%} of one core")
        print(f"memory (PSS)   {process.memory_full_info().pss / 1e6:.0f} MB")
        tray.send_signal(signal.SIGTERM)
        for what in ("late", "busy"):
            most_ms, longest_ms = map(float, tray.stdout.readline().split())
            print(f"main thread    {what} p99.9 {most_ms:.0f} ms, at most {longest_ms:.0f} ms")


if __name__ == "__main__":
    main()
