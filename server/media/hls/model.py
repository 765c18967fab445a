"""What the server asks of workers to play a film in segments, and what they answer; it loads no native library."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from server.kernel.workers import Work
from server.media.h264 import Profile, codec_string
from server.media.hls.ladder import MOST_FRAME_RATE
from server.media.hls.timeline import Timeline
from server.media.hls.webvtt import Cue

INIT_NAME = "init.mp4"

type Preset = Literal["veryfast", "superfast", "ultrafast"]
"""How much time x264 takes for a picture, the longest first."""


class Keyframes(Struct, frozen=True, kw_only=True):
    """Where the key frames of a film's video stand, in order, counted from where the film starts; `length_ms` is the video's.

    Where `is_complete`, reading the film would find no others.
    """

    times_ms: list[int]
    length_ms: int
    is_complete: bool


class ReadKeyframes(Work[Keyframes], frozen=True, kw_only=True):
    """Read the index that the film at `path` carries, some milliseconds of work; it may be empty or have gaps.

    `video` is the number of the stream. Fails with a `Reason`.
    """

    op: ClassVar[str] = "read_keyframes"
    reply: ClassVar[type] = Keyframes
    path: bytes
    video: int


class FindKeyframes(Work[Keyframes], frozen=True, kw_only=True):
    """Read the whole film at `path` to find its key frames, as long as its disk takes; fails with a `Reason`.

    There are no times where those of the film jump back: such pictures cannot be copied.
    """

    op: ClassVar[str] = "find_keyframes"
    reply: ClassVar[type] = Keyframes
    is_paced: ClassVar[bool] = True
    path: bytes
    video: int


class CopyVideo(Struct, frozen=True, kw_only=True, tag="copy_video"):
    """The pictures as they are; the timeline must be cut at their key frames."""

    stream: int


class EncodeVideo(Struct, frozen=True, kw_only=True, tag="encode_video"):
    """The pictures anew as H.264: upright, progressive, with square pixels and the colours of a usual screen.

    The sizes are even. `level` is H.264's, times ten; a film that has more than `most_fps` loses pictures. `burnt_in` is a
    stream of subtitles that are pictures.
    """

    stream: int
    width_px: int
    height_px: int
    peak_bps: int
    level: int
    profile: Profile = "high"
    most_fps: Annotated[float, Meta(ge=1, le=MOST_FRAME_RATE)] = MOST_FRAME_RATE
    preset: Preset = "veryfast"
    burnt_in: int | None = None

    @property
    def codecs(self) -> str:
        """Return the string of RFC 6381."""
        return codec_string(self.profile, self.level)


class CopyAudio(Struct, frozen=True, kw_only=True, tag="copy_audio"):
    """The sound as it is; where some lacks there is silence."""

    stream: int


class EncodeAudio(Struct, frozen=True, kw_only=True, tag="encode_audio"):
    """The sound anew as AAC."""

    stream: int
    channel_count: Literal[1, 2, 6] = 2
    bitrate_bps: int = 160_000


class ConvertText(Struct, frozen=True, kw_only=True, tag="convert_text"):
    """Subtitles that are text, as WebVTT."""

    stream: int


Track = CopyVideo | EncodeVideo | CopyAudio | EncodeAudio | ConvertText


class Output(Struct, frozen=True, kw_only=True):
    """A track, from a segment on, into a folder: `init.mp4` (not for text), then `N.m4s` or `N.vtt`, each file whole.

    The tracks of one work are of different streams.
    """

    track: Track
    folder: bytes
    first: Annotated[int, Meta(ge=0)] = 0


class Segment(Struct, frozen=True, kw_only=True):
    """A segment that lies in its folder now; `output` is the place of its track in the request."""

    output: int
    number: int
    size_bytes: int


class MakeSegments(Work[Segment], frozen=True, kw_only=True):
    """Make the segments of tracks of the film at `path`, from the first asked for to the end, one after the other.

    A jump is another work. The replies end early where the film does; fails with a `Reason`, and with OSError when a
    folder cannot be written.
    """

    op: ClassVar[str] = "make_segments"
    reply: ClassVar[type] = Segment
    is_paced: ClassVar[bool] = True
    path: bytes
    timeline: Timeline
    outputs: list[Output]


class ReadSubtitles(Work[list[Cue]], frozen=True, kw_only=True):
    """Read all of a file of text subtitles, such as lies beside a film, in any usual encoding; fails with a `Reason`."""

    op: ClassVar[str] = "read_subtitles"
    reply: ClassVar[type] = list[Cue]
    path: bytes


class MeasureEncoding(Work[float], frozen=True, kw_only=True):
    """Encode noise for a second; the reply is how many pixels a second of a film this machine makes anew, with no other work."""

    op: ClassVar[str] = "measure_encoding"
    reply: ClassVar[type] = float
    preset: Preset = "veryfast"
