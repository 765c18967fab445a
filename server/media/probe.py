"""Reads what a film file holds from its headers, without decoding more than FFmpeg needs to name the streams."""

import math
import os
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

import av
from av.container import InputContainer
from av.rational import AVRational
from av.stream import Disposition

from server.kernel.workers import WorkerFailed
from server.media.codecs import CodecFacts, codec_string
from server.media.containers import DEMUXERS, container_name, is_film_head, media_type
from server.media.head import head
from server.media.model import Chapter, Probed, Reason, Stream

_OPTIONS = {
    "format_whitelist": DEMUXERS,
    "protocol_whitelist": "file",
    # FFmpeg's own 5 MB, said aloud; streams that begin later than that have no picture size and are left out.
    "probesize": "5000000",
    "max_streams": "500",
}
type Rational = AVRational | Fraction

_LONGEST_MS = 30 * 24 * 3_600_000
_LONGEST_TEXT = 300
_MOST_CHAPTERS = 1_000
_FASTEST_FPS = 1_000
_WIDEST_PIXEL = 8
_HEAD_BYTES = 64
_TRANSFERS: dict[int, Literal["pq", "hlg"]] = {16: "pq", 18: "hlg"}  # ITU-T H.273, table 3
_UNSPECIFIED = 2  # ITU-T H.273
_FULL_RANGE = 2  # AVColorRange: 0 unspecified, 1 limited
_DOVI_BYTES = 8
_INTERLACED_FIELD_ORDERS = range(2, 6)  # AVFieldOrder: 0 unknown, 1 progressive
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def probe(path: bytes) -> Probed:
    """Return what the film at `path` holds. Raises: WorkerFailed with a Reason."""
    with opened(path) as (film, head):
        streams = [stream for raw in film.streams if (stream := _stream(raw))]
        if not any(stream.kind == "video" for stream in streams):
            raise WorkerFailed(reason=Reason.NO_VIDEO)
        brand = _text(film.metadata.get("major_brand")) or ""
        container = container_name(film.format.name, head=head, major_brand=brand)
        return Probed(
            container=container,
            media_type=media_type(container, streams),
            length_ms=_length_ms(film),
            bitrate_bps=_positive(film.bit_rate),
            streams=streams,
            chapters=_chapters(film),
            starts_at_ms=_starts_at_ms(film),
        )


@contextmanager
def opened(
    path: bytes, *, options: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[InputContainer, bytes]]:
    """Open a film for reading, with its first bytes; FFmpeg's errors, here and inside the block, become ours.

    `options` are for the decoders that FFmpeg looks into the film with. Raises: WorkerFailed with a Reason.
    """
    start = head(path, _HEAD_BYTES)
    av.logging.set_libav_level(av.logging.FATAL)  # a damaged film has a line to say of each packet
    try:
        film = av.open(
            "file:" + os.fsdecode(path), options=dict(options), container_options=_OPTIONS
        )
    except av.FFmpegError as error:
        reason = Reason.DAMAGED if is_film_head(start) else Reason.UNKNOWN_FORMAT
        raise WorkerFailed(reason=reason) from error
    try:
        with film:
            yield film, start
    except av.FFmpegError as error:
        raise WorkerFailed(reason=Reason.DAMAGED) from error


def rotation_deg(display_matrix: bytes | None) -> int:
    """Return by how many degrees clockwise (0, 90, 180, 270) a picture must be turned to stand upright.

    `display_matrix` is FFmpeg's: nine 32-bit integers in the machine's byte order, 16.16 fixed point.
    """
    if display_matrix is None or len(display_matrix) != struct.calcsize("=9i"):
        return 0
    a, b, _, c, d, *_ = struct.unpack("=9i", display_matrix)
    if not (a or c) or not (b or d):
        return 0
    across, down = math.hypot(a, c), math.hypot(b, d)
    return round(math.degrees(math.atan2(b / down, a / across)) / 90) * 90 % 360


def sample_aspect(ratio: Rational | None) -> float:
    """Return width by height of a pixel; absurd ones count as square."""
    if not ratio or not 1 / _WIDEST_PIXEL <= (aspect := float(ratio)) <= _WIDEST_PIXEL:
        return 1.0
    return round(aspect, 5)


def dolby_vision(record: bytes | None) -> str | None:
    """Return profile and base layer signal compatibility of FFmpeg's AVDOVIDecoderConfigurationRecord, "8.1"."""
    return f"{record[2]}.{record[7]}" if record and len(record) >= _DOVI_BYTES else None


def is_film_stream(raw: Any) -> bool:
    """Return whether one of PyAV's streams is moving pictures: no cover, and of a known size."""
    context = raw.codec_context
    has_size = bool(context) and raw.type == "video" and context.width > 0 and context.height > 0
    return has_size and not raw.disposition & Disposition.attached_pic


def _stream(raw: Any) -> Stream | None:
    """Return our view of one of PyAV's streams, None for time codes and the like."""
    kind = _kind(raw)
    if kind is None:
        return None
    fields = {}
    if kind == "video":
        fields = _video_fields(raw)
    elif kind == "audio":
        fields = _audio_fields(raw)
    elif kind == "attachment":
        names = {
            "file_name": raw.metadata.get("filename"),
            "mime_type": raw.metadata.get("mimetype"),
        }
        fields = {name: _text(value) for name, value in names.items()}
    return Stream(
        index=raw.index,
        kind=kind,
        codec=_codec_name(raw),
        language=_language(raw.metadata.get("language")),
        title=_text(raw.metadata.get("title")),
        is_default=bool(raw.disposition & Disposition.default),
        is_forced=bool(raw.disposition & Disposition.forced),
        is_hearing_impaired=bool(raw.disposition & Disposition.hearing_impaired),
        is_commentary=bool(raw.disposition & Disposition.comment),
        **fields,
    )


