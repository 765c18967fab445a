"""Fetches an archive that may be large: resumed where it broke off, and good only with its own SHA-256."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final

import httpx
from msgspec import Struct

from bundled.manifest import Release
from bundled.refusal import NotInstalled, no_room, unwritable

ARCHIVE_BYTES_MAX: Final = 512 * 1024**2
LEFT_FREE_BYTES: Final = 256 * 1024**2
"""For the database, which lies on the same disk."""

_PATIENCE_S: Final = 30.0


class Progress(Struct, frozen=True, kw_only=True):
    """How much is there; the size is None where the other side does not tell it."""

    done_bytes: int
    size_bytes: int | None


@contextmanager
def connected(*, allows_loopback: bool = False) -> Iterator[httpx.Client]:
    """Yield a client that follows to https only; `allows_loopback` is for a server of one's own."""

    def require_https(request: httpx.Request) -> None:
        is_own = allows_loopback and request.url.host == "127.0.0.1"
        if request.url.scheme != "https" and not is_own:
            raise NotInstalled(
                f"{request.url.host} was to be asked without encryption. Nothing was downloaded.",
                code="program.not_secure",
                host=request.url.host,
            )

    with httpx.Client(
        follow_redirects=True,
        timeout=_PATIENCE_S,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [require_https]},
    ) as client:
        yield client


def size_bytes(client: httpx.Client, release: Release) -> int | None:
    """Return how large the archive is, None where the other side does not tell. Blocking. Raises: NotInstalled."""
    with _answer(client, release, 0) as answer:
        return _size(answer, 0)


def fetch(
    client: httpx.Client, release: Release, partial: Path, told: Callable[[Progress], object]
) -> None:
    """Have the whole archive at `partial`, which keeps what came of it where that fails. Blocking.

    What is there already must be of the same archive: it is not loaded again, unless the whole turns out wrong.
    Raises: NotInstalled.
    """
    had_bytes = partial.stat().st_size if partial.exists() else 0
    try:
        _load(client, release, partial, told)
        if _digest(partial) == release.sha256:
            return
        partial.unlink()
    except OSError as error:
        problem = unwritable(error)
        if problem.code == "program.no_room":  # else it stays, and is found out where it is wrong
            partial.unlink(missing_ok=True)
        raise problem from error
    if not had_bytes:
        host = httpx.URL(release.url).host
        raise NotInstalled(
            f"What {host} sent is not what it should be: its checksum is wrong. It was thrown away.",
            code="program.wrong_checksum",
            host=host,
        )
    fetch(client, release, partial, told)


def require_room(folder: Path, needed_bytes: int) -> None:
    """Raise NotInstalled where a file of this size would fill the disk."""
    if shutil.disk_usage(folder).free < needed_bytes + LEFT_FREE_BYTES:
        raise no_room()


def _load(
    client: httpx.Client, release: Release, partial: Path, told: Callable[[Progress], object]
) -> None:
    had_bytes = partial.stat().st_size if partial.exists() else 0
    with _answer(client, release, had_bytes) as answer:
        if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is there
        start = had_bytes if answer.status_code == HTTPStatus.PARTIAL_CONTENT else 0
        size = _size(answer, start)
        require_room(partial.parent, size - start if size else 0)
        with partial.open("ab" if start else "wb") as file:
            _receive(answer, file, size, told)


def _receive(
    answer: httpx.Response, file: BinaryIO, size: int | None, told: Callable[[Progress], object]
) -> None:
    try:
        for piece in answer.iter_raw():
            file.write(piece)
            file.flush()  # a kill costs nothing of it
            _require_sane(file.tell())
            told(Progress(done_bytes=file.tell(), size_bytes=size))
    except httpx.HTTPError as error:
        raise NotInstalled(
            f"The connection to {answer.url.host} broke off. Try again: it goes on where it stopped.",
            code="program.broken_off",
            host=answer.url.host,
        ) from error


@contextmanager
def _answer(client: httpx.Client, release: Release, from_byte: int) -> Iterator[httpx.Response]:
    """Yield the answer to a request for what follows a byte. Raises: NotInstalled."""
    host = httpx.URL(release.url).host
    headers = {"Range": f"bytes={from_byte}-"} if from_byte else {}
    try:
        answer = client.send(client.build_request("GET", release.url, headers=headers), stream=True)
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
        raise NotInstalled(
            f"{host} cannot be reached ({why}). Is there a way to the Internet? Try again later.",
            code="program.unreachable",
            host=host,
            why=why,
        ) from error
    try:
        is_past_end = answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        if not answer.is_success and not (from_byte and is_past_end):
            raise NotInstalled(
                f"{answer.url.host} does not give the file (HTTP {answer.status_code}). Try again later.",
                code="program.refused",
                host=answer.url.host,
                status=answer.status_code,
            )
        yield answer
    finally:
        answer.close()


def _size(answer: httpx.Response, had_bytes: int) -> int | None:
    told = answer.headers.get("Content-Length", "")
    if not (told.isascii() and told.isdigit()):
        return None
    _require_sane(had_bytes + int(told[:16]))
    return had_bytes + int(told)


def _require_sane(size: int) -> None:
    if size > ARCHIVE_BYTES_MAX:
        raise NotInstalled(
            "The archive is far larger than it should be. It was not installed.",
            code="program.too_large",
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
