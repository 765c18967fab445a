"""A worker process with operations that misbehave on purpose; run it with `python -m`."""

import ctypes
import os
import time
from collections.abc import Generator
from typing import Any, ClassVar

from app import worker
from server.kernel.workers import Work, WorkerFailed
from server.media.ops import Operation


class Echo(Work[str], frozen=True, kw_only=True):
    op: ClassVar[str] = "echo"
    reply: ClassVar[type] = str
    text: str


class Count(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "count"
    reply: ClassVar[type] = int
    up_to: int


class Crash(Work[None], frozen=True, kw_only=True):
    op: ClassVar[str] = "crash"
    reply: ClassVar[type] = type(None)


class Hang(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "hang"
    reply: ClassVar[type] = int


class Refuse(Work[None], frozen=True, kw_only=True):
    op: ClassVar[str] = "refuse"
    reply: ClassVar[type] = type(None)


class Hog(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "hog"
    reply: ClassVar[type] = int


class Absent(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "absent"
    reply: ClassVar[type] = int


class Paced(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "paced"
    reply: ClassVar[type] = int
    is_paced: ClassVar[bool] = True
    breath_s: float = 0.001


class Pid(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "pid"
    reply: ClassVar[type] = int


def _echo(work: Echo) -> Generator[str]:
    os.write(1, b"a native library prints to stdout\n")
    os.write(2, b"and to stderr\n")
    yield work.text


def _count(work: Count) -> Generator[int]:
    yield from range(work.up_to)


def _crash(_work: Crash) -> Generator[None]:
    ctypes.string_at(0)
    yield None


def _hang(_work: Hang) -> Generator[int]:
    yield os.getpid()
    time.sleep(60)


def _refuse(_work: Refuse) -> Generator[None]:
    yield from ()
    raise WorkerFailed(reason="media.damaged")


def _hog(_work: Hog) -> Generator[int]:
    yield len(bytearray(64 * 1024**3))


def _paced(work: Paced) -> Generator[int | None]:
    """Yield the pid, then how many replies were asked for; breathe for a while before each."""
    yield os.getpid()
    for number in range(1, 1_000):
        for _ in range(10):
            time.sleep(work.breath_s)
            yield None
        yield number


def _pid(_work: Pid) -> Generator[int]:
    yield os.getpid()


OPERATIONS: dict[str, Operation[Any]] = {
    "echo": Operation(work=Echo, run=_echo),
    "count": Operation(work=Count, run=_count),
    "crash": Operation(work=Crash, run=_crash),
    "hang": Operation(work=Hang, run=_hang),
    "refuse": Operation(work=Refuse, run=_refuse),
    "hog": Operation(work=Hog, run=_hog),
    "paced": Operation(work=Paced, run=_paced),
    "pid": Operation(work=Pid, run=_pid),
}

if __name__ == "__main__":
    worker.main(OPERATIONS)
