"""Which names a walk leaves out: what file systems, NAS boxes and download tools leave behind. Pure."""

import re

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

IGNORE_FILE = b".ignore"


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
