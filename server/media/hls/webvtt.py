"""Subtitles as WebVTT text: from the events of SubStation Alpha, as FFmpeg gives all text subtitles, to segments. Pure."""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from server.media.hls.timeline import CLOCK_START_S

_MPEG_CLOCK_HZ = 90_000
_HEAD = f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{CLOCK_START_S * _MPEG_CLOCK_HZ},LOCAL:00:00:00.000\n"
_FIELDS_BEFORE_TEXT = 8
_OVERRIDES = re.compile(r"\{([^}]*)\}")
_STYLE = re.compile(r"\\([ibu])([01])(?![0-9])")
_DRAWING = re.compile(r"\\p([0-9]+)")
_AT_TOP = re.compile(r"\\an[789]|\\a(?:[5-7])(?![0-9])")
_BREAK = re.compile(r"\\[Nn]")
_LONGEST_TEXT = 10_000


class Cue(Struct, frozen=True, kw_only=True, order=True):
    """A text and when it is shown; `text` is WebVTT's, `is_at_top` where the picture's lower edge must stay free."""

    start_ms: int
    end_ms: int
    text: str
    is_at_top: bool = False


def segment(cues: Iterable[Cue], start_ms: int, end_ms: int) -> str:
    """Return the file with the cues that are shown within a span, those too that begin before or end after it."""
    shown = sorted(cue for cue in cues if cue.start_ms < end_ms and cue.end_ms > start_ms)
    return "\n".join([_HEAD, *(_block(cue) for cue in shown)])


def cue_from_event(event: str, start_ms: int, end_ms: int) -> Cue | None:
    """Return the cue of an event "ReadOrder, Layer, Style, Name, MarginL, MarginR, MarginV, Effect, Text".

    None where it shows nothing: drawings, empty ones.
    """
    body = event.split(",", _FIELDS_BEFORE_TEXT)[-1][:_LONGEST_TEXT]
    text = "\n".join(line for raw in _BREAK.split(_marked_up(body)) if (line := raw.strip()))
    if not _OVERRIDES.sub("", body).strip() or not text or end_ms <= start_ms:
        return None
    return Cue(start_ms=start_ms, end_ms=end_ms, text=text, is_at_top=bool(_AT_TOP.search(body)))


def _marked_up(body: str) -> str:
    """Return text with the tags of WebVTT for italics, bold and underline; every other override is left out."""
    parts: list[str] = []
    open_tags: list[str] = []
    is_drawing = False
    for number, part in enumerate(_OVERRIDES.split(body)):
        if number % 2:
            parts += _tags(part, open_tags)
            for drawing in _DRAWING.finditer(part):
                is_drawing = drawing[1] != "0"
        elif not is_drawing:
            parts.append(_escaped(part))
    return "".join([*parts, *(f"</{tag}>" for tag in reversed(open_tags))])


def _tags(override: str, open_tags: list[str]) -> Iterator[str]:
    """Yield the tags of one override block and keep `open_tags`: they nest, whatever order the styles end in."""
    for tag, is_on in _STYLE.findall(override):
        if is_on == "1" and tag not in open_tags:
            open_tags.append(tag)
            yield f"<{tag}>"
        elif is_on == "0" and tag in open_tags:
            inner = open_tags[open_tags.index(tag) + 1 :]
            yield from (f"</{each}>" for each in [*reversed(inner), tag])
            yield from (f"<{each}>" for each in inner)
            open_tags.remove(tag)


def _escaped(text: str) -> str:
    plain = text.replace("\\h", "\N{NO-BREAK SPACE}").replace("\r", "").replace("\n", "\\N")
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _block(cue: Cue) -> str:
    place = " line:0" if cue.is_at_top else ""
    return f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}{place}\n{cue.text}\n"


def _clock(at_ms: int) -> str:
    seconds, milliseconds = divmod(max(0, at_ms), 1_000)
    return f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"
