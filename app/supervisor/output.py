"""Keeps what a child process prints: in a file that cannot fill the disk, its end in memory."""

import asyncio
import contextlib
from collections import deque
from pathlib import Path

_FILE_LIMIT_BYTES = 4 * 1024**2
_TAIL_LINE_COUNT = 20
_LINE_MAX_BYTES = 64 * 1024


class Output:
    """The last lines of a program, and its log file with one predecessor (`.1`)."""

    def __init__(self, path: Path, *, limit_bytes: int = _FILE_LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._lines: deque[str] = deque(maxlen=_TAIL_LINE_COUNT)

    @property
    def tail(self) -> str:
        """Return the last lines, oldest first."""
        return "\n".join(self._lines)

    @property
    def complaint(self) -> str:
        """Return the last line in which PostgreSQL names a reason to end, else the last line."""
        grave = [line for line in self._lines if "FATAL:" in line or "PANIC:" in line]
        return (grave or list(self._lines) or [""])[-1]

    async def follow(self, stream: asyncio.StreamReader) -> None:
        """Write chunk by chunk until the stream ends; a disk that is full loses lines, nothing else."""
        begun = b""  # a line may come in several chunks
        while chunk := await stream.read(64 * 1024):
            *whole, begun = (begun + chunk).split(b"\n")
            begun = begun[-_LINE_MAX_BYTES:]
            self._keep(whole)
            with contextlib.suppress(OSError):
                self._write(chunk)
        self._keep([begun])

    def _keep(self, lines: list[bytes]) -> None:
        texts = (line.decode(errors="replace").strip() for line in lines)
        self._lines.extend(text for text in texts if text)

    def _write(self, chunk: bytes) -> None:
        with self._path.open("ab") as file:
            if file.tell() < self._limit_bytes:
                file.write(chunk)
                return
        self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        self._path.write_bytes(chunk)
