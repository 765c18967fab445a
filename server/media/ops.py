"""What a media worker can do: the operations by name. Only the worker process runs them."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

from msgspec import Struct

from server.kernel.workers import Work
from server.media.hls.model import (
    FindKeyframes,
    Keyframes,
    MakeSegments,
    MeasureEncoding,
    ReadKeyframes,
    ReadSubtitles,
    Segment,
)
from server.media.hls.webvtt import Cue
from server.media.model import (
    Fingerprint,
    KeepArt,
    Listings,
    MakePoster,
    NativeVersions,
    News,
    Poster,
    Probe,
    Probed,
    ReadVersions,
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


def _read_keyframes(work: ReadKeyframes) -> Generator[Keyframes]:
    from server.media.hls.keyframes import read_keyframes

    yield read_keyframes(work)


def _find_keyframes(work: FindKeyframes) -> Generator[Keyframes | None]:
    from server.media.hls.keyframes import find_keyframes

    yield from find_keyframes(work)


def _make_segments(work: MakeSegments) -> Generator[Segment | None]:
    from server.media.hls.run import make_segments

    yield from make_segments(work)


def _read_subtitles(work: ReadSubtitles) -> Generator[list[Cue]]:
    from server.media.hls.text import read_subtitles

    yield read_subtitles(work)


def _measure_encoding(work: MeasureEncoding) -> Generator[float]:
    from server.media.hls.x264 import measure_encoding

    yield measure_encoding(work)


def _read_versions(_work: ReadVersions) -> Generator[NativeVersions]:
    from server.media.versions import read_versions

    yield read_versions()


OPS: Mapping[str, Operation[Any]] = {
    Walk.op: Operation(work=Walk, run=_walk),
    Watch.op: Operation(work=Watch, run=_watch),
    Probe.op: Operation(work=Probe, run=_probe),
    Fingerprint.op: Operation(work=Fingerprint, run=_fingerprint),
    MakePoster.op: Operation(work=MakePoster, run=_make_poster),
    TakeCover.op: Operation(work=TakeCover, run=_take_cover),
    KeepArt.op: Operation(work=KeepArt, run=_keep_art),
    Resize.op: Operation(work=Resize, run=_resize),
    ReadKeyframes.op: Operation(work=ReadKeyframes, run=_read_keyframes),
    FindKeyframes.op: Operation(work=FindKeyframes, run=_find_keyframes),
    MakeSegments.op: Operation(work=MakeSegments, run=_make_segments),
    ReadSubtitles.op: Operation(work=ReadSubtitles, run=_read_subtitles),
    MeasureEncoding.op: Operation(work=MeasureEncoding, run=_measure_encoding),
    ReadVersions.op: Operation(work=ReadVersions, run=_read_versions),
}
