"""Title, year and edition of a film from its path."""

import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from server.media.video_names.discs import is_structure, stub_stem
from server.media.video_names.endings import STUB, ending, is_video
from server.media.video_names.ids import provider_ids, without_ids
from server.media.video_names.versions import version_label
from server.media.video_names.words import (
    BURNED_IN,
    EDITION,
    LANGUAGE,
    ORDINARY,
    PLAUSIBLE_YEARS,
    TAG,
    TECHNICAL,
    YEAR,
    letters_of,
    readable,
)


class FilmName(Struct, frozen=True, kw_only=True):
    """What a path says about a film; `ids` by source (`imdb`, `tmdb`, `tvdb`).

    `other_titles` are those of "One AKA Two"; `revision` counts corrected releases ("v2", "REPACK") from 1.
    """

    title: str
    year: int | None = None
    edition: str | None = None
    ids: dict[str, str] = field(default_factory=dict)
    other_titles: tuple[str, ...] = ()
    release_group: str | None = None
    revision: int = 1
    has_burned_in_subtitles: bool = False


def film_name(parts: Sequence[str]) -> FilmName:
    """Return title, year, edition and ids of the film at `parts`, relative to the library's root, the file last.

    The file's own name counts first. Its folder completes it where both name the same film, and replaces it where the
    file's name says nothing ("movie.mkv", a disc's "VTS_01_1.VOB", random letters). Never fails; the title is empty
    only when the name is blank.
    """
    *folders, name = parts or ("",)
    stem = file_stem(name)
    file = _read(stem)
    folder_name = next((part for part in reversed(folders) if not is_structure(part)), None)
    if folder_name is None:
        return file
    folder = _read(folder_name)
    if _says_nothing(stem) or (not file.year and _is_short_for(stem, folder_name)):
        return _joined(folder, file)
    if version_label(stem, folder_name) or (
        folder.year and not file.year and _is_same(file.title, folder.title)
    ):
        return _joined(folder, file)
    if folder.year == file.year:
        is_same = letters_of(folder.title) == letters_of(file.title)
        return _joined(folder, file) if is_same else _with_ids(file, folder)
    return file


def file_stem(name: str) -> str:
    """Return a file's name without its ending, and a disc stub's ("Film.bluray.disc") without both."""
    if ending(name) == STUB:
        return stub_stem(name)
    return (name.rpartition(".")[0] if is_video(name) else name) or name


