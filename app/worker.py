"""The process that does native media work: it may crash on a corrupt file, the server does not."""

import faulthandler
import os
import sys
from collections.abc import Iterator, Mapping
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


def serve(requests: BinaryIO, replies: BinaryIO, operations: Mapping[str, Operation[Any]]) -> None:
    """Answer one request after the other; return at the end of `requests`."""
    while (request := _read(requests)) is not None:
        for frame in answer(request, operations):
            replies.write(frames.encode(frame))
            replies.flush()


def answer(
    request: frames.Request, operations: Mapping[str, Operation[Any]]
) -> Iterator[frames.Frame]:
    """Yield the replies to one request, then how it ended. Errors become frames, never exceptions."""
    operation = operations.get(request.op)
    if operation is None:
        yield frames.Failed(code="worker.unknown_op", message=request.op)
        return
    try:
        work = msgspec.msgpack.decode(request.body, type=operation.work)
        for reply in operation.run(work):
            yield frames.Reply(body=msgspec.Raw(msgspec.msgpack.encode(reply)))
    except WorkerFailed as error:
        reason, detail = error.context.get("reason", error.code), error.context.get("detail", "")
        yield frames.Failed(code=str(reason), message=str(detail)[:500])
    except Exception as error:  # noqa: BLE001  (whatever a native library raises on a hostile file)
        yield frames.Failed(code="worker.failed", message=f"{type(error).__name__}: {error}"[:500])
    else:
        yield frames.Done()


def _read(requests: BinaryIO) -> frames.Request | None:
    head = requests.read(frames.LENGTH_BYTES)
    if len(head) < frames.LENGTH_BYTES:
        return None
    content = requests.read(frames.length(head))
    frame = frames.decode(content)
    return frame if isinstance(frame, frames.Request) else None


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
