"""Ends a PostgreSQL that an earlier, killed server left behind in the same data directory."""

import signal
import sys
import time
from pathlib import Path

import psutil

_STAGES = (("SIGINT", 10.0), ("SIGQUIT", 5.0), ("SIGKILL", 5.0))
_POLL_S = 0.01


def stop_leftover(folder: Path, run_dir: Path) -> int:
    """Stop whatever still runs on this PostgreSQL data directory; return how many processes there were.

    Call it only while holding the lock on the data directory: afterwards the files by which PostgreSQL
    guards against a second server are gone, for the pid in them may be a stranger's by now, or a dead
    process that nobody has collected.
    """
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return 0
    owned = _processes("postgres", folder)
    leader_pid = _first_number(pid_file)
    for name, wait_s in _STAGES:
        alive = [process for process in owned if _is_alive(process)]
        if not alive:
            break
        _signal([process for process in alive if process.pid == leader_pid] or alive, name)
        _await_end(alive, wait_s)
    if not any(_is_alive(process) for process in owned):
        for stale in (pid_file, *run_dir.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
    return len(owned)


def _first_number(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except FileNotFoundError:  # it ended meanwhile and cleared away itself
        return None
    return int(first) if first.isascii() and first.isdigit() else None


def end_programs(name: str, folder: Path) -> None:
    """Kill the programs of that name that an earlier server left working in a folder."""
    owned = _processes(name, folder)
    _signal(owned, "SIGKILL")
    _await_end(owned, _STAGES[-1][1])


def _processes(name: str, folder: Path) -> list[psutil.Process]:
    """Return the live processes of programs whose names begin so and that work in this folder."""
    home = folder.resolve()
    found = []
    for process in psutil.process_iter():
        try:
            if process.name().startswith(name) and Path(process.cwd()) == home:
                found.append(process)
        except (psutil.Error, OSError):  # gone meanwhile, or not ours to look at
            continue
    return found


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _await_end(processes: list[psutil.Process], wait_s: float) -> None:
    """Wait until all have ended. Not `psutil.wait_procs`, which waits for a zombie without a parent too."""
    deadline_s = time.monotonic() + wait_s
    while any(_is_alive(process) for process in processes) and time.monotonic() < deadline_s:
        time.sleep(_POLL_S)


def _signal(processes: list[psutil.Process], name: str) -> None:
    for process in processes:
        try:
            if sys.platform == "win32":
                process.terminate()
            else:
                process.send_signal(getattr(signal, name))
        except psutil.Error:  # it ended first
            continue
