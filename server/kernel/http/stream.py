"""Answers made of bytes: files and blobs with ranges, conditions and no time limit.

Quart's own file answers fail on suffix ranges, know one range only and read 8 KiB at a time; see
docs/adr/0012-range-responder.md.
"""

import asyncio
import hashlib
import os
import re
import secrets
import stat
import sys
import unicodedata
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import quote

from msgspec import Struct
from quart import Request, Response
from werkzeug.datastructures import Headers
from werkzeug.http import http_date, parse_etags

from server.kernel.errors import NotFound
from server.kernel.http.ranges import Span, http_instant, may_use_range, requested_spans

# Measured (docs/benchmarks.md): smaller chunks cost throughput, larger ones memory for each viewer.
CHUNK_BYTES: Final = 1 << 20

# O_NONBLOCK: a named pipe in a library must not hang the open. The rest is for Windows.
_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOINHERIT", 0)
)
_YEAR_9999_S: Final = 253_402_300_799
_UNSAFE_IN_QUOTES: Final = re.compile(r'[^ -~]|["\\%/]')
# attr-char of RFC 8187 beyond the letters, digits and `_.-~` that quote() never touches.
_ATTR_CHARS: Final = "!#$&+^`|"


class FileReply(Struct, frozen=True, kw_only=True):
    """An answer that is a file on disk, opened when the answer starts.

    `etag` is mixed into the entity tag next to size and time of the opened file; it need not be
    unique. With `file_name` the browser proposes that name when somebody saves the answer. `vary`
    names the headers of the request that chose the file. `on_chunk` hears of every megabyte that a
    client has taken.
    """

    path: Path
    media_type: str
    etag: str = ""
    cache_control: str = "private, no-cache"
    file_name: str | None = None
    vary: str | None = None
    on_chunk: Callable[[], None] | None = None


class BytesReply(Struct, frozen=True, kw_only=True):
    """An answer that is in memory already; for things of at most a few megabytes."""

    content: bytes
    media_type: str
    cache_control: str = "private, no-cache"
    file_name: str | None = None


class FileMissing(NotFound):
    """The database knows the file, but the disk does not give it."""

    code = "stream.file_missing"


class FileShrank(OSError):
    """The file became shorter while it was sent; the promised length cannot be kept."""


class Version(Struct, frozen=True, kw_only=True):
    """What is about to be sent; `modified_at` has whole seconds, `etag` its quotes."""

    size_bytes: int
    etag: str
    modified_at: datetime | None


class Plan(Struct, frozen=True, kw_only=True):
    """Status, headers and the pieces of a body: bytes as they are, spans of the content."""

    status: int
    headers: list[tuple[str, str]]
    pieces: tuple[bytes | Span, ...] = ()


async def respond(reply: FileReply | BytesReply, request: Request) -> Response:
    """Return the answer to a GET or HEAD. Raises: FileMissing.

    A file that shrinks or fails while it is sent raises OSError out of the body: the connection
    then ends early, so that no client takes the answer for complete.
    """
    if isinstance(reply, BytesReply):
        version = Version(
            size_bytes=len(reply.content), etag=_tag_of(reply.content), modified_at=None
        )
        planned = plan(reply, version, request.method, request.headers)
        content = b"".join(_cut(piece, reply.content) for piece in planned.pieces)
        return _response(planned, content)
    file = await OpenFile.open(reply.path)
    planned = plan(reply, file.version(reply.etag), request.method, request.headers)
    if not planned.pieces:
        file.close()
        return _response(planned, b"")
    return _response(planned, _body(file, planned.pieces, reply.on_chunk))


