"""Frames of silence."""

from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame


def silent_frame(encoder: AudioCodecContext, sample_count: int) -> AudioFrame:
    """Return silence as an encoder takes it; no format of an encoder has it elsewhere than at zero."""
    frame = AudioFrame(format=encoder.format.name, layout=encoder.layout.name, samples=sample_count)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = encoder.sample_rate
    return frame
