import asyncio
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quart import Quart, Response, request
from quart.typing import TestClientProtocol as Client
from werkzeug.datastructures import Headers
from werkzeug.http import parse_options_header

from server.kernel.http import stream
from server.kernel.http.ranges import Span
from server.kernel.http.stream import (
    BytesReply,
    FileMissing,
    FileReply,
    FileShrank,
    OpenFile,
    Plan,
    Version,
    content_disposition,
    plan,
    respond,
)

CONTENT = bytes(range(256)) * 8
MODIFIED = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
VERSION = Version(size_bytes=1000, etag='"v1"', modified_at=MODIFIED)
REPLY = FileReply(path=Path("film.mp4"), media_type='video/mp4; codecs="avc1.640028"')
SAME, LATER = (f"Sun, 01 Mar 2026 12:00:0{n} GMT" for n in (0, 1))
EARLIER = "Sun, 01 Mar 2026 11:59:59 GMT"


def planned(method: str = "GET", **asked: str) -> Plan:
    headers = Headers({name.replace("_", "-"): value for name, value in asked.items()})
    return plan(REPLY, VERSION, method, headers)


def named(answer: Plan) -> dict[str, str]:
    return dict(answer.headers)


def open_fd_count() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_everything_is_one_span_with_its_length() -> None:
    answer = planned()
    assert (answer.status, answer.pieces) == (200, (Span(0, 999),))
    assert named(answer) == {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Length": "1000",
        "Content-Type": 'video/mp4; codecs="avc1.640028"',
        "ETag": '"v1"',
        "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT",
    }


def test_one_range_is_named_in_the_headers() -> None:
    answer = planned(Range="bytes=-100")
    assert (answer.status, answer.pieces) == (206, (Span(900, 999),))
    assert named(answer)["Content-Range"] == "bytes 900-999/1000"
    assert named(answer)["Content-Length"] == "100"


def test_a_range_beyond_the_end_is_416_and_says_the_size() -> None:
    answer = planned(Range="bytes=1000-")
    assert (answer.status, answer.pieces) == (416, ())
    assert named(answer)["Content-Range"] == "bytes */1000"


def test_the_length_of_a_multipart_answer_is_exact() -> None:
    answer = planned(Range="bytes=0-9,20-29,-10")
    assert answer.status == 206
    sizes = [len(one) if isinstance(one, bytes) else one.size_bytes for one in answer.pieces]
    assert named(answer)["Content-Length"] == str(sum(sizes))


def test_head_promises_the_whole_and_ignores_ranges() -> None:
    answer = planned("HEAD", Range="bytes=0-9")
    assert (answer.status, answer.pieces) == (200, ())
    assert named(answer)["Content-Length"] == "1000"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"If_None_Match": '"v1"'}, 304),
        ({"If_None_Match": 'W/"v1"'}, 304),
        ({"If_None_Match": '"v0", "v1"'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"v0"'}, 200),
        ({"If_None_Match": '"v0"', "If_Modified_Since": LATER}, 200),
        ({"If_None_Match": '"v1"', "Range": "bytes=0-9"}, 304),
        ({"If_None_Match": '"v1'}, 200),
        ({"If_Modified_Since": SAME}, 304),
        ({"If_Modified_Since": LATER}, 304),
        ({"If_Modified_Since": EARLIER}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Match": '"v1"'}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": '"v0"'}, 412),
        ({"If_Match": 'W/"v1"'}, 412),
        ({"If_Match": '"v1"', "If_Unmodified_Since": EARLIER}, 200),
        ({"If_Unmodified_Since": EARLIER}, 412),
        ({"If_Unmodified_Since": SAME}, 200),
        ({"If_Match": '"v0"', "If_None_Match": '"v1"'}, 412),
        ({"Range": "bytes=0-9", "If_Range": '"v1"'}, 206),
        ({"Range": "bytes=0-9", "If_Range": '"v0"'}, 200),
        ({"Range": "bytes=0-9", "If_Range": SAME}, 206),
        ({"Range": "bytes=5000-", "If_Range": '"v0"'}, 200),
    ],
)
def test_conditions_follow_the_order_of_the_rfc(asked: dict[str, str], status: int) -> None:
    assert planned(**asked).status == status
    assert planned(**asked).headers[2] == ("ETag", '"v1"')