def plan(reply: FileReply | BytesReply, version: Version, method: str, asked: Headers) -> Plan:
    """Decide how to answer (RFC 9110, 13.2.2 and 14.2); `asked` are the headers of the request."""
    size_bytes = version.size_bytes
    headers = _headers(reply, version)
    match _failed_condition(version, asked):
        case 304:
            return Plan(status=304, headers=headers)
        case 412:
            return Plan(status=412, headers=[*headers, ("Content-Length", "0")])
    spans = None
    if method == "GET" and may_use_range(
        asked.get("If-Range"), etag=version.etag, modified_at=version.modified_at
    ):
        spans = requested_spans(asked.get("Range"), size_bytes)
    if spans is None:
        headers += [("Content-Type", reply.media_type), ("Content-Length", str(size_bytes))]
        whole = (Span(0, size_bytes - 1),) if size_bytes and method == "GET" else ()
        return Plan(status=200, headers=headers, pieces=whole)
    if not spans:
        headers += [("Content-Range", f"bytes */{size_bytes}"), ("Content-Length", "0")]
        return Plan(status=416, headers=headers)
    described, pieces = _parts(spans, reply.media_type, size_bytes)
    return Plan(status=206, headers=headers + described, pieces=pieces)


def content_disposition(file_name: str) -> str:
    """Return the header value that proposes a file name (RFC 6266, RFC 8187)."""
    latin = unicodedata.normalize("NFKD", file_name)
    plain = _UNSAFE_IN_QUOTES.sub("_", "".join(c for c in latin if not unicodedata.combining(c)))
    exact = quote(file_name, safe=_ATTR_CHARS, errors="replace")
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{exact}"


class OpenFile:
    """A regular file, open for one answer; what may wait for a disk waits in a thread."""

    def __init__(self, fd: int, status: os.stat_result) -> None:
        self._fd = fd
        self._status = status
        self._reading: asyncio.Future[bytes] | None = None

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open a file. Raises: FileMissing."""
        opening = asyncio.get_running_loop().run_in_executor(None, _open, path)
        try:
            fd, status = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_late)
            raise
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise FileMissing(file_name=path.name) from error
        return cls(fd, status)

    def version(self, etag: str) -> Version:
        """Return size, tag and time of the very file that is open, whatever its path names by now."""
        size_bytes, modified_ns = self._status.st_size, self._status.st_mtime_ns
        mixed = quote(etag, safe="") + "-" if etag else ""
        modified_s = min(max(0, modified_ns // 1_000_000_000), _YEAR_9999_S)
        return Version(
            size_bytes=size_bytes,
            etag=f'"{mixed}{size_bytes:x}-{modified_ns:x}"',
            modified_at=datetime.fromtimestamp(modified_s, UTC),
        )

    async def read(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes; none at the end of the file."""
        if _is_cached(self._fd, offset + count - 1):
            return os.pread(self._fd, count, offset)
        loop = asyncio.get_running_loop()
        self._reading = loop.run_in_executor(None, _pread, self._fd, count, offset)
        return await asyncio.shield(self._reading)

    def close(self) -> None:
        """Close the file, at the latest when a read that nobody awaits any more has ended."""
        fd, self._fd = self._fd, -1
        if fd < 0:
            return
        if self._reading is None or self._reading.done():
            os.close(fd)
        else:
            self._reading.add_done_callback(lambda _: os.close(fd))

    __del__ = close  # a body that is never iterated has no other end


async def _body(
    file: OpenFile, pieces: tuple[bytes | Span, ...], on_chunk: Callable[[], None] | None
) -> AsyncIterator[bytes]:
    try:
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            offset = piece.first
            while offset <= piece.last:
                chunk = await file.read(offset, min(CHUNK_BYTES, piece.last + 1 - offset))
                if not chunk:
                    raise FileShrank(f"the file ends at byte {offset}, {piece.last} was promised")
                yield chunk
                offset += len(chunk)
                if on_chunk is not None:
                    on_chunk()
    finally:
        file.close()


def _response(planned: Plan, body: bytes | AsyncIterator[bytes]) -> Response:
    response = Response(body, planned.status)
    response.headers = Headers(planned.headers)
    response.timeout = None
    return response


