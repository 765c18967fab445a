"""Reads playlists as RFC 8216bis has them and says what is wrong with each; knows nothing of the code that wrote them."""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, field

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)')
_MEDIA_TAGS = {
    "EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXT-X-MAP", "EXT-X-ENDLIST",
}  # fmt: skip
_MULTIVARIANT_TAGS = {"EXT-X-MEDIA", "EXT-X-STREAM-INF"}
_SHARED_TAGS = {"EXTM3U", "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS"}
_ONCE = _SHARED_TAGS | _MEDIA_TAGS - {"EXTINF", "EXT-X-MAP"}
_QUOTED = {
    "CODECS", "AUDIO", "SUBTITLES", "GROUP-ID", "NAME", "LANGUAGE", "URI", "CHANNELS", "CHARACTERISTICS",
}  # fmt: skip
_CODEC = r"[a-zA-Z0-9]+(\.[a-zA-Z0-9-]+)*"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_TIMING = re.compile(r"(\d{2,}:\d\d:\d\d\.\d{3}) --> (\d{2,}:\d\d:\d\d\.\d{3})( [a-z]+:\S+)*")


class Playlist(Struct, kw_only=True):
    """What a playlist says, and what is wrong with it."""

    faults: list[str] = field(default_factory=list)
    lengths_s: list[float] = field(default_factory=list)
    uris: list[str] = field(default_factory=list)
    maps: list[str] = field(default_factory=list)
    media: list[dict[str, str]] = field(default_factory=list)
    streams: list[dict[str, str]] = field(default_factory=list)
    tags: dict[str, list[str]] = field(default_factory=dict)


def read_playlist(text: str) -> Playlist:
    """Return what a playlist says; `faults` names every breach of the standard that was found."""
    playlist = Playlist()
    if not text.startswith("#EXTM3U\n") or not text.endswith("\n"):
        playlist.faults.append("no #EXTM3U in the first line, or no end of the last")
    if "\r" in text or "\ufeff" in text:
        playlist.faults.append("carriage return or byte order mark")
    awaited: str | None = None
    for line in text.split("\n"):
        if line.startswith("#EXT"):
            awaited = _take_tag(playlist, line, awaited)
        elif line and not line.startswith("#"):
            _take_uri(playlist, line, awaited)
            awaited = None
    if awaited:
        playlist.faults.append(f"{awaited} has no URI")
    faults = _media_faults if "EXT-X-TARGETDURATION" in playlist.tags else _multivariant_faults
    playlist.faults += [*_common_faults(playlist), *faults(playlist)]
    return playlist


def vtt_faults(text: str) -> list[str]:
    """Return what is wrong with a segment of WebVTT."""
    head, *blocks = text.strip("\n").split("\n\n")
    faults = []
    if not re.fullmatch(
        r"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:\d+,LOCAL:\d\d:\d\d:\d\d\.\d{3}", head.strip("\n")
    ):
        faults.append(f"head {head!r}")
    for block in blocks:
        timing, *body = block.split("\n")
        match = _TIMING.fullmatch(timing)
        if not match or match[1] >= match[2]:
            faults.append(f"timing {timing!r}")
        if not body or any("-->" in line or not line.strip() for line in body):
            faults.append(f"text {body!r}")
        if re.search(r"<(?!/?[biu]>)|&(?!amp;|lt;|gt;)", "\n".join(body)):
            faults.append(f"markup {body!r}")
    return faults


def folder_faults(playlist: Playlist, folder: Path) -> list[str]:
    """Return which files lack that a playlist names relative to its folder."""
    return [uri for uri in [*playlist.uris, *playlist.maps] if not (folder / uri).is_file()]


def _take_uri(playlist: Playlist, line: str, awaited: str | None) -> None:
    if awaited is None:
        playlist.faults.append(f"{line!r} belongs to no tag")
    if re.search(r'[\s"<>\x00-\x1f]', line):
        playlist.faults.append(f"{line!r} is no URI")
    playlist.uris.append(line)


def _take_tag(playlist: Playlist, line: str, awaited: str | None) -> str | None:
    """Note a tag; return the tag that a URI must follow."""
    name, _, value = line[1:].partition(":")
    playlist.tags.setdefault(name, []).append(value)
    if awaited and name in {"EXTINF", "EXT-X-STREAM-INF"}:
        playlist.faults.append(f"{awaited} has no URI")
    match name:
        case "EXTINF":
            if not (match := re.fullmatch(r"(\d+(?:\.\d+)?),.*", value)):
                playlist.faults.append(f"EXTINF {value!r}")
            playlist.lengths_s.append(float(match[1]) if match else 0)
            return name
        case "EXT-X-STREAM-INF":
            playlist.streams.append(_attributes(playlist, value))
            return name
        case "EXT-X-MEDIA":
            playlist.media.append(_attributes(playlist, value))
        case "EXT-X-MAP":
            playlist.maps.append(_attributes(playlist, value).get("URI", ""))
        case _ if name not in _SHARED_TAGS | _MEDIA_TAGS:
            playlist.faults.append(f"unknown tag {name}")
        case _:
            pass
    return awaited