def test_an_answer_without_body_says_so() -> None:
    assert "Content-Type" not in named(planned(If_None_Match='"v1"'))
    assert named(planned(If_Match='"v0"'))["Content-Length"] == "0"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Alien.mkv", "inline; filename=\"Alien.mkv\"; filename*=UTF-8''Alien.mkv"),
        ("Amélie.mkv", "inline; filename=\"Amelie.mkv\"; filename*=UTF-8''Am%C3%A9lie.mkv"),
        ('a"b\\c%41.mkv', "inline; filename=\"a_b_c_41.mkv\"; filename*=UTF-8''a%22b%5Cc%2541.mkv"),
        ("七人.mkv", "inline; filename=\"__.mkv\"; filename*=UTF-8''%E4%B8%83%E4%BA%BA.mkv"),
        ("a\r\nb.mkv", "inline; filename=\"a__b.mkv\"; filename*=UTF-8''a%0D%0Ab.mkv"),
        ("\udcff.mkv", "inline; filename=\"_.mkv\"; filename*=UTF-8''%3F.mkv"),
    ],
)
def test_file_names_survive_in_both_forms(name: str, expected: str) -> None:
    assert content_disposition(name) == expected


@given(st.text(max_size=40))
def test_no_file_name_leaves_its_quotes(name: str) -> None:
    value = content_disposition(name)
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2


async def test_the_version_is_that_of_the_open_file_not_of_its_path(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")
    file = await OpenFile.open(path)
    before = file.version("")
    other = tmp_path / "other.mp4"
    other.write_bytes(b"new and longer")
    other.rename(path)
    assert file.version("") == before
    assert await file.read(0, 3) == b"old"
    file.close()
    again = await OpenFile.open(path)
    assert again.version("").etag != before.etag
    again.close()


@pytest.mark.parametrize("modified_s", [-10, 0, 2**34])
async def test_odd_times_of_files_are_taken(tmp_path: Path, modified_s: int) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x")
    os.utime(path, (modified_s, modified_s))
    file = await OpenFile.open(path)
    assert file.version("id 7").modified_at is not None
    assert file.version("id 7").etag.startswith('"id%207-1-')
    file.close()


async def test_what_is_no_readable_file_is_missing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    before = open_fd_count()
    for name in ("absent", "pipe", "socket", "", "a\0b", "x" * 300):
        with pytest.raises(FileMissing):
            await OpenFile.open(tmp_path / name)
    assert open_fd_count() == before
    listener.close()


async def test_a_cancelled_open_leaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"x")
    await (await OpenFile.open(path)).read(0, 1)
    before = open_fd_count()
    async with asyncio.TaskGroup() as tasks:
        for index in range(50):
            task = tasks.create_task(OpenFile.open(path if index % 2 else tmp_path / "absent"))
            await asyncio.sleep(0)
            task.cancel()
    await asyncio.sleep(0.1)
    assert open_fd_count() == before


def test_where_nobody_can_tell_a_byte_counts_as_on_disk() -> None:
    assert stream._is_cached(-1, 0) is False


async def test_reads_in_a_thread_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    file = await OpenFile.open(path)
    assert await file.read(100, 200) == CONTENT[100:300]
    monkeypatch.setattr(stream, "_is_cached", lambda _fd, _offset: False)
    assert await file.read(100, 200) == CONTENT[100:300]
    file.close()
    file.close()


