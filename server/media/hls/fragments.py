"""Writes coded packets as a segment of fragmented MP4 (ISO/IEC 14496-12) through FFmpeg's muxer.

Each segment is muxed alone, so it is the same whatever was made before it. The muxer puts the header in front, which
players want in a file of its own.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.stream import Stream

from server.kernel.storage import whole_file, write_whole
from server.kernel.workers import WorkerFailed
from server.media.hls.film import CodedPacket
from server.media.hls.model import INIT_NAME
from server.media.hls.timeline import CLOCK_START_S
from server.media.model import Reason

_OPTIONS = {
    # The header waits for the packets that some codecs are described by; times are written as they are, without a
    # list of edits and without negative offsets, which players read in different ways.
    "movflags": "delay_moov+default_base_moof+frag_discont+skip_trailer",
    "use_editlist": "0",
    "avoid_negative_ts": "disabled",
    "fflags": "+bitexact",
}
_LEAD_S = 0.1  # two pictures and a bit: by more only few films are out of order, and a player skips such a hole
_BUFFER_BYTES = 256 * 1024  # 1 MB is slower: it no longer fits the processor's cache


def write_fragment(
    folder: Path, number: int, packets: Sequence[CodedPacket], template: Stream, end: int
) -> int:
    """Write a segment, and the header beside it if it is not there; return the segment's size in bytes.

    `packets` come in the order of decoding, their times counted from the film's start; `end` is when the next segment
    begins, in their unit. Raises: WorkerFailed, OSError.
    """
    with whole_file(folder / f"{number}.m4s", is_lasting=False) as file:
        body = _Body(file)
        _mux(packets, template, end, number, body)
        if not (folder / INIT_NAME).exists():
            write_whole(folder / INIT_NAME, body.head, is_lasting=False)
    return body.size_bytes


class _Body:
    """Takes what the muxer writes: the header it keeps, the rest it hands on."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._is_head = True
        self.head = b""
        self.size_bytes = 0

    def write(self, content: bytes) -> None:
        if self._is_head:
            content = self.head + content
            head_bytes = _head_bytes(content)
            self._is_head = head_bytes is None
            self.head = content[:head_bytes]
            content = content[len(self.head) :]
        self._file.write(content)
        self.size_bytes += len(content)


def _mux(packets: Sequence[CodedPacket], template: Any, end: int, number: int, body: _Body) -> None:
    options = {**_OPTIONS, "fragment_index": str(number + 1)}
    try:
        with av.open(
            body, "w", format="mp4", container_options=options, buffer_size=_BUFFER_BYTES
        ) as segment:
            stream: Any = segment.add_stream_from_template(template, opaque=True)
            if stream.codec_context.codec.canonical_name == "hevc":
                stream.codec_context.codec_tag = "hvc1"  # the one that Apple's players accept
            lead_s = 0.0
            if template.type == "video":  # the shape of a pixel may be known to the container alone
                lead_s = _LEAD_S
                stream.codec_context.sample_aspect_ratio = template.sample_aspect_ratio or 0
            for packet in _timed(packets, end, lead_s):
                packet.stream = stream
                segment.mux_one(packet)
    except (av.ArgumentError, av.InvalidDataError, ValueError) as error:
        raise WorkerFailed(reason=Reason.UNSUPPORTED, detail=str(error)) from error


def _timed(packets: Sequence[CodedPacket], end: int, lead_s: float) -> Iterator[CodedPacket]:
    """Yield packets by the clock of the segments, with times of decoding that rise by what each lasts, up to `end`.

    Containers have those wrong or not at all. They begin `lead_s` before the first picture in every segment of a track,
    however much its pictures are out of order: where segments overlap, players drop what the later one begins with.
    """
    shown = [packet.pts or 0 for packet in packets]
    times = list(accumulate(sorted(shown), lambda before, time: max(time, before + 1)))
    disorder = max(time - at for time, at in zip(times, shown, strict=True))
    tick_s = float(packets[0].time_base)
    clock_start, lead = round(CLOCK_START_S / tick_s), round(lead_s / tick_s)
    if disorder > clock_start:
        raise WorkerFailed(reason=Reason.DAMAGED, detail="pictures out of order")
    late = max(lead, disorder)
    decoded = [max(time - late, times[0] - lead + place) for place, time in enumerate(times)]
    spans = pairwise([*decoded, max(end - lead, decoded[-1] + 1)])
    for packet, at, (time, following) in zip(packets, shown, spans, strict=True):
        packet.pts, packet.dts = clock_start + at, clock_start + time
        packet.duration = following - time
        yield packet


def _head_bytes(content: bytes) -> int | None:
    """Return where the first fragment begins, None if it is not there yet."""
    place = 0
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        if kind == b"moof":
            return place
        place += max(size, 8)
    return None
