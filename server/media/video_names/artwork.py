"""Pictures that lie beside a film, by their names."""

import re
from enum import StrEnum
from typing import Final

from server.media.video_names.endings import IMAGE, ending, stem


class ArtKind(StrEnum):
    """What a picture is for."""

    BACKDROP = "backdrop"
    BANNER = "banner"
    CLEARART = "clearart"
    DISC = "disc"
    LANDSCAPE = "landscape"
    LOGO = "logo"
    POSTER = "poster"


_WORDS: Final = {
    **dict.fromkeys(("poster", "folder", "cover", "default", "movie", "jacket"), ArtKind.POSTER),
    **dict.fromkeys(("backdrop", "fanart", "background", "art", "extrafanart"), ArtKind.BACKDROP),
    **dict.fromkeys(("landscape", "thumb"), ArtKind.LANDSCAPE),
    **dict.fromkeys(("logo", "clearlogo"), ArtKind.LOGO),
    **dict.fromkeys(("disc", "disk", "cdart", "discart"), ArtKind.DISC),
    "banner": ArtKind.BANNER,
    "clearart": ArtKind.CLEARART,
}
# A film may be called so: "Great Art.jpg" is its poster. After a hyphen it is no word of the title.
_FOLDER: Final = "extrafanart"
_SUFFIX = re.compile(r"(?:^|(?<=[-_.]))([a-z]+)[ _-]?(\d{0,3})$")


def is_image(name: str) -> bool:
    """Return whether a file's ending is one of a picture."""
    return ending(name) in IMAGE


def art_word(name: str, folder_name: str = "") -> tuple[ArtKind, str] | None:
    """Return what a picture is for and what stands before that word: the film's name, or nothing ("poster.jpg").

    A picture in the folder `extrafanart` is a backdrop, however it is called. None when the name says nothing; it is
    the poster of the film whose name it has.
    """
    if folder_name.casefold() == _FOLDER:
        return ArtKind.BACKDROP, ""
    whole = stem(name)
    found = _SUFFIX.search(whole.casefold())
    if not found or found[1] not in _WORDS:
        return None
    return _WORDS[found[1]], whole[: found.start()].rstrip(" -_.")