async def test_closing_waits_for_a_read_that_nobody_awaits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    file = await OpenFile.open(path)
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(fd: int, count: int, offset: int) -> bytes:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        return os.pread(fd, count, offset)

    monkeypatch.setattr(stream, "_is_cached", lambda _fd, _offset: False)
    monkeypatch.setattr(stream, "_pread", slow)
    before = open_fd_count()
    reading = loop.create_task(file.read(0, 10))
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    file.close()
    assert open_fd_count() == before
    gate.set()
    await asyncio.sleep(0.05)
    assert open_fd_count() == before - 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def client(path: Path) -> Iterator[Client]:
    app = Quart(__name__)

    @app.get("/file")
    async def file() -> Response:
        return await respond(
            FileReply(path=path, media_type="video/mp4"), request._get_current_object()
        )

    @app.get("/blob")
    async def blob() -> Response:
        reply = BytesReply(content=CONTENT, media_type="image/webp")
        return await respond(reply, request._get_current_object())

    before = open_fd_count()
    yield app.test_client()
    assert open_fd_count() == before


@pytest.mark.parametrize("url", ["/file", "/blob"])
async def test_files_and_blobs_answer_alike(client: Client, url: str) -> None:
    whole = await client.get(url)
    assert await whole.get_data(as_text=False) == CONTENT
    part = await client.get(url, headers={"Range": "bytes=10-19"})
    assert (part.status_code, await part.get_data(as_text=False)) == (206, CONTENT[10:20])
    same = await client.get(url, headers={"If-None-Match": whole.headers["ETag"]})
    assert (same.status_code, await same.get_data(as_text=False)) == (304, b"")
    none = await client.get(url, headers={"Range": "bytes=9999-"})
    assert (none.status_code, await none.get_data(as_text=False)) == (416, b"")


@pytest.mark.parametrize("url", ["/file", "/blob"])
async def test_several_ranges_are_parts_of_one_answer(client: Client, url: str) -> None:
    answer = await client.get(url, headers={"Range": "bytes=-8,0-3,100-149"})
    body = await answer.get_data(as_text=False)
    assert int(answer.headers["Content-Length"]) == len(body)
    assert parts_of(answer.headers["Content-Type"], body) == [
        (f"bytes {len(CONTENT) - 8}-{len(CONTENT) - 1}/{len(CONTENT)}", CONTENT[-8:]),
        (f"bytes 0-3/{len(CONTENT)}", CONTENT[:4]),
        (f"bytes 100-149/{len(CONTENT)}", CONTENT[100:150]),
    ]


def parts_of(content_type: str, body: bytes) -> list[tuple[str, object]]:
    """Return the parts as an independent reader, Python's own, sees them."""
    assert parse_options_header(content_type)[0] == "multipart/byteranges"
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = [part for part in message.walk() if not part.is_multipart()]
    return [(part["Content-Range"], part.get_payload(decode=True)) for part in parts]


async def test_a_file_that_shrinks_breaks_the_answer_instead_of_lying(path: Path) -> None:
    file = await OpenFile.open(path)
    os.truncate(path, 100)
    body = stream._body(file, (Span(0, len(CONTENT) - 1),), None)
    assert await anext(body) == CONTENT[:100]
    with pytest.raises(FileShrank):
        await anext(body)


async def test_a_body_that_nobody_reads_closes_its_file(path: Path) -> None:
    before = open_fd_count()
    body = stream._body(await OpenFile.open(path), (Span(0, 9),), None)
    assert open_fd_count() == before + 1
    del body
    assert open_fd_count() == before


async def test_an_empty_file_is_an_empty_answer(client: Client, path: Path) -> None:
    os.truncate(path, 0)
    answer = await client.get("/file")
    assert (answer.status_code, await answer.get_data(as_text=False)) == (200, b"")
    answer = await client.get("/file", headers={"Range": "bytes=0-"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */0")
    answer = await client.get("/file", headers={"Range": "bytes=-1"})
    assert (answer.status_code, await answer.get_data(as_text=False)) == (200, b"")
