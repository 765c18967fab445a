"""Makes a film's poster from one of its own frames.

How the frame is chosen: key frames at eight places between 15 % and 75 % of the film (titles and credits stand
outside), nearest to a third first. Each gets a score from its luma: how varied it is (standard deviation, and entropy
of the histogram, which is low for lettering on a plain ground), less the further its mean lies from the middle (black,
white). The search ends at the first frame that is good enough, else the best one wins.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Literal

import av
import pyvips
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream

from server.kernel.workers import WorkerFailed
from server.media.model import MakePoster, Poster, Reason, TakeCover
from server.media.pictures import MOST_HEIGHTS, keep, write_kept
from server.media.probe import is_film_stream, opened, rotation_deg, sample_aspect

_PLACES = (0.35, 0.25, 0.45, 0.2, 0.55, 0.65, 0.15, 0.75)
_MOST_FROM_START = 24
_MOST_PACKETS = 600  # x264 sets a key frame every 250 pictures, unless told otherwise
_GOOD_ENOUGH = 0.6
_JUDGED_PX = 160
_MOST_PIXELS = 8_192 * 8_192
_QUALITY = 80
# PyAV says ValueError of a track that turns up behind the header and that no decoder was found for.
_UNREADABLE = (av.FFmpegError, ValueError)


def make_poster(work: MakePoster) -> Poster:
    """Write the poster and return what it is. Raises: WorkerFailed with a Reason, OSError if it cannot be written."""
    with opened(work.path) as (film, _):
        stream = _film_stream(film)
        frame = _best(film, stream)
        at_ms = max(0, int((frame.time or 0) * 1_000) - (film.start_time or 0) // 1_000)
        picture = _upright(frame, stream, work.width_px)
    return write_kept(picture, work.target_path, quality=_QUALITY, at_ms=at_ms)


def take_cover(work: TakeCover) -> Poster:
    """Write the cover that a film carries, the largest one. Raises: as `make_poster`."""
    with opened(work.path) as (film, _):
        covers = {raw.index: raw for raw in film.streams.video if _is_cover(raw)}
        packets = (packet for packet in film.demux(*covers.values()) if packet.size)
        found = [bytes(packet) for packet in islice(packets, len(covers))] if covers else []
    if not found:
        raise WorkerFailed(reason=Reason.NO_PICTURE)
    return keep(max(found, key=len), work.target_path, work.width_px)


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def score(*, mean: float, deviation: float, entropy_bits: float) -> float:
    """Return how much a frame shows, 0 to 1, from its luma (0 to 255) and the entropy of its histogram."""
    variety = min(deviation / 56, 1.0) * min(entropy_bits / 7, 1.0)
    off_middle = min(abs(mean - 118) / 118, 1.0)
    return variety * (1.0 - off_middle**2)


def fitted(width: float, height: float, most_width_px: int) -> tuple[int, int]:
    """Return the size of a picture shrunk to a width, never enlarged, at least 1 px each way."""
    factor = min(1.0, most_width_px / width, MOST_HEIGHTS * most_width_px / height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def _film_stream(film: InputContainer) -> VideoStream:
    stream = next((stream for stream in film.streams.video if is_film_stream(stream)), None)
    if stream is None:
        raise WorkerFailed(reason=Reason.NO_VIDEO)
    stream.codec_context.options = {"max_pixels": str(_MOST_PIXELS)}
    return stream


def _best(film: InputContainer, stream: VideoStream) -> VideoFrame:
    best, best_score = None, -1.0
    for frame in _candidates(film, stream):
        frame_score = _judged(frame)
        if frame_score > best_score:
            best, best_score = frame, frame_score
        if best_score >= _GOOD_ENOUGH:
            break
    if best is None:
        raise WorkerFailed(reason=Reason.NO_PICTURE)
    return best


def _candidates(film: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Yield frames from the places; from the beginning where the film cannot be searched."""
    stream.codec_context.skip_frame = "NONKEY"
    start_us, length_us = film.start_time or 0, film.duration or 0
    seen: set[int | None] = set()
    for place in _PLACES if length_us > 0 else ():
        frame = _frame_at(film, stream, start_us + int(length_us * place))
        if frame and frame.pts not in seen:
            seen.add(frame.pts)
            yield frame
    if not seen:
        stream.codec_context.skip_frame = "DEFAULT"
        yield from islice(_from_start(film, stream), _MOST_FROM_START)


def _frame_at(film: InputContainer, stream: VideoStream, at_us: int) -> VideoFrame | None:
    try:
        film.seek(at_us)
        return next(_frames(film, stream), None)
    except _UNREADABLE:
        return None  # this place is damaged, another may not be


def _from_start(film: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    try:
        film.seek(film.start_time or 0)
        yield from _frames(film, stream)
    except _UNREADABLE:
        return  # what came before the damage counts


def _frames(film: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Yield frames from here on, but do not read a recording without key frames to its end for one."""
    for packet in islice(film.demux(stream), _MOST_PACKETS):
        yield from packet.decode()


def _judged(frame: VideoFrame) -> float:
    width, height = fitted(frame.width, frame.height, _JUDGED_PX)
    luma = _picture(frame, width, height, 1)
    return score(
        mean=luma.avg(),
        deviation=luma.deviate() if width * height > 1 else 0.0,
        entropy_bits=luma.hist_find().hist_entropy(),
    )


def _upright(frame: VideoFrame, stream: VideoStream, most_width_px: int) -> pyvips.Image:
    """Return the picture as a player shows it: square pixels, turned upright."""
    context = stream.codec_context
    turned_deg = rotation_deg(context.coded_side_data.get("display_matrix"))
    width, height = frame.width * sample_aspect(stream.sample_aspect_ratio), float(frame.height)
    is_on_its_side = turned_deg in {90, 270}
    if is_on_its_side:
        height, width = fitted(height, width, most_width_px)
    else:
        width, height = fitted(width, height, most_width_px)
    return _picture(frame, int(width), int(height), 3).rot(f"d{turned_deg}")


def _picture(frame: VideoFrame, width: int, height: int, bands: Literal[1, 3]) -> pyvips.Image:
    """Return the frame scaled, as luma or as RGB. FFmpeg pads each row, libvips does not."""
    pixels, interpretation = ("gray", "b-w") if bands == 1 else ("rgb24", "srgb")
    scaled = frame.reformat(width, height, format=pixels, interpolation=Interpolation.AREA)
    plane, row_bytes = memoryview(scaled.planes[0]), width * bands
    step = scaled.planes[0].line_size
    rows = b"".join(plane[at : at + row_bytes] for at in range(0, height * step, step))
    image = pyvips.Image.new_from_memory(rows, width, height, bands, "uchar")
    return image.copy(interpretation=interpretation)