def _attributes(playlist: Playlist, text: str) -> dict[str, str]:
    """Return an attribute list without its quotes (section 4.2)."""
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        match = _ATTRIBUTE.match(text, place)
        if match is None:
            playlist.faults.append(f"attribute list {text[place:]!r}")
            break
        name, value = match[1], match[2]
        if name in found:
            playlist.faults.append(f"{name} twice")
        if value.startswith('"') != (name in _QUOTED):
            playlist.faults.append(f"{name}={value}: quotes")
        found[name] = value.strip('"')
        place = match.end()
    return found


def _common_faults(playlist: Playlist) -> Iterator[str]:
    tags = playlist.tags
    for name, values in tags.items():
        if name in _ONCE and len(values) > 1:
            yield f"{name} stands there {len(values)} times"
    version = int((tags.get("EXT-X-VERSION") or ["1"])[0])
    if "EXT-X-MAP" in tags and version < 6:
        yield "EXT-X-MAP needs version 6"
    if any("." in value.split(",")[0] for value in tags.get("EXTINF", [])) and version < 3:
        yield "lengths with a point need version 3"
    if _MEDIA_TAGS & set(tags) and _MULTIVARIANT_TAGS & set(tags):
        yield "tags of both kinds of playlist"


def _media_faults(playlist: Playlist) -> Iterator[str]:
    tags = playlist.tags
    target = tags["EXT-X-TARGETDURATION"][0]
    if not re.fullmatch(r"[1-9]\d*", target):
        yield f"EXT-X-TARGETDURATION {target!r}"
    elif any(int(length + 0.5) > int(target) for length in playlist.lengths_s):
        yield "a segment is longer than EXT-X-TARGETDURATION"
    if any(length <= 0 for length in playlist.lengths_s):
        yield "a segment has no length"
    if not playlist.uris or len(set(playlist.uris)) < len(playlist.uris):
        yield "no segments, or one twice"
    if tags.get("EXT-X-PLAYLIST-TYPE") != ["VOD"] or "EXT-X-ENDLIST" not in tags:
        yield "a film is VOD and ends"
    if any(not uri for uri in playlist.maps):
        yield "EXT-X-MAP without URI"


def _multivariant_faults(playlist: Playlist) -> Iterator[str]:
    if not playlist.streams:
        yield "no variant"
    if "EXT-X-INDEPENDENT-SEGMENTS" not in playlist.tags:
        yield "nothing is said of independent segments"
    groups = {(media.get("TYPE"), media.get("GROUP-ID")) for media in playlist.media}
    for stream in playlist.streams:
        yield from _stream_faults(stream, groups)
    names = [(one.get("TYPE"), one.get("GROUP-ID"), one.get("NAME")) for one in playlist.media]
    if len(set(names)) < len(names):
        yield "two renditions of a group share a name"
    defaults = [
        (one.get("TYPE"), one.get("GROUP-ID"))
        for one in playlist.media
        if one.get("DEFAULT") == "YES"
    ]
    if len(set(defaults)) < len(defaults):
        yield "two defaults in a group"
    for media in playlist.media:
        yield from _rendition_faults(media)


_STREAM_FORMS = {
    "BANDWIDTH": r"[1-9]\d*",
    "AVERAGE-BANDWIDTH": r"[1-9]\d*",
    "CODECS": rf"{_CODEC}(,{_CODEC})*",
    "RESOLUTION": r"[1-9]\d*x[1-9]\d*",
    "FRAME-RATE": r"\d+(\.\d{1,3})?",
    "VIDEO-RANGE": r"SDR|PQ|HLG",
    "CLOSED-CAPTIONS": r"NONE",
}


def _stream_faults(
    stream: dict[str, str], groups: set[tuple[str | None, str | None]]
) -> Iterator[str]:
    for name in {"BANDWIDTH", "CODECS"} - set(stream):
        yield f"{name} lacks"
    for name, form in _STREAM_FORMS.items():
        if name in stream and not re.fullmatch(form, stream[name]):
            yield f"{name}={stream[name]}"
    if int(stream.get("AVERAGE-BANDWIDTH", 0)) > int(stream.get("BANDWIDTH", 0)):
        yield "average above peak"
    for kind in ("AUDIO", "SUBTITLES"):
        if kind in stream and (kind, stream[kind]) not in groups:
            yield f"no group {kind} {stream[kind]}"


def _rendition_faults(media: dict[str, str]) -> Iterator[str]:
    for name in ("TYPE", "GROUP-ID", "NAME"):
        if not media.get(name):
            yield f"a rendition without {name}"
    if media.get("TYPE") == "SUBTITLES" and not media.get("URI"):
        yield "subtitles without URI"
    if media.get("DEFAULT") == "YES" and media.get("AUTOSELECT", "YES") != "YES":
        yield "a default that is not selected"
    if "FORCED" in media and media.get("TYPE") != "SUBTITLES":
        yield "FORCED is for subtitles"
    if "LANGUAGE" in media and not _LANGUAGE.fullmatch(media["LANGUAGE"]):
        yield f"LANGUAGE={media['LANGUAGE']}"
    if "CHANNELS" in media and not re.fullmatch(r"\d+(/.*)?", media["CHANNELS"]):
        yield f"CHANNELS={media['CHANNELS']}"
