"""Makes segments of films in this process and reads them as a player does: header and segments, one behind the other."""

import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from msgspec import Struct

from server.media.hls.keyframes import find_keyframes, read_keyframes
from server.media.hls.ladder import ladder
from server.media.hls.model import (
    INIT_NAME,
    CopyAudio,
    CopyVideo,
    EncodeVideo,
    FindKeyframes,
    Keyframes,
    MakeSegments,
    Output,
    ReadKeyframes,
    Segment,
    Track,
)
from server.media.hls.run import make_segments
from server.media.hls.timeline import CLOCK_START_S, Timeline, even_timeline, keyframe_timeline
from server.media.model import Probed, Stream
from server.media.probe import probe


class Made(Struct, frozen=True):
    """The segments of one track."""

    folder: Path
    numbers: list[int]

    def content(self, numbers: Iterable[int] | None = None) -> bytes:
        """Return the header with segments behind it, all of them unless said."""
        return (self.folder / INIT_NAME).read_bytes() + b"".join(self.segments(numbers))

    def segments(self, numbers: Iterable[int] | None = None) -> list[bytes]:
        asked = self.numbers if numbers is None else numbers
        return [(self.folder / f"{number}.m4s").read_bytes() for number in asked]

    def text(self, number: int) -> str:
        return (self.folder / f"{number}.vtt").read_text()

    def times(self, numbers: Iterable[int] | None = None) -> list[float]:
        """Return when each frame of segments is shown, decoded, counted from the film's start."""
        return decoded_times(BytesIO(self.content(numbers)), CLOCK_START_S)


def made(
    path: Path, timeline: Timeline, tracks: Sequence[Track], *, first: int = 0, name: str = "made"
) -> list[Made]:
    """Make all segments from the first asked for on, each track into a folder of its own beside the film."""
    folders = [path.parent / name / str(place) for place in range(len(tracks))]
    outputs = [
        Output(track=track, folder=bytes(folder), first=first)
        for track, folder in zip(tracks, folders, strict=True)
    ]
    work = MakeSegments(path=bytes(path), timeline=timeline, outputs=outputs)
    found = [segment for segment in make_segments(work) if segment is not None]
    return [
        Made(folder, [segment.number for segment in found if segment.output == place])
        for place, folder in enumerate(folders)
    ]


def decoded_times(file: Any, start_s: float = 0.0) -> list[float]:
    """Return when each frame of the first stream is shown, in the order of showing."""
    with av.open(file, "r") as opened:
        frames = opened.decode(opened.streams[0])
        return sorted(round(float(frame.time or 0) - start_s, 4) for frame in frames)


def keyframes_of(path: Path, video: int = 0) -> Keyframes:
    """Return the key frames that the container's index names."""
    return read_keyframes(ReadKeyframes(path=bytes(path), video=video))


def keyframes_found(path: Path, video: int = 0) -> Keyframes:
    """Return the key frames that reading the whole film finds."""
    (found,) = [one for one in find_keyframes(FindKeyframes(path=bytes(path), video=video)) if one]
    return found


def copied_timeline(path: Path) -> Timeline:
    """Return the timeline of a film whose pictures are copied."""
    found = keyframes_of(path)
    timeline = keyframe_timeline(found.times_ms, found.length_ms)
    if timeline is None:
        found = keyframes_found(path)
        timeline = keyframe_timeline(found.times_ms, found.length_ms)
    assert timeline is not None
    return timeline


def made_timeline(path: Path) -> Timeline:
    """Return the timeline of a film whose pictures are made anew."""
    return even_timeline(probe(bytes(path)).length_ms or 0)


def stream_of(path: Path, kind: str) -> Stream | None:
    """Return the first stream of a kind."""
    probed: Probed = probe(bytes(path))
    return next((stream for stream in probed.streams if stream.kind == kind), None)


def copies(path: Path) -> list[Track]:
    """Return the tracks that copy a film's pictures and its first sound."""
    sound = stream_of(path, "audio")
    return [CopyVideo(stream=0), *([CopyAudio(stream=sound.index)] if sound else [])]


def encoded(path: Path, **changes: Any) -> EncodeVideo:
    """Return the track that makes a film's pictures anew in their own size."""
    video = stream_of(path, "video")
    assert video is not None
    rung = ladder(video)[0]
    fields = {
        "stream": video.index,
        "width_px": rung.width_px,
        "height_px": rung.height_px,
        "peak_bps": rung.peak_bps,
        "level": rung.level,
        "preset": "ultrafast",
    }
    return EncodeVideo(**{**fields, **changes})


def ffprobe_faults(track: Made) -> list[str]:
    """Return what ffprobe has to say of each segment behind the header, and of all of them in a row."""
    if shutil.which("ffprobe") is None:
        pytest.skip("no ffprobe here")
    contents = [*(track.content([number]) for number in track.numbers), track.content()]
    return [fault for content in contents for fault in _faults(content)]


def _faults(content: bytes) -> Iterator[str]:
    command = ["ffprobe", "-v", "warning", "-show_entries", "packet=dts,flags", "-of", "csv=p=0"]
    done = subprocess.run([*command, "-"], input=content, capture_output=True, check=False)
    yield from done.stderr.decode().splitlines()
    rows = [line.split(",") for line in done.stdout.decode().split()]
    yield from (f"{row} is left out" for row in rows if "D" in row[1])
    yield from (
        f"{after} comes behind {before}"
        for before, after in pairwise(rows)
        if int(before[0]) >= int(after[0])
    )
    if done.returncode or not rows or "K" not in rows[0][1]:
        yield f"status {done.returncode}, {len(rows)} packets"


def run_until(work: MakeSegments, is_enough: Callable[[Segment], bool]) -> list[Segment]:
    """Run a work and leave it after a segment, as a viewer who jumps does."""
    found: list[Segment] = []
    replies = make_segments(work)
    for segment in replies:
        if segment is not None:
            found.append(segment)
            if is_enough(segment):
                break
    replies.close()
    return found
