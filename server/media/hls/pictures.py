"""Decodes a film's pictures and makes them what a usual screen shows."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.filter import Graph
from av.video.frame import VideoFrame

from server.kernel.workers import WorkerFailed
from server.media.hls.film import UNREADABLE, CodedPacket, Film
from server.media.hls.filters import Colours, Look, filters, meant_colours, shown_colours
from server.media.hls.tone import tone_table
from server.media.model import Reason
from server.media.probe import dolby_vision, rotation_deg

CLOCK_HZ: Final = 90_000
UNIT: Final = Fraction(1, CLOCK_HZ)
_OWN_COLOURS: Final = ".0"
"""Dolby Vision that is compatible to nothing, such as 5.0: taken for usual colours, all would be green and violet."""

_MOST_PIXELS: Final = 8_192 * 8_192


class Pictures:
    """The pictures of a stream in the size asked for; their times are counted in `UNIT` from the film's start."""

    def __init__(self, film: Film, stream: Any, width_px: int, height_px: int) -> None:
        self._film = film
        self._stream = stream
        self._size = (width_px, height_px)
        self._tick = float(stream.time_base) * CLOCK_HZ
        side_data = stream.codec_context.coded_side_data
        if (dolby_vision(side_data.get("dovi_conf")) or "").endswith(_OWN_COLOURS):
            raise WorkerFailed(reason=Reason.UNSUPPORTED, detail="colours of Dolby Vision alone")
        self._turn_deg = rotation_deg(side_data.get("display_matrix"))
        self._look: Look | None = None
        self._graph: Graph | None = None
        self.colours: Colours | None = None
        stream.codec_context.options = {"max_pixels": str(_MOST_PIXELS)}
        stream.codec_context.thread_type = "AUTO"

    def of(self, packet: CodedPacket | None) -> Iterator[tuple[int, VideoFrame]]:
        """Yield time and picture of what a packet completes; None for a packet asks for the last ones."""
        for frame in self._decoded(packet):
            at = self._at(frame)
            if at is not None:
                yield from self._filtered(at, frame)
        if packet is None and self._graph is not None:
            self._graph.push(None)
            yield from _pulled(self._graph)

    def _decoded(self, packet: CodedPacket | None) -> list[VideoFrame]:
        try:
            frames: list[VideoFrame] = self._stream.codec_context.decode(packet)
        except UNREADABLE:
            return []  # the picture before stays a little longer
        return frames

    def _at(self, frame: VideoFrame) -> int | None:
        time = frame.pts if frame.pts is not None else frame.dts
        if time is None:
            return None
        return round(time * self._tick) - self._film.start_ms * CLOCK_HZ // 1_000

    def _filtered(self, at: int, frame: VideoFrame) -> Iterator[tuple[int, VideoFrame]]:
        look = self._look_of(frame)
        if look != self._look:
            self._look, self.colours = look, shown_colours(look)
            self._graph = _graph(look, self._size)
        if self._graph is None:
            yield at, frame
            return
        frame.pts, frame.time_base = at, UNIT
        frame.colorspace = look.colours.matrix
        self._graph.push(frame)
        yield from _pulled(self._graph)

    def _look_of(self, frame: VideoFrame) -> Look:
        was_interlaced = self._look is not None and self._look.is_interlaced
        colours = Colours(
            primaries=int(frame.color_primaries),
            transfer=int(frame.color_trc),
            matrix=int(frame.colorspace),
            range=int(frame.color_range),
        )
        return Look(
            width_px=frame.width,
            height_px=frame.height,
            pixel_format=frame.format.name,
            colours=meant_colours(colours),
            turn_deg=self._turn_deg,
            is_interlaced=was_interlaced or frame.interlaced_frame,
        )


def _pulled(graph: Graph) -> Iterator[tuple[int, VideoFrame]]:
    with suppress(av.BlockingIOError, av.EOFError):
        while True:
            frame = graph.vpull()
            yield round((frame.time or 0.0) * CLOCK_HZ), frame


def _graph(look: Look, size: tuple[int, int]) -> Graph | None:
    """Return the filters that a look needs, None where it needs none."""
    with tempfile.TemporaryDirectory() as folder:
        table_path = Path(folder, "tone.cube")
        if look.colours.light:
            table_path.write_text(tone_table(look.colours.light), encoding="ascii")
        chain = filters(look, *size, table_path=str(table_path))
        if not chain:
            return None
        graph = Graph()
        nodes = [graph.add(name, **options) for name, options in chain]
        graph.link_nodes(graph.add("buffer", **_source(look)), *nodes, graph.add("buffersink"))
        graph.configure()
    return graph


def _source(look: Look) -> dict[str, str]:
    return {
        "video_size": f"{look.width_px}x{look.height_px}",
        "pix_fmt": look.pixel_format,
        "time_base": f"1/{CLOCK_HZ}",
        "colorspace": str(look.colours.matrix),
        "range": str(look.colours.range),
    }
