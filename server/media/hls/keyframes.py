"""Finds where the key frames of a film's video stand: in the index of the container, else by reading all of it."""

from collections.abc import Generator, Iterator
from itertools import pairwise
from typing import Any

from server.media.hls.film import Film
from server.media.hls.model import FindKeyframes, Keyframes, ReadKeyframes
from server.media.probe import opened

_BACKWARDS_MS = 1_000
_LAST_GOP_MS = 10_000
_INDEXED = ("matroska", "mov", "avi")  # FFmpeg fills the index of others as it happens to read them
_BEFORE_ALL = -(2**62)


def read_keyframes(work: ReadKeyframes) -> Keyframes:
    """Return what the container's index says. Raises: WorkerFailed with a Reason."""
    with opened(work.path) as (container, _):
        film = Film(container)
        stream = film.stream(work.video, "video")
        times_ms = []
        if container.format.name.startswith(_INDEXED):
            film.seek(0, stream)  # Matroska's index is read at the first search
            offset = _offset(stream)
            times_ms = [film.ms_of(stream, time + offset) for time in _indexed(stream)]
        is_complete = len(stream.index_entries) == stream.frames > 0
        length_ms = _length_ms(film, stream)
        if is_complete and times_ms:
            length_ms = min(length_ms, times_ms[-1] + _LAST_GOP_MS)
    return Keyframes(times_ms=times_ms, length_ms=length_ms, is_complete=is_complete)


def find_keyframes(work: FindKeyframes) -> Generator[Keyframes | None]:
    """Yield None while the film is read, then what was found. Raises: WorkerFailed with a Reason."""
    times_ms: list[int] = []
    end_ms = 0
    with opened(work.path) as (container, _):
        film = Film(container)
        stream = film.stream(work.video, "video")
        for packet in film.packets_from(0, {stream.index}, look_back_ms=0):
            yield None
            if packet.pts is None:
                continue
            end_ms = max(end_ms, film.ms_of(stream, packet.pts + (packet.duration or 0)))
            if packet.is_keyframe:
                times_ms.append(film.ms_of(stream, packet.pts))
    if any(after < before - _BACKWARDS_MS for before, after in pairwise(times_ms)):
        times_ms = []
    yield Keyframes(times_ms=sorted(times_ms), length_ms=end_ms, is_complete=True)


def _indexed(stream: Any) -> Iterator[int]:
    """Yield the times of key frames in the index, rising; mp4's has every frame, so it is searched, not read through."""
    entries = stream.index_entries
    after = _BEFORE_ALL
    while (place := entries.search_timestamp(after, backward=False)) >= 0:
        time = entries[place].timestamp
        if time < after:
            return  # a damaged index is not in order
        yield time
        after = time + 1


def _offset(stream: Any) -> int:
    """Return what the index lacks to the time of showing: some have the time of decoding. Key frames all lag alike."""
    first = next(_indexed(stream), None)
    packets = (packet for packet in stream.container.demux(stream) if packet.is_keyframe)
    packet = next(packets, None)
    if first is None or packet is None or packet.pts is None or packet.dts != first:
        return 0
    return int(packet.pts - packet.dts)


def _length_ms(film: Film, stream: Any) -> int:
    """Return the length of the video, that of the film where it is not known; 0 where neither is."""
    if stream.duration is not None and stream.start_time is not None:
        return film.ms_of(stream, stream.start_time + stream.duration)
    return (film.container.duration or 0) // 1_000