def _headers(reply: FileReply | BytesReply, version: Version) -> list[tuple[str, str]]:
    """Return the headers that every status shares."""
    headers = [
        ("Accept-Ranges", "bytes"),
        ("Cache-Control", reply.cache_control),
        ("ETag", version.etag),
    ]
    if version.modified_at is not None:
        headers.append(("Last-Modified", http_date(version.modified_at)))
    if isinstance(reply, FileReply) and reply.vary is not None:
        headers.append(("Vary", reply.vary))
    if reply.file_name is not None:
        headers.append(("Content-Disposition", content_disposition(reply.file_name)))
    return headers


def _failed_condition(version: Version, asked: Headers) -> Literal[304, 412] | None:
    """Return 304 or 412 where a condition of the request says so (RFC 9110, 13.2.2)."""
    etag = version.etag.strip('"')
    if (if_match := asked.get("If-Match")) is not None:
        tags = parse_etags(if_match.strip())
        if not (tags.star_tag or tags.is_strong(etag)):
            return 412
    elif _is_newer(version, asked.get("If-Unmodified-Since")) is True:
        return 412
    if (if_none_match := asked.get("If-None-Match")) is not None:
        tags = parse_etags(if_none_match.strip())
        return 304 if tags.star_tag or tags.contains_weak(etag) else None
    return 304 if _is_newer(version, asked.get("If-Modified-Since")) is False else None


def _is_newer(version: Version, date: str | None) -> bool | None:
    """Return whether the content changed after a date; None where either is unknown."""
    since = http_instant(date)
    if since is None or version.modified_at is None:
        return None
    return version.modified_at > since


def _parts(
    spans: tuple[Span, ...], media_type: str, size_bytes: int
) -> tuple[list[tuple[str, str]], tuple[bytes | Span, ...]]:
    """Return headers and pieces of a 206: one span as it is, several as multipart/byteranges."""
    if len(spans) == 1:
        headers = [("Content-Type", media_type), ("Content-Range", _named(spans[0], size_bytes))]
        return [*headers, ("Content-Length", str(spans[0].size_bytes))], spans
    boundary = secrets.token_hex(16)
    pieces: list[bytes | Span] = []
    for span in spans:
        head = f"Content-Type: {media_type}\r\nContent-Range: {_named(span, size_bytes)}"
        pieces += [f"\r\n--{boundary}\r\n{head}\r\n\r\n".encode("latin-1"), span]
    pieces.append(f"\r\n--{boundary}--\r\n".encode())
    length = sum(len(one) if isinstance(one, bytes) else one.size_bytes for one in pieces)
    content_type = f"multipart/byteranges; boundary={boundary}"
    return [("Content-Type", content_type), ("Content-Length", str(length))], tuple(pieces)


def _named(span: Span, size_bytes: int) -> str:
    return f"bytes {span.first}-{span.last}/{size_bytes}"


def _cut(piece: bytes | Span, content: bytes) -> bytes:
    return piece if isinstance(piece, bytes) else content[piece.first : piece.last + 1]


def _tag_of(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def _open(path: Path) -> tuple[int, os.stat_result]:
    fd = os.open(path, _OPEN_FLAGS)
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)
        raise FileNotFoundError(f"{path} is no regular file")
    return fd, status


def _close_late(opening: asyncio.Future[tuple[int, os.stat_result]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        os.close(opening.result()[0])


def _is_cached(fd: int, offset: int) -> bool:
    """Return whether this byte can be read without waiting for a disk; False where nobody can tell.

    A file is read forwards, so the cached last byte of a chunk vouches for the bytes before it.
    """
    try:
        os.preadv(fd, [bytearray(1)], offset, os.RWF_NOWAIT)
    except (OSError, AttributeError):  # EAGAIN; EOPNOTSUPP on some filesystems; not Linux
        return False
    return True


def _pread(fd: int, count: int, offset: int) -> bytes:
    if sys.platform == "win32":
        os.lseek(fd, offset, os.SEEK_SET)
        return os.read(fd, count)
    return os.pread(fd, count, offset)
