"""The pipe from a parent process: when it ends, the parent is gone and so should we."""

import os
import threading
from collections.abc import Callable


def watch(on_end: Callable[[], None], *, descriptor: int = 0) -> None:
    """Call `on_end`, from another thread, when the pipe on `descriptor` ends.

    `os.read`, not `sys.stdin.buffer.read`: a buffered read that still waits at exit aborts the interpreter.
    """

    def wait() -> None:
        try:
            while os.read(descriptor, 4096):
                pass
        except OSError:  # closed under us: the parent is as gone as at its end
            pass
        on_end()

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
