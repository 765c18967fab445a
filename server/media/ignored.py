"""What a walk leaves out: what file systems, NAS boxes and download tools leave behind, and what people name. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from pathspec import GitIgnoreSpec

# Synology (@eaDir, #recycle, #snapshot), QNAP (.@__thumb, @Recycle), Windows, macOS, ext4, DVD authoring leftovers.
_JUNK_FOLDERS = frozenset(
    {
        b"@eadir",
        b"@recycle",
        b"@recently-snapshot",
        b"@tmp",
        b"#recycle",
        b"#snapshot",
        b"$recycle.bin",
        b"system volume information",
        b"recycler",
        b"lost+found",
        b"__macosx",
    }
)
_JUNK_FILES = frozenset({b"thumbs.db", b"desktop.ini", b"ehthumbs.db", b"albumartsmall.jpg"})
# Download tools write under these names until a file is whole.
_UNFINISHED = (b".part", b".!qb", b".!ut", b".crdownload", b".partial~", b".aria2")
_SAMPLE = re.compile(rb"(?:.*[-._])?sample\.[^.]+", re.DOTALL)

IGNORE_FILE: Final = b".ignore"
IGNORE_FILE_BYTES: Final = 65_536
"""So much of a file of patterns is read."""

_MOST_PATTERNS: Final = 1_000
_LONGEST_PATTERN: Final = 500
# Every further star multiplies the time that a long name can cost by its length.
_MANY_STARS = re.compile(r"(?:[^/*]*\*){5}")


class Patterns(Struct, frozen=True):
    """The patterns of files named `.ignore`, in the syntax of git's, each for its folder and all below; may be none.

    `specs` has the outermost folder first, as a path that ends in a slash, "" for the root.
    """

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def with_file(self, folder: bytes, content: bytes) -> "Patterns":
        """Return these with the patterns of another file; what is no pattern, or one made to cost time, is left out."""
        inside = _text(folder) + "/" if folder else ""
        return Patterns((*self.specs, (inside, GitIgnoreSpec.from_lines(_lines(content)))))

    def leave_out(self, path: bytes, *, is_folder: bool) -> bool:
        """Return whether a path is left out; the innermost file that says something decides, there its last line."""
        text = _text(path) + ("/" if is_folder else "")
        for inside, spec in reversed(self.specs):
            if (said := spec.check_file(text.removeprefix(inside)).include) is not None:
                return said
        return False


def is_for_whole_tree(content: bytes) -> bool:
    """Return whether an `.ignore` file leaves out its folder and all below: one that is empty or blank."""
    return not content.strip()


def is_ignored_folder(name: bytes) -> bool:
    """Return whether a walk must not enter a folder of this name: hidden, or somebody's bookkeeping."""
    return name.startswith(b".") or name.lower() in _JUNK_FOLDERS


def is_ignored_file(name: bytes, *, folder_name: bytes = b"") -> bool:
    """Return whether a walk leaves this file out: hidden, junk, unfinished, or a release's sample.

    `folder_name` is that of the folder it lies in, b"" for the library's root, whose name means nothing.
    """
    if name.startswith(b"."):
        return True
    lowered = name.lower()
    if lowered in _JUNK_FILES or lowered.endswith(_UNFINISHED):
        return True
    if folder_name.lower() == b"sample":
        return True
    return b"sample" in lowered and _SAMPLE.fullmatch(lowered) is not None


def _lines(content: bytes) -> Iterator[str]:
    lines = _text(content.removeprefix(b"\xef\xbb\xbf")).split("\n")
    for line in lines[:_MOST_PATTERNS]:
        pattern = line.removesuffix("\r")
        if len(pattern) <= _LONGEST_PATTERN and _is_pattern(pattern):
            yield pattern


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return not _MANY_STARS.search(line.replace("**/", "").replace("/**", ""))


def _text(name: bytes) -> str:
    """Return bytes as text that stands for just these bytes, as names need not be UTF-8."""
    return name.decode("utf-8", "surrogateescape")
