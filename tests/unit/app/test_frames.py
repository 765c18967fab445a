import io
from collections.abc import Generator
from itertools import count
from typing import Any, ClassVar

import msgspec
import pytest

from app import frames
from app.worker import Inbox, answer, serve
from server.kernel.workers import Work, WorkerFailed
from server.media.ops import Operation


class Double(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "double"
    reply: ClassVar[type] = int
    number: int


def _double(work: Double) -> Generator[int]:
    if work.number < 0:
        raise WorkerFailed(reason="media.damaged")
    if work.number == 0:
        raise ValueError("zero")
    yield work.number * 2
    yield work.number * 4


class Endless(Work[int], frozen=True, kw_only=True):
    op: ClassVar[str] = "endless"
    reply: ClassVar[type] = int
    is_paced: ClassVar[bool] = True


def _endless(_work: Endless) -> Generator[int]:
    yield from count()


OPERATIONS: dict[str, Operation[Any]] = {
    "double": Operation(work=Double, run=_double),
    "endless": Operation(work=Endless, run=_endless),
}


def request(op: str, body: object) -> frames.Request:
    return frames.Request(op=op, body=msgspec.Raw(msgspec.msgpack.encode(body)))


@pytest.mark.parametrize(
    "frame",
    [
        request("walk", {"root": b"/"}),
        frames.More(),
        frames.Stop(),
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


def inbox(*said: frames.Frame) -> Inbox:
    return Inbox(io.BytesIO(b"".join(frames.encode(frame) for frame in said)))


def test_replies_end_with_done() -> None:
    found = list(answer(request("double", {"number": 2}), OPERATIONS, inbox()))
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
    (failed,) = answer(request(op, body), OPERATIONS, inbox())
    assert isinstance(failed, frames.Failed)
    assert failed.code == code


@pytest.mark.parametrize("end", [[frames.Stop()], []])
def test_a_paced_work_goes_on_only_when_asked(end: list[frames.Frame]) -> None:
    asked = inbox(frames.More(), frames.More(), *end)
    found = list(answer(request("endless", {}), OPERATIONS, asked))
    assert [type(frame) for frame in found] == [*[frames.Reply] * 3, frames.Done]
    assert asked.request() is None


def test_what_was_said_to_a_work_that_is_over_is_dropped() -> None:
    said = inbox(frames.Stop(), frames.More(), request("double", {"number": 2}))
    assert said.request() == request("double", {"number": 2})


@pytest.mark.parametrize("rest", [b"\x00\x00", b"\x00\x00\x00\x09abc"])
def test_the_worker_ends_with_its_input_even_inside_a_frame(rest: bytes) -> None:
    whole = frames.encode(request("double", {"number": 2}))
    replies = io.BytesIO()
    serve(io.BytesIO(whole + rest), replies, OPERATIONS)
    assert replies.getvalue()
