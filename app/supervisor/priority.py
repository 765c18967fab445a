"""What the system is told of processes that give way: they come last, for processor and disk."""

import os
import sys
from contextlib import suppress

import psutil

NICENESS_MOST = 19
"""The lowest there is; 1.5 % of a processor that somebody else wants, too."""


def come_last(pid: int) -> None:
    """Let the process, which leads a group, come last, with all threads. There may be no way back: only root may raise."""
    with suppress(OSError, psutil.Error):  # it is gone, or the system knows no such thing
        if sys.platform == "win32":
            process = psutil.Process(pid)
            process.nice(psutil.IDLE_PRIORITY_CLASS)
            process.ionice(psutil.IOPRIO_VERYLOW)
            return
        os.setpriority(os.PRIO_PGRP, pid, NICENESS_MOST)
        if sys.platform == "linux":
            for thread in psutil.Process(pid).threads():
                psutil.Process(thread.id).ionice(psutil.IOPRIO_CLASS_IDLE)
