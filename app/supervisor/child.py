"""How every child process of ours is born: the right user, a clean environment, never orphaned."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_FOREIGN_PREFIXES = ("PG", "REVENGE_", "TYPESENSE_")  # ours, and what those programs would heed


@dataclass(frozen=True, kw_only=True)
class Account:
    """The system user that a program runs as in place of root."""

    name: str
    uid: int
    gid: int


def foreign_environment(source: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for a program that is not ours.

    A frozen build changes LD_LIBRARY_PATH and keeps the old value under _ORIG
    (PyInstaller, "LD_LIBRARY_PATH / LIBPATH considerations"): a foreign program needs the old one.
    """
    kept = {key: value for key, value in source.items() if not key.startswith(_FOREIGN_PREFIXES)}
    if getattr(sys, "frozen", False):
        original = kept.pop("LD_LIBRARY_PATH_ORIG", None)
        kept.pop("LD_LIBRARY_PATH", None)
        if original:
            kept["LD_LIBRARY_PATH"] = original
    return kept


def before_exec(
    *, death_signal: signal.Signals, account: Account | None = None, nice: int | None = None
) -> Callable[[], None] | None:
    """Return what the child does between fork and exec; None where the system has no such step.

    On Linux the child gets `death_signal` when the thread that started it ends, however that
    happens: start children from a thread that lives as long as they should. A `nice` child leads
    a process group of its own, not a session: Ctrl-C in the terminal misses it, and its niceness
    counts, which Linux heeds among the processes of a session only (sched(7), autogroup).
    """
    if sys.platform == "win32":
        return None
    parent_pid = os.getpid()

    def prepare() -> None:
        os.umask(0o077)
        if nice is not None:
            os.setpgid(0, 0)
            os.nice(nice)
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        if _libc is not None:  # after setuid, which clears it
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent_pid:  # it ended before we asked
                os._exit(1)

    return prepare
