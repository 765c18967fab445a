"""H.264 as segments need it: made by x264 in haste or at leisure, so that either fits behind the other."""

import os
import time
from fractions import Fraction
from io import BytesIO
from itertools import count
from typing import Any, Final

import av
from av.video.frame import VideoFrame

from server.media.h264 import Profile, level_of
from server.media.hls.film import CodedPacket
from server.media.hls.filters import SCREEN, Colours
from server.media.hls.model import EncodeVideo, MeasureEncoding
from server.media.hls.pictures import CLOCK_HZ, UNIT

_QUALITY: Final = "23"
# What the parameter sets say must not depend on the preset: one header serves all segments, whatever run they come from.
_HEADER: Final = "stitchable=1:ref=1"
_MAIN: Final = "cabac=1:bframes=3:b-pyramid=normal:weightp=1:weightb=1"
_TOOLS: Final[dict[Profile, str]] = {
    "high": f"{_MAIN}:8x8dct=1",
    "main": f"{_MAIN}:8x8dct=0",
    "constrained baseline": "cabac=0:bframes=0:weightp=0:8x8dct=0",
}
_HASTE: Final = "b-adapt=0"

_MEASURED_PX: Final = (1_280, 720)
_MEASURED_FPS: Final = 24
_MEASURED_S: Final = 1.0
_LEFT_TO_ENCODE: Final = 0.65
"""The rest of a film's time goes into decoding, filters and sound: `bench.hls` made 128 million pixels a second of a film
where this measured 193."""

_NOISE: Final = bytes(64 + value % 16 for value in range(256))


class Encoder:
    """One run of x264."""

    def __init__(self, track: EncodeVideo, fps: float, colours: Colours, *, is_hasty: bool) -> None:
        parameters = [_HEADER, _TOOLS[track.profile], *([_HASTE] if is_hasty else [])]
        self._holder = av.open(BytesIO(), "w", format="mp4")
        self.stream: Any = self._holder.add_stream(
            "libx264",
            rate=Fraction(min(fps, track.most_fps)).limit_denominator(1_001),
            options={
                "crf": _QUALITY,
                "maxrate": str(track.peak_bps),
                "bufsize": str(2 * track.peak_bps),
                "level": str(track.level / 10),
                "forced-idr": "1",
                "preset": "ultrafast" if is_hasty else track.preset,
                "x264-params": ":".join(parameters),
            },
        )
        context = self.stream.codec_context
        context.width, context.height = track.width_px, track.height_px
        context.time_base = UNIT
        context.thread_type = (
            "AUTO"  # PyAV's own choice cuts pictures into slices, a loss of quality
        )
        context.color_primaries, context.color_trc = colours.primaries, colours.transfer
        context.colorspace, context.color_range = colours.matrix, colours.range
        self._holder.start_encoding()

    def encode(self, picture: VideoFrame | None) -> list[CodedPacket]:
        """Return the packets that a picture completes; None for a picture asks for the last ones."""
        packets: list[CodedPacket] = self.stream.encode(picture)
        return packets

    def close(self) -> None:
        """Free it; `stream` is gone then."""
        self._holder.close()


def measure_encoding(work: MeasureEncoding) -> float:
    """Return how many pixels a second of a film are made anew, by encoding noise that moves."""
    width_px, height_px = _MEASURED_PX
    track = EncodeVideo(
        stream=0,
        width_px=width_px,
        height_px=height_px,
        peak_bps=4_000_000,
        level=level_of(width_px, height_px, _MEASURED_FPS),
        preset=work.preset,
    )
    encoder = Encoder(track, _MEASURED_FPS, SCREEN, is_hasty=False)
    noise = os.urandom(2 * width_px * height_px).translate(_NOISE)
    begun_s = time.monotonic()
    for number in count(1):
        encoder.encode(_noisy_picture(noise, number))
        if time.monotonic() - begun_s >= _MEASURED_S:
            break
    encoder.encode(None)
    taken_s = time.monotonic() - begun_s
    encoder.close()
    return number * width_px * height_px / taken_s * _LEFT_TO_ENCODE


def _noisy_picture(noise: bytes, number: int) -> VideoFrame:
    """Return a picture of noise that moves across."""
    picture = VideoFrame(*_MEASURED_PX, "yuv420p")
    for plane in picture.planes:
        start = number * 4 % plane.buffer_size
        plane.update(noise[start : start + plane.buffer_size])
    picture.pts, picture.time_base = number * CLOCK_HZ // _MEASURED_FPS, UNIT
    return picture
