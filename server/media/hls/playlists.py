"""The texts of playlists, RFC 8216bis: one that lists the versions of a film, and one for the segments of each. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from server.media.hls.timeline import Timeline

MEDIA_TYPE = "application/vnd.apple.mpegurl"
_HEAD = ("#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS")


class Variant(Struct, frozen=True, kw_only=True):
    """One version of the picture, with the groups of sound and subtitles that go with it.

    `codecs` are those of the picture and of all sound in its group (RFC 6381).
    """

    uri: str
    peak_bps: int
    average_bps: int | None = None
    codecs: Sequence[str]
    width_px: int
    height_px: int
    frame_rate: float | None = None
    video_range: Literal["SDR", "PQ", "HLG"] = "SDR"
    audio_group: str | None = None
    subtitle_group: str | None = None


class Rendition(Struct, frozen=True, kw_only=True):
    """A track of sound or subtitles that a viewer may choose; `language` is a tag of BCP 47."""

    kind: Literal["AUDIO", "SUBTITLES"]
    group: str
    name: str
    uri: str
    language: str | None = None
    is_default: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False
    channel_count: int | None = None


def multivariant_playlist(variants: Iterable[Variant], renditions: Iterable[Rendition] = ()) -> str:
    """Return the playlist that names all versions; renditions of one group that share a name get a number."""
    lines = [*_HEAD, *_media_lines(renditions)]
    for variant in variants:
        lines += [f"#EXT-X-STREAM-INF:{_attributes(_variant_attributes(variant))}", variant.uri]
    return _text(lines)


def media_playlist(timeline: Timeline, uri: Callable[[int], str], *, init_uri: str | None) -> str:
    """Return the playlist of one version or rendition, complete; subtitles have no `init_uri`."""
    lengths_ms = timeline.lengths_ms
    lines = [
        *_HEAD,
        f"#EXT-X-TARGETDURATION:{(max(lengths_ms) + 500) // 1_000 or 1}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    if init_uri is not None:
        lines.append(f"#EXT-X-MAP:URI={_quoted(init_uri)}")
    for number, length_ms in enumerate(lengths_ms):
        lines += [f"#EXTINF:{length_ms // 1_000}.{length_ms % 1_000:03},", uri(number)]
    return _text([*lines, "#EXT-X-ENDLIST"])


def _media_lines(renditions: Iterable[Rendition]) -> Iterator[str]:
    used: Counter[tuple[str, str, str]] = Counter()
    for rendition in renditions:
        name = _plain(rendition.name) or rendition.kind.lower()
        used[rendition.kind, rendition.group, name] += 1
        number = used[rendition.kind, rendition.group, name]
        attributes = _rendition_attributes(rendition, name if number == 1 else f"{name} {number}")
        yield f"#EXT-X-MEDIA:{_attributes(attributes)}"


def _variant_attributes(variant: Variant) -> dict[str, str | None]:
    return {
        "BANDWIDTH": str(variant.peak_bps),
        "AVERAGE-BANDWIDTH": str(variant.average_bps) if variant.average_bps else None,
        "CODECS": _quoted(",".join(dict.fromkeys(variant.codecs))),
        "RESOLUTION": f"{variant.width_px}x{variant.height_px}",
        "FRAME-RATE": f"{variant.frame_rate:.3f}" if variant.frame_rate else None,
        "VIDEO-RANGE": variant.video_range,
        "AUDIO": _quoted(variant.audio_group) if variant.audio_group else None,
        "SUBTITLES": _quoted(variant.subtitle_group) if variant.subtitle_group else None,
        "CLOSED-CAPTIONS": "NONE",
    }


def _rendition_attributes(rendition: Rendition, name: str) -> dict[str, str | None]:
    is_text = rendition.kind == "SUBTITLES"
    for_the_deaf = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"
    return {
        "TYPE": rendition.kind,
        "GROUP-ID": _quoted(rendition.group),
        "NAME": _quoted(name),
        "LANGUAGE": _quoted(rendition.language) if rendition.language else None,
        "DEFAULT": "YES" if rendition.is_default else "NO",
        "AUTOSELECT": "YES",
        "FORCED": "YES" if is_text and rendition.is_forced else None,
        "CHARACTERISTICS": _quoted(for_the_deaf) if rendition.is_hearing_impaired else None,
        "CHANNELS": _quoted(str(rendition.channel_count)) if rendition.channel_count else None,
        "URI": _quoted(rendition.uri),
    }


def _attributes(values: dict[str, str | None]) -> str:
    return ",".join(f"{name}={value}" for name, value in values.items() if value is not None)


def _quoted(text: str) -> str:
    return f'"{_plain(text)}"'


def _plain(text: str) -> str:
    """Return a text as a quoted string may hold it: names come out of files that anybody made."""
    return "".join(char for char in text.replace('"', "'") if char.isprintable()).strip()


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
