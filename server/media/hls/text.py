"""Subtitles that are text, as WebVTT: in segments while a film plays, or all of a file that lies beside it."""

import codecs
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any, Final

import av

from server.kernel.workers import WorkerFailed
from server.media.head import head
from server.media.hls.cutter import Cutter
from server.media.hls.film import UNREADABLE, CodedPacket, Film
from server.media.hls.model import ReadSubtitles, Segment
from server.media.hls.webvtt import Cue, cue_from_event, segment
from server.media.model import Reason

_TEXTS: Final = {"subrip", "ass", "mov_text", "webvtt", "text"}
_FORMATS: Final = "srt,ass,webvtt"
_MOST_BYTES: Final = 10_000_000
_MOST_CUES: Final = 20_000
_INTERLEAVED_MS: Final = 2_000
_UNTIL_NEXT: Final = 2**32 - 1
_USUAL_MS: Final = 5_000
_BOMS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class Text:
    """A track of WebVTT: a segment is written when the film has been read beyond it."""

    def __init__(self, film: Film, stream: Any, cutter: Cutter, clock: int) -> None:
        if stream.codec_context.codec.canonical_name not in _TEXTS:
            raise WorkerFailed(reason=Reason.UNSUPPORTED, detail="these subtitles are no text")
        self._film = film
        self._stream = stream
        self._cutter = cutter
        self._cues: list[Cue] = []
        self.streams = {stream.index, clock}

    @property
    def is_done(self) -> bool:
        """Return whether the last segment is written."""
        return self._cutter.is_done

    def feed(self, packet: CodedPacket) -> Iterator[Segment]:
        """Take a packet; those of the stream that is only the clock are passed over."""
        at_ms = self._film.at_ms(packet)
        if packet.stream.index == self._stream.index and at_ms is not None:
            self._cues += _cues(self._stream.codec_context, packet, at_ms)
            del self._cues[:-_MOST_CUES]
        yield from ()

    def tick(self, at_ms: float) -> Iterator[Segment]:
        """Yield the segment that the film has been read beyond."""
        if not self.is_done and at_ms > self._cutter.span_ms[1] + _INTERLEAVED_MS:
            yield self._written()

    def finish(self, until_ms: float) -> Iterator[Segment]:
        """Yield the segments up to the end of the film."""
        while not self.is_done and self._cutter.span_ms[0] <= until_ms:
            yield self._written()

    def _written(self) -> Segment:
        start_ms, end_ms = self._cutter.span_ms
        self._cues = [cue for cue in self._cues if cue.end_ms > start_ms]
        return self._cutter.write_text(segment(self._cues, start_ms, end_ms))


def read_subtitles(work: ReadSubtitles) -> list[Cue]:
    """Return all cues of a file, in order. Raises: WorkerFailed with a Reason."""
    content = head(work.path, _MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise WorkerFailed(reason=Reason.UNKNOWN_FORMAT)
    options = {"format_whitelist": _FORMATS}
    try:
        with av.open(BytesIO(_as_utf8(content)), "r", container_options=options) as file:
            (stream,) = file.streams.subtitles
            cues = (
                cue
                for packet in islice(file.demux(stream), _MOST_CUES)
                if packet.pts is not None
                for cue in _cues(stream.codec_context, packet, packet.pts * _ms(stream))
            )
            return sorted(cues)
    except (av.FFmpegError, ValueError) as error:
        raise WorkerFailed(reason=Reason.UNKNOWN_FORMAT) from error


def _ms(stream: Any) -> float:
    return float(stream.time_base) * 1_000


def _cues(decoder: Any, packet: CodedPacket, at_ms: float) -> Iterator[Cue]:
    try:
        shown = decoder.decode2(packet)
    except UNREADABLE:
        return
    for rect in shown or ():
        start_ms = round(at_ms + shown.start_display_time)
        lasts_ms = shown.end_display_time
        end_ms = round(at_ms) + (lasts_ms if 0 < lasts_ms < _UNTIL_NEXT else _USUAL_MS)
        cue = cue_from_event(rect.ass.decode(errors="replace"), start_ms, end_ms)
        if cue is not None:
            yield cue


def _as_utf8(content: bytes) -> bytes:
    """Return text in UTF-8; what is neither that nor marked is taken for Windows' western code page."""
    encoding = next((name for bom, name in _BOMS.items() if content.startswith(bom)), "utf-8")
    try:
        return content.decode(encoding).encode()
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace").encode()