def _kind(raw: Any) -> Literal["video", "audio", "subtitle", "attachment"] | None:
    """Return the kind; a cover picture is an attachment, a track without size or channels is nothing."""
    match raw.type:
        case "video" if raw.disposition & Disposition.attached_pic:
            return "attachment"
        case "video" if is_film_stream(raw):
            return "video"
        case "audio" | "subtitle" | "attachment":
            kind: Literal["audio", "subtitle", "attachment"] = raw.type
            return kind
        case _:
            return None


def _codec_name(raw: Any) -> str:
    """Return FFmpeg's name of the format, not of the decoder that was chosen ("av1", not "libdav1d")."""
    return raw.codec_context.codec.canonical_name if raw.codec_context else "unknown"


def _video_fields(raw: Any) -> dict[str, Any]:
    context = raw.codec_context
    fps = _frame_rate(raw.average_rate) or _frame_rate(raw.guessed_rate)
    depth = context.format.components[0].bits if context.format else 8
    codecs = codec_string(
        CodecFacts(
            codec=_codec_name(raw),
            tag=_tag(context),
            extradata=context.extradata or b"",
            profile=context.profile,
            level=context.level,
            bit_depth=depth,
            width_px=context.width,
            height_px=context.height,
            frame_rate=fps,
        )
    )
    return {
        "codecs": codecs,
        "profile": context.profile,
        "level": _positive(context.level),
        "bitrate_bps": _positive(raw.bit_rate),
        "width_px": context.width,
        "height_px": context.height,
        "sample_aspect": sample_aspect(raw.sample_aspect_ratio),
        "rotation_deg": rotation_deg(context.coded_side_data.get("display_matrix")),
        "frame_rate": fps,
        "bit_depth": depth,
        "pixel_format": context.pix_fmt,
        "is_interlaced": int(context.field_order) in _INTERLACED_FIELD_ORDERS,
        "transfer": _TRANSFERS.get(int(context.color_trc), "sdr"),
        "dolby_vision": dolby_vision(context.coded_side_data.get("dovi_conf")),
        "primaries": _specified(context.color_primaries),
        "matrix": _specified(context.colorspace),
        "is_full_range": int(context.color_range) == _FULL_RANGE
        if int(context.color_range)
        else None,
    }


def _tag(context: Any) -> str:
    """Return the four characters by which the container calls the codec; empty where they are none."""
    try:
        return _text(context.codec_tag) or ""
    except UnicodeDecodeError:  # PyAV takes them for ASCII
        return ""


def _audio_fields(raw: Any) -> dict[str, Any]:
    context = raw.codec_context
    if not context:
        return {}
    facts = CodecFacts(
        codec=_codec_name(raw), extradata=context.extradata or b"", profile=context.profile
    )
    return {
        "codecs": codec_string(facts),
        "profile": context.profile,
        "bitrate_bps": _positive(context.bit_rate),
        "channel_count": _positive(context.channels),
        "channel_layout": _text(context.layout.name) if context.channels else None,
        "sample_rate_hz": _positive(context.sample_rate),
    }


def _length_ms(film: InputContainer) -> int | None:
    """Return the length, by the streams where the container has none; None when unknown or absurd."""
    lengths_ms = [film.duration // 1_000] if film.duration else []
    lengths_ms += [
        int(raw.duration * raw.time_base * 1_000)
        for raw in film.streams
        if raw.duration and raw.time_base
    ]
    return next((length for length in lengths_ms if 0 < length <= _LONGEST_MS), None)


def _starts_at_ms(film: InputContainer) -> int:
    start_ms = (film.start_time or 0) // 1_000
    return start_ms if abs(start_ms) <= _LONGEST_MS else 0


def _chapters(film: InputContainer) -> list[Chapter]:
    chapters = []
    for raw in film.chapters()[:_MOST_CHAPTERS]:
        start_ms = int(raw["start"] * raw["time_base"] * 1_000)
        if 0 <= start_ms <= _LONGEST_MS:
            chapters.append(Chapter(start_ms=start_ms, title=_text(raw["metadata"].get("title"))))
    return chapters


def _frame_rate(rate: Rational | None) -> float | None:
    """Return frames a second; 0/0 and absurd rates are unknown."""
    if not rate or not 0 < (fps := float(rate)) <= _FASTEST_FPS:
        return None
    return round(fps, 3)


def _positive(number: int | None) -> int | None:
    return number if number is not None and 0 < number < 2**53 else None


def _specified(code: Any) -> int | None:
    return None if int(code) == _UNSPECIFIED else int(code)


def _language(text: str | None) -> str | None:
    return text if text and text != "und" and _LANGUAGE.fullmatch(text) else None


def _text(text: str | None) -> str | None:
    """Return a tag without control characters and bytes that are no UTF-8, cut to a sane length."""
    if text is None:
        return None
    printable = "".join(char for char in text[: _LONGEST_TEXT * 2] if char.isprintable())
    return printable.strip()[:_LONGEST_TEXT] or None
