"""The vocabulary of release names, as patterns, and how a name becomes readable text."""

import re

# A word stands between separators; an underscore is one, so \b will not do.
_START, _END = r"(?<![^\W_])", r"(?![^\W_])"


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(f"{_START}(?:{'|'.join(patterns)}){_END}", re.IGNORECASE)


# No title holds these: the title ends where the first one stands.
TECHNICAL = _words(
    r"\d{3,4}[pi](?:x\d+)?|[48]k|\d{3,4}x\d{3,4}|uhd|ultra[ ._-]?hd|full[ ._-]?hd|hrhd",
    r"blu[ ._-]?ray|b[dr][ ._-]?rip|bd[ ._-]?remux|bd(?:25|50|66|100)|hd[ ._-]?dvd|uhdrip|remux",
    r"dvd[ ._-]?(?:rip|scr|r|r[59]|[59])|dvdscreener|dvdivx|[sx]vcd|vhs[ ._-]?rip",
    r"web[ ._-]?(?:dl|rip|hd|cap)|webdl|dl[ ._-]?rip|vod[ ._-]?rip|hd[ ._-]?rip",
    r"(?:hd|p|s?d|u)tv(?:[ ._-]?rip)?|ds[ ._-]?r(?:ip)?|tv[ ._-]?rip|sat[ ._-]?rip",
    r"telesync|telecine|hd[ ._-]?(?:ts|tc|cam)|cam[ ._-]?rip|workprint|screener|p(?:re)?dvd(?:rip)?",
    r"[xh][ ._]?26[2-6]|hevc|xvid(?:vd)?|divx\d?|av1|vp9|vc[ ._-]?1|mpeg[ ._-]?[24]|avc|(?:8|10|12)[ ._-]?bits?",
    r"e?ac[ ._-]?3d?|aac(?:x?\d(?:[ ._]\d)?)?|dts(?:[ ._-]?(?:hd|es|x|ma|hdma|hra))?|dd[p+]?[ ._]?[257][ ._]?[01]",
    r"true[ ._-]?hd|atmos|flac(?:x?\d(?:[ ._]\d)?)?|mp3|dual[ ._-]?audio|hdr10\+?|dolby[ ._-]?vision|bt[ ._]?2020",
    r"kor[ ._-]?subs?|soft[ ._-]?subs?|read[ ._-]?nfo|nfo[ ._-]?fix|true[ ._-]?french|dubbed|subbed",
    r"(?:h|f)[ ._-]?(?:sbs|tab|ou)|sbs3d|mvc",
)

_EDITION = (
    r"(?:(?:\d{1,3}(?:st|nd|rd|th)?[ ._-]anniversary|director'?s|collector'?s|super|ultimate(?:[ ._-]\w+)?"
    r"|final|special|extended|theatrical|unrated|uncut|assembly|imperial|signature|diamond|hunter|rekall|criterion"
    r"|limited|definitive|redux|international|open[ ._-]matte|restored|remastered|despeciali[sz]ed|fan)"
    r"[ ._-](?:(?:theatrical|extended|special|collector'?s)[ ._-])?(?:cut|edition|version)"
    r"|extended|theatrical|despeciali[sz]ed|remastered|restored|unrated|uncut|recut|re[ ._-]?cut|imax|redux"
    r"|open[ ._-]matte|fan[ ._-]?edit|criterion|\din1|director'?s[ ._-]cut)"
)
EDITION = re.compile(f"{_START}{_EDITION}(?:[ ._-]+{_EDITION})*{_END}", re.IGNORECASE)

# Cut at the end of a title, wherever that is: no ordinary words.
TAG = _words(
    r"multi(?:[ ._-]?subs?)?|multisubs?|hdr|hdc|repack\d?|rerip|3d|cd[ ._-]?\d{1,2}|dis[ck][ ._-]?\d{1,2}|dvd[ ._-]?\d{1,2}",
    r"subs?|ntsc|pal|nordic|hq|hybrid|dvd|bd|sbs|tab",
)
# Cut at the end of a title only where a year or something technical follows, and only in a release's spelling
# ("PROPER", "iNTERNAL"): titles use these words, too.
ORDINARY = _words(
    r"proper|limited|internal|complete|retail|real|custom|festival|web|dl|ml|md|ld|hc|dc|se|ws|fs|ts|tc|cam|r5|hou|sdr|dv|xxx",
    r"docu?|doku|convert|colori[sz]ed|integral",
)
LANGUAGE = _words(
    r"(?:swiss)?german|french|vostfr|vf[fq]?|english|eng?|italian|ita|spanish|espa[nñ]ol|castellano|latino|portuguese",
    r"dutch|flemish|swedish|norwegian|danish|finnish|russian|rus|ukr|polish|czech|hungarian|turkish|greek|hebrew|arabic",
    r"hindi|tamil|telugu|malayalam|kannada|bengali|punjabi|chinese|mandarin|cantonese|japanese|korean|thai|vietnamese",
    r"romanian|bulgarian|icelandic|lithuanian|latvian|estonian|persian",
)

# Subtitles that are part of the picture.
BURNED_IN = _words(r"kor[ ._-]?subs?|hc(?:[ ._-]?subs?)?|hard[ ._-]?(?:coded[ ._-]?)?subs?")

YEAR = re.compile(
    rf"{_START}(?:\((?P<round>\d{{4}})\)|\[(?P<square>\d{{4}})\]"
    rf"|(?P<bare>\d{{4}})(?![-._ ]\d\d[-._ ]\d\d(?!\d))){_END}"
)
# The first film is of 1888; the upper end leaves room for announcements and keeps "2049" in its title.
PLAUSIBLE_YEARS = range(1888, 2036)

_ACRONYM = re.compile(rf"{_START}(?:[^\W\d_]\.)+[^\W\d_]{_END}\.?")
_HONORIFIC = re.compile(rf"{_START}(dr|mr|mrs|ms|st)\.(?=\w)", re.IGNORECASE)
_KEPT_DOT = "\N{ONE DOT LEADER}"  # stands in for a dot that is no separator


def text_of(name: bytes) -> str:
    """Return a file's name as text that can be stored and shown: UTF-8, else the Western code page, no controls."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("cp1252", "replace")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text)


def readable(title: str) -> str:
    """Return a title with spaces: dots, underscores and hyphens count as such where a name has no spaces of its own."""
    text = title.replace("_", " ").strip()
    if " " not in text:
        text = _ACRONYM.sub(_as_acronym, text)
        text = _HONORIFIC.sub(rf"\1{_KEPT_DOT} ", text)
        text = text.replace(".", " ")
        if " " not in text.strip() and text.count("-") > 1:
            text = text.replace("-", " ")
    return " ".join(text.replace(_KEPT_DOT, ".").split())


def letters_of(title: str) -> str:
    """Return what is left of a title for a comparison: letters and digits, folded."""
    return "".join(char for char in title.casefold() if char.isalnum())


def _as_acronym(match: re.Match[str]) -> str:
    return match[0].rstrip(".").replace(".", _KEPT_DOT) + _KEPT_DOT + " "
