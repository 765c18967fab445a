"""What a media worker can do: the operations by name. Only the worker process runs them."""

from collections.abc import Callable, Iterator, Mapping
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
    """A kind of work and the function that does it, reply by reply. `run` raises WorkerFailed."""

    work: type[Work[Reply]]
    run: Callable[[Any], Iterator[Reply]]


# Each import stands inside its function: a worker that walks folders never loads FFmpeg (101 MB of libraries).


def _walk(work: Walk) -> Iterator[Listings]:
    from server.media.walk import batches, walk

    return batches(walk(work.root, work.within))


def _watch(work: Watch) -> Iterator[News]:
    from server.media.watch import news

    return news(work)


def _probe(work: Probe) -> Iterator[Probed]:
    from server.media.probe import probe

    yield probe(work.path)


def _fingerprint(work: Fingerprint) -> Iterator[bytes]:
    from server.media.fingerprint import fingerprint

    yield fingerprint(work.path)


def _make_poster(work: MakePoster) -> Iterator[Poster]:
    from server.media.poster import make_poster

    yield make_poster(work)


def _take_cover(work: TakeCover) -> Iterator[Poster]:
    from server.media.poster import take_cover

    yield take_cover(work)


def _keep_art(work: KeepArt) -> Iterator[Poster]:
    from server.media.pictures import keep_art

    yield keep_art(work)


def _resize(work: Resize) -> Iterator[Resized]:
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
