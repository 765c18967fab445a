"""Draws a Blu-ray's subtitles, which are pictures, into the pictures of the film."""

import gc
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from av.filter import Graph
from av.video.frame import VideoFrame
from msgspec import Struct

from server.kernel.workers import WorkerFailed
from server.media.hls.film import UNREADABLE, CodedPacket, Film
from server.media.hls.pgs import Palette, Screen
from server.media.hls.pictures import CLOCK_HZ, UNIT
from server.media.model import Reason

_MS: Final = CLOCK_HZ // 1_000
_MOST_EVENTS: Final = 1_000


class _Drawing(Struct, frozen=True):
    """A part of a subtitle, ready to be laid onto the picture."""

    x: int
    y: int
    frame: VideoFrame


class BurntIn:
    """The subtitles of one stream, for pictures of one size."""

    def __init__(self, film: Film, stream: Any, width_px: int, height_px: int) -> None:
        if stream.codec_context.codec.canonical_name != "hdmv_pgs_subtitle":
            raise WorkerFailed(reason=Reason.UNSUPPORTED, detail="only PGS can be burnt in")
        self._film = film
        self._decoder = stream.codec_context
        self._size = (width_px, height_px)
        self._screen = Screen()
        self._events: deque[tuple[float, list[_Drawing]]] = deque(maxlen=_MOST_EVENTS)
        self._graph: tuple[list[_Drawing], Graph] | None = None
        self.stream = stream.index

    def feed(self, packet: CodedPacket) -> None:
        """Take a packet: what it shows stands until the next one."""
        at_ms = self._film.at_ms(packet)
        self._screen.feed(bytes(packet))
        try:
            shown = self._decoder.decode2(packet)
        except UNREADABLE:
            return
        if shown is not None and at_ms is not None:
            self._events.append((at_ms + shown.start_display_time, list(self._drawings(shown))))

    def onto(self, picture: VideoFrame, at: int) -> VideoFrame:
        """Return a picture with the subtitles of its moment."""
        drawings = self._at(at / _MS)
        if not drawings:
            return picture
        if self._graph is None or self._graph[0] is not drawings:
            self._graph = drawings, _graph(picture, drawings)
            gc.collect()  # the graph before refers to itself, and holds pictures
        graph = self._graph[1]
        picture.pts, picture.time_base = at, UNIT
        graph.vpush(picture, at=0)
        for place, drawing in enumerate(drawings, 1):
            drawing.frame.pts = at
            graph.vpush(drawing.frame, at=place)
        return graph.vpull()

    def _at(self, at_ms: float) -> list[_Drawing]:
        while len(self._events) > 1 and self._events[1][0] <= at_ms:
            self._events.popleft()
        return self._events[0][1] if self._events and self._events[0][0] <= at_ms else []

    def _drawings(self, shown: Any) -> Iterator[_Drawing]:
        """Yield the parts of a subtitle in the size of the film's picture, whose middle is that of their canvas."""
        width_px, height_px = self._size
        scale = width_px / (self._screen.width_px or width_px)
        top = (height_px - self._screen.height_px * scale) / 2
        for rect in shown:
            wide = min(width_px, max(2, round(rect.width * scale)))
            high = min(height_px, max(2, round(rect.height * scale)))
            if rect.width and rect.height:
                yield _Drawing(
                    x=min(max(0, round(rect.x * scale)), width_px - wide),
                    y=min(max(0, round(rect.y * scale + top)), height_px - high),
                    frame=_frame(rect, self._screen.palette, wide, high),
                )


def _frame(rect: Any, palette: Palette, width_px: int, height_px: int) -> VideoFrame:
    """Return a part of a subtitle as a picture with opacity."""
    colours = bytes(rect.planes[0])
    frame = VideoFrame(rect.width, rect.height, "yuva444p")
    for plane, table in zip(frame.planes, palette, strict=True):
        values = colours.translate(table)
        rest = bytes(plane.line_size - rect.width)
        starts = range(0, len(values), rect.width)
        plane.update(b"".join(values[at : at + rect.width] + rest for at in starts))
    drawn = frame.reformat(width_px, height_px, "yuva420p")
    drawn.time_base = UNIT
    return drawn


def _graph(picture: VideoFrame, drawings: list[_Drawing]) -> Graph:
    """Return the filters that lay each drawing onto the picture."""
    graph = Graph()
    sources = [
        graph.add(
            "buffer",
            video_size=f"{frame.width}x{frame.height}",
            pix_fmt=frame.format.name,
            time_base=f"1/{CLOCK_HZ}",
            colorspace=str(int(frame.colorspace)),
            range=str(int(frame.color_range)),
        )
        for frame in [picture, *(drawing.frame for drawing in drawings)]
    ]
    last = sources[0]
    for source, drawing in zip(sources[1:], drawings, strict=True):
        overlay = graph.add("overlay", x=str(drawing.x), y=str(drawing.y))
        last.link_to(overlay, 0, 0)
        source.link_to(overlay, 0, 1)
        last = overlay
    last.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
