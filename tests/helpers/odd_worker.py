"""A worker process with operations that misbehave on purpose; run it with `python -m`."""

import ctypes
import os
import time
from collections.abc import Iterator
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


class Pid(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "pid"
    reply: ClassVar[type] = int


def _echo(work: Echo) -> Iterator[str]:
    os.write(1, b"a native library prints to stdout\n")
    os.write(2, b"and to stderr\n")
    yield work.text


def _count(work: Count) -> Iterator[int]:
    yield from range(work.up_to)


def _crash(_work: Crash) -> Iterator[None]:
    ctypes.string_at(0)
    yield None


def _hang(_work: Hang) -> Iterator[int]:
    yield os.getpid()
    time.sleep(60)


def _refuse(_work: Refuse) -> Iterator[None]:
    yield from ()
    raise WorkerFailed(reason="media.damaged")


def _hog(_work: Hog) -> Iterator[int]:
    yield len(bytearray(64 * 1024**3))


def _pid(_work: Pid) -> Iterator[int]:
    yield os.getpid()


OPERATIONS: dict[str, Operation[Any]] = {
    "echo": Operation(work=Echo, run=_echo),
    "count": Operation(work=Count, run=_count),
    "crash": Operation(work=Crash, run=_crash),
    "hang": Operation(work=Hang, run=_hang),
    "refuse": Operation(work=Refuse, run=_refuse),
    "hog": Operation(work=Hog, run=_hog),
    "pid": Operation(work=Pid, run=_pid),
}

if __name__ == "__main__":
    worker.main(OPERATIONS)
