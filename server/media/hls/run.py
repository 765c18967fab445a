"""Makes the segments of a film's tracks in one pass through the file."""

import gc
from collections.abc import Generator, Iterator, Sequence

from server.media.hls import model
from server.media.hls.burnt_in import BurntIn
from server.media.hls.copied_sound import CopiedSound
from server.media.hls.copied_video import CopiedVideo
from server.media.hls.cutter import MOST_OVERTIME_MS, Cutter
from server.media.hls.encoded_sound import EncodedSound
from server.media.hls.encoded_video import EncodedVideo
from server.media.hls.film import CodedPacket, Film
from server.media.hls.model import (
    ConvertText,
    CopyAudio,
    CopyVideo,
    EncodeAudio,
    EncodeVideo,
    MakeSegments,
    Segment,
)
from server.media.hls.text import Text
from server.media.hls.track import Track
from server.media.probe import opened

_LOOK_BACK_MS = 1_000
_SUBTITLES_BACK_MS = 10_000
"""A subtitle that is shown where a run begins may have come so long before."""

_MOST_BEYOND = 500
_UNSEEN = {"skip_frame": "all"}
"""The film was probed before: nothing of it needs to be decoded to know it, which takes 35 ms of 1080p."""


def make_segments(work: MakeSegments) -> Generator[Segment | None]:
    """Yield each segment when it is written, None now and then between. Raises: WorkerFailed with a Reason, OSError."""
    try:
        yield from _made(work)
    finally:
        gc.collect()  # PyAV's graphs and containers refer to themselves, and hold 100 MB of pictures


def _made(work: MakeSegments) -> Generator[Segment | None]:
    cutters = [Cutter(work.timeline, output, place) for place, output in enumerate(work.outputs)]
    if all(cutter.is_done for cutter in cutters):
        return
    start_ms = min(cutter.span_ms[0] for cutter in cutters)
    with opened(work.path, options=_UNSEEN) as (container, _):
        film = Film(container)
        tracks = [
            _track(film, cutter, output.track)
            for cutter, output in zip(cutters, work.outputs, strict=True)
        ]
        at_ms = 0.0
        for packet in _packets(film, tracks, start_ms, work.timeline.end_ms):
            yield None
            at_ms = film.at_ms(packet) or at_ms
            for track in tracks:
                if packet.stream.index in track.streams and not track.is_done:
                    yield from track.feed(packet)
                yield from track.tick(at_ms)
            if all(track.is_done for track in tracks):
                return
        for track in tracks:
            yield from track.finish(at_ms)


def _packets(
    film: Film, tracks: Sequence[Track], start_ms: int, end_ms: int
) -> Iterator[CodedPacket]:
    """Yield the packets that the tracks need, to the end of the film or of the timeline."""
    wanted = {index for track in tracks for index in track.streams}
    has_subtitles = any(film.container.streams[index].type == "subtitle" for index in wanted)
    back_ms = _SUBTITLES_BACK_MS if has_subtitles else _LOOK_BACK_MS
    beyond_count = 0
    for packet in film.packets_from(start_ms, wanted, look_back_ms=back_ms):
        yield packet
        is_beyond = (film.at_ms(packet) or 0) > end_ms + MOST_OVERTIME_MS
        beyond_count = beyond_count + 1 if is_beyond else 0
        if beyond_count > _MOST_BEYOND:
            return  # the film is longer than it says


def _track(film: Film, cutter: Cutter, track: model.Track) -> Track:
    match track:
        case CopyVideo(stream=index):
            return CopiedVideo(film, film.stream(index, "video"), cutter)
        case EncodeVideo(stream=index):
            stream = film.stream(index, "video")
            return EncodedVideo(film, stream, cutter, track, _burnt_in(film, track))
        case CopyAudio(stream=index):
            return CopiedSound(film, film.stream(index, "audio"), cutter)
        case EncodeAudio(stream=index):
            return EncodedSound(film, film.stream(index, "audio"), cutter, track)
        case ConvertText(stream=index):
            return Text(film, film.stream(index, "subtitle"), cutter, film.main.index)


def _burnt_in(film: Film, track: EncodeVideo) -> BurntIn | None:
    if track.burnt_in is None:
        return None
    stream = film.stream(track.burnt_in, "subtitle")
    return BurntIn(film, stream, track.width_px, track.height_px)
