"""How soon the tray shows its mark and its wizard, what it weighs, how long its main thread ever stands still.

python -m bench.tray [--seconds 60] [--films 100000] [--dead]; without a display it is measured offscreen. "Late" is what a
person feels, the waits for a busy machine included; "busy" is what the main thread itself does in one go. With films, an
administrator is signed in and one window after the other is opened.
"""

import argparse
import asyncio
import signal
import subprocess
import time
from pathlib import Path

import psutil

from app.runtime import read_runtime
from bench.lists import claim, fill
from bench.measure import free_port, python
from gui.session import Session, SessionFile
from tests.helpers.postgres import data_directory
from tests.helpers.process import environment, running_server, until

STARTED_S = 10


def main() -> None:
    """Start a tray, let it run, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--films", type=int, default=0, help="how many films the server has")
    parser.add_argument("--dead", action="store_true", help="stop the server's process meanwhile")
    chosen = parser.parse_args()
    with data_directory() as data_dir:
        if chosen.films:
            furnish(data_dir, chosen.films)
        watch(data_dir, chosen.seconds, is_dead=chosen.dead, tours=bool(chosen.films))


def furnish(data_dir: Path, film_count: int) -> None:
    """Fill a library, and leave an administrator's session to the windows."""
    with running_server(data_dir) as server:
        server.await_ready()
        runtime = until(lambda: read_runtime(data_dir / "runtime.json"), what="it runs")
        token = claim(server)
        asyncio.run(fill(runtime.database_dsn or "", film_count))
    SessionFile(data_dir / "desktop-session.json").keep(Session(name="Ada", token=token))


def watch(data_dir: Path, seconds: float, *, is_dead: bool, tours: bool) -> None:
    """Run a tray on a data directory and print its figures."""
    env = environment(data_dir, REVENGE_SERVER_PORT=str(free_port()))
    if not env.get("DISPLAY"):
        env["QT_QPA_PLATFORM"] = "offscreen"
    words = ["--tour"] if tours else []
    command = python("-m", "bench.tray_probe", *words)
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, env=env, stdout=pipe, stderr=nothing, text=True) as tray:
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
        for line in tray.stdout or ():
            name, *figures = line.split()
            match name:
                case "mark" | "wizard":
                    print(f"{name:6} after   {float(figures[0]):.2f} s")
                case _:
                    most_ms, longest_ms = map(float, figures)
                    print(
                        f"main thread    {name} p99.9 {most_ms:.0f} ms, at most {longest_ms:.0f} ms"
                    )


if __name__ == "__main__":
    main()
