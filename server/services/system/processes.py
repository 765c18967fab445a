"""What processes take of the computer. Blocking: it reads what the system keeps of each of them."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import psutil
from msgspec import Struct

from server.services.system.model import Usage

_FRESH_S: Final = 30.0
"""After a longer pause the processor's share would tell of the past."""


class Group(Struct, frozen=True, kw_only=True):
    """Processes that are one program, the oldest first; `with_children` also those that they started."""

    pids: Sequence[int]
    with_children: bool = False


class Meter:
    """Looks at programs, one look after the other."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._looked_s = float("-inf")
        self._spent_s: dict[psutil.Process, float] = {}

    def look(self, groups: Mapping[str, Group]) -> dict[str, Usage]:
        """Return what each program takes; one without a process that lives is left out."""
        now_s = self._now_s()
        elapsed_s, self._looked_s = now_s - self._looked_s, now_s
        before, self._spent_s = self._spent_s, {}
        found = {}
        for name, group in groups.items():
            processes = [known for one in _processes(group) if (known := _look(one)) is not None]
            if not processes:
                continue
            spent = {one.process: one.spent_s for one in processes}
            self._spent_s |= spent
            busy_s = sum(spent_s - before.get(process, 0.0) for process, spent_s in spent.items())
            is_pss = all(one.memory_kind == "pss" for one in processes)
            found[name] = Usage(
                started_at=datetime.fromtimestamp(processes[0].started_s, UTC),
                memory_bytes=sum(one.pss_bytes if is_pss else one.rss_bytes for one in processes),
                memory_kind="pss" if is_pss else "rss",
                cpu_share=busy_s / elapsed_s if 0 < elapsed_s < _FRESH_S else None,
            )
        return found


class _Known(Struct, frozen=True, kw_only=True):
    """What the system says of a process; without its share of what processes share, `pss_bytes` is 0."""

    process: psutil.Process
    started_s: float
    spent_s: float
    rss_bytes: int
    pss_bytes: int
    memory_kind: Literal["pss", "rss"]


def _processes(group: Group) -> list[psutil.Process]:
    found = []
    for pid in group.pids:
        try:
            process = psutil.Process(pid)
            found.append(process)
            if group.with_children:
                found += process.children(recursive=True)
        except psutil.Error:
            continue  # it is gone
    return found


def _look(process: psutil.Process) -> _Known | None:
    """Return what the system says of it; None where it is gone or tells nothing."""
    try:
        with process.oneshot():
            times = process.cpu_times()
            pss_bytes = _pss_bytes(process)
            return _Known(
                process=process,
                started_s=process.create_time(),
                spent_s=times.user + times.system,
                rss_bytes=process.memory_info().rss,
                pss_bytes=pss_bytes or 0,
                memory_kind="rss" if pss_bytes is None else "pss",
            )
    except psutil.Error:
        return None


def _pss_bytes(process: psutil.Process) -> int | None:
    """Return its memory with its part of what is shared; None where only its owner, or nobody, may know. Raises: psutil.Error."""
    if sys.platform != "linux":
        return None
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        return None
