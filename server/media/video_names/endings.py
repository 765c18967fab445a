"""What a file is by the ending of its name."""

from typing import Final

# fmt: off
VIDEO: Final = frozenset({
    "3g2", "3gp", "asf", "avi", "divx", "dv", "dvr-ms", "f4v", "flv", "iso", "m1v", "m2t", "m2ts", "m2v", "m4v", "mk3d",
    "mkv", "mov", "mp4", "mpe", "mpeg", "mpg", "mts", "mxf", "nut", "ogm", "ogv", "qt", "rm", "rmvb", "ts", "vob", "webm",
    "wmv", "wtv",
})
AUDIO: Final = frozenset({
    "aac", "ac3", "aif", "aiff", "alac", "ape", "dts", "dtshd", "eac3", "flac", "m4a", "mka", "mlp", "mp2", "mp3", "oga",
    "ogg", "opus", "thd", "wav", "wma", "wv",
})
SUBTITLE: Final = frozenset({"ass", "idx", "mks", "sami", "smi", "srt", "ssa", "sub", "sup", "ttml", "vtt"})
IMAGE: Final = frozenset({"avif", "gif", "heic", "jfif", "jpeg", "jpg", "jxl", "png", "svg", "tbn", "tif", "tiff", "webp"})
# fmt: on
STUB: Final = "disc"


def ending(name: str) -> str:
    """Return what stands after the last dot, folded; empty where there is no dot."""
    return name.rpartition(".")[2].casefold() if "." in name else ""


def stem(name: str) -> str:
    """Return a name without its last ending; a name that is all ending stays."""
    return name.rpartition(".")[0] or name


def is_video(name: str) -> bool:
    """Return whether a file's ending is one of a video."""
    return ending(name) in VIDEO


def is_stub(name: str) -> bool:
    """Return whether a file stands for a disc that lies in a cupboard."""
    return ending(name) == STUB
