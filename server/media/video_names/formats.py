"""The picture by its name: 3D formats and resolution."""

import re

_3D_ALWAYS = "hsbs|fsbs|htab|ftab|hou|fou|mvc|sbs3d"
# "sbs" and "tab" are 3D after "3D", else only in a spelling that no title has: "Film.tab.mkv", not "The Tab.mkv".
_FORMAT_3D = re.compile(
    rf"(?<![^\W_])(?:(?i:({_3D_ALWAYS}))|(?i:3d)[ ._-]+(?i:(sbs|tab|ou))"
    r"|(?<=[._\[({-])(sbs|tab|SBS|TAB))(?![^\W_])",
)
_RESOLUTION = re.compile(
    r"(?<![^\W_])(?:(\d{3,4})[pi]|(?:\d{3,4}x(\d{3,4}))|([48])k|(uhd))(?![^\W_])", re.IGNORECASE
)
_LINES = {"4": 2160, "8": 4320}


def format_3d(name: str) -> str | None:
    """Return how the two pictures of a 3D film lie ("hsbs", "ftab", "mvc" …); "3D" alone says nothing of that."""
    found = _FORMAT_3D.search(name)
    return next(filter(None, found.groups())).casefold() if found else None


def line_count(name: str) -> int:
    """Return the lines of the picture that a name claims ("1080p", "4K", "1920x1080"); 0 where it claims none."""
    found = _RESOLUTION.search(name)
    if not found:
        return 0
    lines, height, thousands, _ = found.groups()
    if lines or height:
        return int(lines or height)
    return _LINES[thousands or "4"]
