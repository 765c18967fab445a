"""Disks that are shared, full, away, or do not answer; and the computer."""

import os
import threading
from pathlib import Path

import pytest

from server.services.system import computer
from server.services.system.computer import Disks, Room, disks_of, machine

GB = 10**9


def a_room(device: int, *, free: int, total: int = 1000 * GB) -> Room:
    return Room(device=device, total_bytes=total, free_bytes=free)


def test_each_file_system_stands_once_with_what_lies_on_it() -> None:
    rooms = {b"/data": a_room(1, free=9 * GB), b"/films": a_room(2, free=500 * GB), b"/gone": None}
    rooms[b"/more"] = rooms[b"/films"]
    folders = [(None, b"/data"), ("Films", b"/films"), ("Films", b"/gone"), ("New", b"/more")]
    found = disks_of(folders, rooms)
    assert [[place.path for place in disk.places] for disk in found] == [
        ["/data"],
        ["/films", "/more"],
        ["/gone"],
    ]
    assert [disk.is_low for disk in found] == [True, False, False]
    assert [disk.free_bytes for disk in found] == [9 * GB, 500 * GB, None]


@pytest.mark.parametrize(
    ("free", "total", "is_low"),
    [
        (3 * GB, 50 * GB, False),
        (2 * GB, 50 * GB, True),
        (19 * GB, 1000 * GB, True),
        (GB, GB, False),
    ],
)
def test_a_disk_is_low_when_little_is_left_for_its_size(
    free: int, total: int, is_low: bool
) -> None:
    (disk,) = disks_of([(None, b"/")], {b"/": a_room(1, free=free, total=total)})
    assert disk.is_low is is_low


async def test_folders_are_looked_at_and_odd_ones_are_away(tmp_path: Path) -> None:
    odd = [b"/no/such", b"", b"a\0b", b"/" + b"x" * 5000, b"\xff\xfe"]
    found = await Disks(tmp_path).look([("Films", path) for path in odd])
    assert found[0].places[0].library is None
    assert (found[0].total_bytes or 0) > (found[0].free_bytes or 0) > 0
    assert [disk.total_bytes for disk in found[1:]] == [None] * len(odd)


async def test_a_disk_that_does_not_answer_is_asked_once_and_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung, asked = threading.Event(), list[bytes]()
    honest = computer._room

    def look(path: bytes) -> Room | None:
        if path == b"/hung":
            asked.append(path)
            hung.wait()
        return honest(path if path != b"/hung" else os.fsencode(tmp_path))

    monkeypatch.setattr(computer, "_room", look)
    monkeypatch.setattr(computer, "_PATIENCE_S", 0.05)
    disks = Disks(tmp_path)
    for _ in range(3):
        own, away = await disks.look([("Films", b"/hung")])
        assert away.total_bytes is None
        assert own.places[0].library is None
    assert asked == [b"/hung"]
    hung.set()
    monkeypatch.setattr(computer, "_PATIENCE_S", 30)
    (both,) = await disks.look([("Films", b"/hung")])
    assert [place.library for place in both.places] == [None, "Films"]


def test_the_computer_tells_of_itself() -> None:
    found = machine()
    assert found.memory_bytes > found.free_memory_bytes > 0
    assert len(found.load) == 3
    assert found.system
    assert found.core_count >= 1
