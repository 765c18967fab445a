"""How soon the tray shows its mark, what it weighs, how long its main thread ever stands still.

python -m bench.tray [--seconds 60] [--dead]; needs a display with a panel, else it is measured offscreen.
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
PROBE = """
import sys, time
import psutil
from PySide6.QtCore import QTimer
from app import tray
from gui.tray.view import Tray
shown, gaps = Tray.show, []
def show(self):
    shown(self)
    print("icon", time.time() - psutil.Process().create_time(), flush=True)
    last = [time.perf_counter()]
    def tick():
        now = time.perf_counter()
        gaps.append((now - last[0]) * 1000 - {tick})
        last[0] = now
    def begin():
        last[0] = time.perf_counter()
        timer.start()
    timer = QTimer(self, interval={tick})
    timer.timeout.connect(tick)
    QTimer.singleShot(0, begin)
def told(status):
    late = sorted(gaps)
    print("stall", late[int(len(late) * 0.999)], late[-1], len(late), gaps.index(late[-1]), flush=True)
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
    folder = Path(tempfile.mkdtemp(prefix="rv-", dir="/tmp"))
    folder.chmod(0o711)
    env = {**os.environ, "REVENGE_DATA_DIR": str(folder), "REVENGE_SERVER_PORT": "18977"}
    if not env.get("DISPLAY"):
        env["QT_QPA_PLATFORM"] = "offscreen"
    code = PROBE.format(tick=TICK_MS)
    with subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True
    ) as tray:
        print(f"icon after     {float(told.readline().split()[1]):.2f} s")
        time.sleep(10)
        process = psutil.Process(tray.pid)
        if chosen.dead:
            for child in process.children():
                child.suspend()
        cpu_s = sum(process.cpu_times()[:2])
        time.sleep(chosen.seconds)
        print(
            f"processor      {(sum(process.cpu_times()[:2]) - cpu_s) / chosen.seconds:.2%} of one core"
        )
        print(f"memory (PSS)   {process.memory_full_info().pss / 1e6:.0f} MB")
        tray.send_signal(signal.SIGTERM)
        word, p999_ms, most_ms, count, at = told.readline().split()
        print(
            f"main thread {word}s  p99.9 {float(p999_ms):.0f} ms, longest {float(most_ms):.0f} ms, {count} ticks, the longest at {at}"
        )


if __name__ == "__main__":
    main()
