import io
from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec
import pytest

from app import frames
from app.worker import answer, serve
from server.kernel.workers import Work, WorkerFailed
from server.media.ops import Operation


class Double(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "double"
    reply: ClassVar[type] = int
    number: int


def _double(work: Double) -> Iterator[int]:
    if work.number < 0:
        raise WorkerFailed(reason="media.damaged")
    if work.number == 0:
        raise ValueError("zero")
    yield work.number * 2
    yield work.number * 4


OPERATIONS: dict[str, Operation[Any]] = {"double": Operation(work=Double, run=_double)}


def request(op: str, body: object) -> frames.Request:
    return frames.Request(op=op, body=msgspec.Raw(msgspec.msgpack.encode(body)))


@pytest.mark.parametrize(
    "frame",
    [
        request("walk", {"root": b"/"}),
        frames.Reply(body=msgspec.Raw(b"\x01")),
        frames.Done(),
        frames.Failed(code="media.empty", message="ü"),
    ],
)
def test_a_frame_comes_back_as_it_went(frame: frames.Frame) -> None:
    sent = frames.encode(frame)
    assert frames.length(sent[:4]) == len(sent) - 4
    assert frames.encode(frames.decode(sent[4:])) == sent


def test_an_absurd_length_is_refused() -> None:
    with pytest.raises(frames.FrameTooLarge):
        frames.length(b"\xff\xff\xff\xff")


def test_replies_end_with_done() -> None:
    found = list(answer(request("double", {"number": 2}), OPERATIONS))
    assert [type(frame) for frame in found] == [frames.Reply, frames.Reply, frames.Done]


@pytest.mark.parametrize(
    ("op", "body", "code"),
    [
        ("double", {"number": -1}, "media.damaged"),
        ("double", {"number": 0}, "worker.failed"),
        ("double", {"number": "two"}, "worker.failed"),
        ("double", None, "worker.failed"),
        ("nothing", {}, "worker.unknown_op"),
    ],
)
def test_every_error_becomes_a_frame(op: str, body: object, code: str) -> None:
    (failed,) = answer(request(op, body), OPERATIONS)
    assert isinstance(failed, frames.Failed)
    assert failed.code == code


def test_the_worker_ends_with_its_input_even_inside_a_frame() -> None:
    whole = frames.encode(request("double", {"number": 2}))
    replies = io.BytesIO()
    serve(io.BytesIO(whole + b"\x00\x00"), replies, OPERATIONS)
    assert replies.getvalue()