_SAYS_NOTHING = re.compile(
    r"movie|film|video|feature|main|title|index|stream|(?:title[ _]?|t)?\d{2,5}|video_ts|vts_\d\d_\d|untitled|unknown",
    re.IGNORECASE,
)
# Names that download tools make up: hashes, or long runs of mixed letters and digits without a separator.
_OBFUSCATED = re.compile(
    r"(?:[0-9a-f]{16,}|(?=[^\W_]*\d[^\W_]*[a-z])(?=[^\W_]*[a-z][^\W_]*\d)[a-z0-9]{18,})",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"^\s*(?:\[\s*(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,4}\s*\]|www\.[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}(?=[\s\]_-]))[\s._-]*",
    re.IGNORECASE,
)
_GROUP = re.compile(r"^\s*\[([^\[\]]+)\][\s._-]*")
_OTHER_TITLE = re.compile(r"(?<=\w)[\s._]+(?:aka|a\.k\.a\.?)[\s._]+(?=\w)|\s+/\s+", re.IGNORECASE)
_REVISION = re.compile(r"(?<=\d)[ ._]?v([2-9])(?![^\W_])", re.IGNORECASE)  # "02v2", "2018 v2"
_REPACK = re.compile(r"(?<![^\W_])(?:REPACK|RERIP|PROPER|repack|rerip)(\d?)(?![^\W_])")
_NUMBERED = re.compile(r"\s-\s\d{1,4}(?:v\d)?\s*$")
_PLEX_EDITION = re.compile(r"\{edition-([^{}]*)\}", re.IGNORECASE)
_EXTRA_TAIL = re.compile(r"(?:[-._]| - )trailer\d*$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"^\s*[(\[](\d{4})[)\]][\s._-]*(\w.*)$", re.DOTALL)
_OPEN_TAIL = re.compile(r"[\s._,;+&([{<-]+$")
_ARTICLE = re.compile(r"(?:the|a|an|der|die|das|le|la|el)", re.IGNORECASE)
_ENGLISH_ARTICLE = re.compile(r"(?:the|an?)[ ._]", re.IGNORECASE)


@lru_cache(maxsize=1_000)  # the files of a folder are often called like it
def _read(text: str) -> FilmName:
    plex = _PLEX_EDITION.search(text)
    name = _EXTRA_TAIL.sub("", _SITE.sub("", without_ids(_PLEX_EDITION.sub(" ", text))))
    name, group = _without_group(_YEAR_FIRST.sub(r"\2 (\1)", name))
    found, technical = _year(name), _first(TECHNICAL, name)
    end = min(found.start() if found else len(name), technical)
    # A year in brackets may follow any title; a bare one stands among the words of a release.
    is_release = end == technical < len(name) or bool(found and found["bare"])
    title = _trimmed(name[:end], is_release=is_release)
    revised = _REVISION.search(name, 0, technical) if is_release else None
    if revised:
        title = title.removesuffix(revised[0])
    if group:
        title = _NUMBERED.sub("", title)
    title, *others = [readable(each) for each in _OTHER_TITLE.split(title)]
    return FilmName(
        title=title or readable(name) or readable(text) or text.strip(),
        year=_number(found) if found else None,
        edition=readable(plex[1]) if plex else _edition(name, end),
        ids=provider_ids(text),
        other_titles=tuple(filter(None, others)),
        release_group=group,
        revision=int(revised[1]) if revised else _repack(name[end:]),
        has_burned_in_subtitles=BURNED_IN.search(name, end) is not None,
    )


def _repack(text: str) -> int:
    found = _REPACK.search(text)
    return int(found[1] or 2) if found else 1


def _without_group(name: str) -> tuple[str, str | None]:
    """Return the name without a leading "[Group]", if it is one: the rest names a film and its technical side."""
    found = _GROUP.match(name)
    rest = name[found.end() :] if found else name
    technical = _first(TECHNICAL, rest)
    is_named = technical < len(rest) and not rest[:technical].strip(" ([").isdigit()
    return (rest, found[1].strip()) if found and is_named else (name, None)


def _year(name: str) -> re.Match[str] | None:
    """Return the film's year: the last in brackets, else the last bare one, of those before anything technical."""
    years = [
        match
        for match in YEAR.finditer(name)
        if _number(match) in PLAUSIBLE_YEARS and name[: match.start()].strip(" ._-([{")
    ]
    technical = _first(TECHNICAL, name)
    early = [match for match in years if match.start() < technical]
    bracketed = [match for match in early if not match["bare"]]
    if bracketed or early:
        return (bracketed or early)[-1]
    return years[0] if years else None


def _number(year: re.Match[str]) -> int:
    return int(year["round"] or year["square"] or year["bare"])


def _trimmed(title: str, *, is_release: bool) -> str:
    """Return the title without release words at its end, as long as a title remains.

    `is_release` says that what comes next is a release's, so that ordinary words may be release words, too.
    """
    vocabulary = (TAG, EDITION, LANGUAGE, ORDINARY) if is_release else (TAG, EDITION)
    while True:
        title = _closed(title)
        shorter = next((cut for words in vocabulary if (cut := _cut(title, words))), None)
        if shorter is None:
            return title
        title = shorter


def _cut(title: str, words: re.Pattern[str]) -> str | None:
    """Return the title without one of `words` at its end; None if there is none or it belongs to the title."""
    inner = title.rstrip(")]} ._-")
    last = next((match for match in words.finditer(inner) if match.end() == len(inner)), None)
    if last is None:
        return None
    shorter = _OPEN_TAIL.sub("", inner[: last.start()])
    if not shorter.strip(" ._-([{") or _ARTICLE.fullmatch(shorter):
        return None
    return None if _belongs_to_title(last[0], words, title) else shorter


def _belongs_to_title(word: str, words: re.Pattern[str], title: str) -> bool:
    """Return whether a word is spelt as in a sentence: "Charlotte's Web", "The Good German"."""
    if words is ORDINARY:
        return word in {word.capitalize(), word.lower()}
    return words is LANGUAGE and not word.isupper() and bool(_ENGLISH_ARTICLE.match(title))


def _closed(title: str) -> str:
    """Return the title without trailing separators and without a bracket that never closes."""
    title = _OPEN_TAIL.sub("", title.rstrip())
    for opening, closing in ("()", "[]", "{}"):
        at = title.rfind(opening)
        if at > 0 and closing not in title[at:]:
            title = _OPEN_TAIL.sub("", title[:at])
    return title


def _edition(name: str, title_end: int) -> str | None:
    """Return the edition: the first one after the title, else the one that ends it; never the title itself."""
    for match in EDITION.finditer(name):
        before = name[: match.start()].strip(" ._-([{")
        after = name[match.end() : title_end].strip(" ._-)]}")
        is_after_title = match.start() >= title_end
        if before and not _ARTICLE.fullmatch(before) and (is_after_title or _is_noise(after)):
            return readable(match[0].replace(".", " "))
    return None


def _is_noise(text: str) -> bool:
    return not text or any(words.fullmatch(text) for words in (TAG, EDITION, LANGUAGE, ORDINARY))


def _first(words: re.Pattern[str], name: str) -> int:
    """Return where the first of `words` stands that has a title before it; the name's end if there is none."""
    starts = (match.start() for match in words.finditer(name))
    return next((start for start in starts if name[:start].strip(" ._-([{")), len(name))


def _says_nothing(stem: str) -> bool:
    text = stem.strip()
    return not text or bool(_SAYS_NOTHING.fullmatch(text) or _OBFUSCATED.fullmatch(text))


def _is_short_for(stem: str, folder_name: str) -> bool:
    """Return whether this is a file as releases name it ("grp-film.1080p") in a folder that has the whole name."""
    is_release = (
        _first(TECHNICAL, folder_name) < len(folder_name) and _year(folder_name) is not None
    )
    return is_release and stem == stem.lower() and " " not in stem


def _is_same(title: str, other: str) -> bool:
    """Return whether one title begins with the other."""
    one, two = letters_of(title), letters_of(other)
    return bool(one and two) and (one.startswith(two) or two.startswith(one))


def _joined(folder: FilmName, file: FilmName) -> FilmName:
    """Return the folder's film with what the file alone says of itself."""
    return replace(
        file,
        title=folder.title,
        year=folder.year,
        edition=file.edition or folder.edition,
        ids={**folder.ids, **file.ids},
        other_titles=folder.other_titles,
    )


def _with_ids(file: FilmName, folder: FilmName) -> FilmName:
    edition = file.edition or folder.edition
    return replace(file, edition=edition, ids={**folder.ids, **file.ids})
