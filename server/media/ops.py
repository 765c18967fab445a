"""What a media worker can do: the operations by name. Only the worker process runs them."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

from msgspec import Struct

from server.kernel.workers import Work
from server.media.model import (
    Fingerprint,
    KeepArt,
    Listings,
    MakePoster,
    News,
    Poster,
    Probe,
    Probed,
    Resize,
    Resized,
    TakeCover,
    Walk,
    Watch,
)


class Operation[Reply](Struct, frozen=True, kw_only=True):
    """A kind of work and the function that does it, reply by reply. `run` raises WorkerFailed.

    A paced work yields None where it may be stopped between replies.
    """

    work: type[Work[Reply]]
    run: Callable[[Any], Generator[Reply | None]]


# Each import stands inside its function: a worker that walks folders never loads FFmpeg (101 MB of libraries).


def _walk(work: Walk) -> Generator[Listings]:
    from server.media.walk import batches, walk

    yield from batches(walk(work.root, work.within))


def _watch(work: Watch) -> Generator[News]:
    from server.media.watch import news

    yield from news(work)


def _probe(work: Probe) -> Generator[Probed]:
    from server.media.probe import probe

    yield probe(work.path)


def _fingerprint(work: Fingerprint) -> Generator[bytes]:
    from server.media.fingerprint import fingerprint

    yield fingerprint(work.path)


def _make_poster(work: MakePoster) -> Generator[Poster]:
    from server.media.poster import make_poster

    yield make_poster(work)


def _take_cover(work: TakeCover) -> Generator[Poster]:
    from server.media.poster import take_cover

    yield take_cover(work)


def _keep_art(work: KeepArt) -> Generator[Poster]:
    from server.media.pictures import keep_art

    yield keep_art(work)


def _resize(work: Resize) -> Generator[Resized]:
    from server.media.pictures import resize

    yield resize(work)


OPS: Mapping[str, Operation[Any]] = {
    Walk.op: Operation(work=Walk, run=_walk),
    Watch.op: Operation(work=Watch, run=_watch),
    Probe.op: Operation(work=Probe, run=_probe),
    Fingerprint.op: Operation(work=Fingerprint, run=_fingerprint),
    MakePoster.op: Operation(work=MakePoster, run=_make_poster),
    TakeCover.op: Operation(work=TakeCover, run=_take_cover),
    KeepArt.op: Operation(work=KeepArt, run=_keep_art),
    Resize.op: Operation(work=Resize, run=_resize),
}
