"""The process that does native media work: it may crash on a corrupt file, the server does not."""

import contextlib
import faulthandler
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from queue import SimpleQueue
from typing import Any, BinaryIO

import msgspec

from app import frames
from server.kernel.workers import WorkerFailed
from server.media.ops import OPS, Operation

_MEMORY_LIMIT_BYTES = (
    4 * 1024**3
)  # address space, not memory in use: decoders reserve far more than they touch


def main(operations: Mapping[str, Operation[Any]] = OPS) -> int:
    """Serve requests from stdin until it ends; only frames go to the pipe that was stdout."""
    faulthandler.enable()
    requests, replies = _take_pipes()
    _limit_memory()
    serve(requests, replies, operations)
    return 0


class Inbox:
    """What the server says, read by a thread of its own, so that a paced work hears at once that it is to stop."""

    def __init__(self, requests: BinaryIO) -> None:
        self._frames: SimpleQueue[frames.Frame | None] = SimpleQueue()
        threading.Thread(target=self._read_all, args=(requests,), daemon=True).start()

    def request(self) -> frames.Request | None:
        """Wait for the next request; None at the end. What was said to a work that is over is dropped."""
        while (frame := self._frames.get()) is not None:
            if isinstance(frame, frames.Request):
                return frame
        self._frames.put(None)
        return None

    def wants_more(self, *, of_a_reply: bool) -> bool:
        """Return whether a paced work is to go on; wait for the word after a reply, only look between them."""
        if not of_a_reply and self._frames.empty():
            return True
        frame = self._frames.get()
        if frame is None:
            self._frames.put(None)
        return isinstance(frame, frames.More)

    def _read_all(self, requests: BinaryIO) -> None:
        while (frame := _read(requests)) is not None:
            self._frames.put(frame)
        self._frames.put(None)


def serve(requests: BinaryIO, replies: BinaryIO, operations: Mapping[str, Operation[Any]]) -> None:
    """Answer one request after the other; return at the end of `requests`."""
    inbox = Inbox(requests)
    while (request := inbox.request()) is not None:
        for frame in answer(request, operations, inbox):
            replies.write(frames.encode(frame))
            replies.flush()


def answer(
    request: frames.Request, operations: Mapping[str, Operation[Any]], inbox: Inbox
) -> Iterator[frames.Frame]:
    """Yield the replies to one request, then how it ended. Errors become frames, never exceptions."""
    operation = operations.get(request.op)
    if operation is None:
        yield frames.Failed(code="worker.unknown_op", message=request.op)
        return
    try:
        work = msgspec.msgpack.decode(request.body, type=operation.work)
        with contextlib.closing(operation.run(work)) as replies:
            for reply in replies:
                if reply is not None or not work.is_paced:
                    yield frames.Reply(body=msgspec.Raw(msgspec.msgpack.encode(reply)))
                if work.is_paced and not inbox.wants_more(of_a_reply=reply is not None):
                    break
    except WorkerFailed as error:
        reason, detail = error.context.get("reason", error.code), error.context.get("detail", "")
        yield frames.Failed(code=str(reason), message=str(detail)[:500])
    except Exception as error:  # noqa: BLE001  (whatever a native library raises on a hostile file)
        yield frames.Failed(code="worker.failed", message=f"{type(error).__name__}: {error}"[:500])
    else:
        yield frames.Done()


def _read(requests: BinaryIO) -> frames.Frame | None:
    head = requests.read(frames.LENGTH_BYTES)
    if len(head) < frames.LENGTH_BYTES:
        return None
    size = frames.length(head)
    content = requests.read(size)
    return frames.decode(content) if len(content) == size else None


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Move the protocol off the standard numbers: native libraries print to 1 and some read from 0."""
    requests, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return os.fdopen(requests, "rb"), os.fdopen(replies, "wb")


def _limit_memory() -> None:
    """Let a decompression bomb end in a MemoryError here, not in the machine's out-of-memory killer."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (absent on Windows)

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = (
        _MEMORY_LIMIT_BYTES if most == resource.RLIM_INFINITY else min(most, _MEMORY_LIMIT_BYTES)
    )
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
