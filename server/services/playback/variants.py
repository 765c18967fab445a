"""Smaller copies of pictures, made by workers when first asked for and kept while there is room."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from msgspec import Struct

from server.kernel.log import get_log
from server.kernel.storage import Storage
from server.kernel.tasks import TaskScope
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import PictureFormat, Resize

log = get_log(__name__)

WIDTHS_PX: Final = (80, 160, 240, 320, 480, 640, 960, 1280, 1920)
"""The widths that exist, so that nobody fills the disk with a copy for every pixel."""

_TIMEOUT_S: Final = 60.0
_ROOM_AFTER_SWEEP: Final = 0.9
_NOTED_EVERY_NS: Final = 3_600 * 10**9
_HEAD_BYTES: Final = 32
_ALPHA: Final = 0x10


class Variant(Struct, frozen=True):
    """A copy of a picture."""

    image_id: UUID
    width_px: int
    format: PictureFormat


class Variants:
    """The cache of copies: at most `quota_bytes` on the disk, those looked at longest ago go first."""

    def __init__(
        self,
        storage: Storage,
        workers: Workers,
        tasks: TaskScope,
        *,
        quota_bytes: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._workers = workers
        self._tasks = tasks
        self._quota_bytes = quota_bytes
        self._used_bytes: int | None = None  # counted when the first copy is made
        self._making: dict[Variant, asyncio.Task[Path | None]] = {}
        self._sweeping = asyncio.Lock()

    async def format_for(self, image_id: UUID, accept: str) -> PictureFormat:
        """Return the smallest format that a client accepts and that keeps what shows through a picture."""
        kind = format_of(accept, default="webp")
        if kind != "jpeg":
            return kind
        path = self._storage.image_path(image_id)
        return "png" if await asyncio.to_thread(_shows_through, path) else "jpeg"

    async def get(self, variant: Variant) -> Path | None:
        """Return where the copy lies; None when it cannot be made. All who ask at once share one making."""
        path = self._storage.copy_path(variant.image_id, variant.width_px, variant.format)
        if await asyncio.to_thread(_touched, path):
            return path
        task = self._making.get(variant)
        if task is None:
            task = self._tasks.spawn(self._make(variant, path), name="picture copy")
            self._making[variant] = task
            task.add_done_callback(lambda _: self._making.pop(variant, None))
        return await asyncio.shield(task)

    async def _make(self, variant: Variant, path: Path) -> Path | None:
        work = Resize(
            path=bytes(self._storage.image_path(variant.image_id)),
            target_path=bytes(path),
            width_px=variant.width_px,
            format=variant.format,
        )
        try:
            made = await self._workers.run(work, timeout_s=_TIMEOUT_S)
        except (WorkerFailed, WorkerLost) as error:
            log.warning("no picture copy", image_id=variant.image_id, reason=str(error))
            return None
        await self._count(made.size_bytes)
        return path

    async def _count(self, size_bytes: int) -> None:
        """Count a new copy; make room when there is too much."""
        async with self._sweeping:
            if self._used_bytes is None:
                self._used_bytes = await asyncio.to_thread(self._measured)
            else:
                self._used_bytes += size_bytes
            if self._used_bytes > self._quota_bytes():
                self._used_bytes = await asyncio.to_thread(self._sweep)

    def _measured(self) -> int:
        return sum(status.st_size for _, status in _files(self._storage.copies_dir))

    def _sweep(self) -> int:
        """Remove what was looked at longest ago until there is room again; return what is left in bytes."""
        found = sorted(
            (status.st_atime_ns, status.st_size, path)
            for path, status in _files(self._storage.copies_dir)
        )
        used_bytes, quota_bytes = sum(size_bytes for _, size_bytes, _ in found), self._quota_bytes()
        for _, size_bytes, path in found:
            if used_bytes <= quota_bytes * _ROOM_AFTER_SWEEP:
                break
            Path(path).unlink(missing_ok=True)
            used_bytes -= size_bytes
        return used_bytes


def width_of(asked_px: int, original_px: int) -> int:
    """Return the largest width that exists and is neither larger than asked nor than the original."""
    if asked_px >= original_px:
        return original_px
    return max((width for width in WIDTHS_PX if width <= asked_px), default=asked_px)


def format_of(accept: str, *, default: PictureFormat) -> PictureFormat:
    """Return the smallest format that a client names in its Accept header; `default` when it names none."""
    qualities = dict(_accepted(accept))
    best = max(qualities.values(), default=0.0)
    formats: tuple[PictureFormat, ...] = ("avif", "webp", "jpeg", "png")
    for one in formats:
        if best and qualities.get(f"image/{one}", 0.0) == best:
            return one
    named = [one for one in formats if qualities.get(f"image/{one}", 0.0) > 0]
    return max(named, key=lambda one: qualities[f"image/{one}"]) if named else default


def _accepted(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept[:1_000].split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        quality = next((word[2:] for word in parameters if word.startswith("q=")), "1")
        try:
            yield name, min(1.0, max(0.0, float(quality)))
        except ValueError:
            continue


def _shows_through(path: Path) -> bool:
    """Return whether a WebP of ours has an alpha channel, by the flag in its head (RFC 9649, section 2.7)."""
    try:
        with path.open("rb") as file:
            start = file.read(_HEAD_BYTES)
    except OSError:
        return False
    return len(start) == _HEAD_BYTES and start[12:16] == b"VP8X" and bool(start[20] & _ALPHA)


def _touched(path: Path) -> bool:
    """Note that a copy was looked at, once an hour, also where the disk keeps no such times; return whether it is there."""
    try:
        status, now_ns = path.stat(), time.time_ns()
        if now_ns - status.st_atime_ns > _NOTED_EVERY_NS:
            os.utime(path, ns=(now_ns, status.st_mtime_ns))
    except OSError:
        return False
    return status.st_size > 0  # a power cut may leave an empty file


def _files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files of the cache; those that a killed worker left unfinished count too."""
    for inside, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(inside, name)  # noqa: PTH118 - a hundred thousand Paths cost more
            with suppress(OSError):
                yield path, os.stat(path)  # noqa: PTH116 - the same
