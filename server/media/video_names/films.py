"""Makes films of the files of a library: versions in parts, and what lies beside them. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from server.media.video_names.artwork import ArtKind, art_word, is_image
from server.media.video_names.discs import Disc, place_of, stub_disc
from server.media.video_names.endings import STUB, ending, is_video, stem
from server.media.video_names.extras import ExtraKind, extra_home
from server.media.video_names.formats import format_3d
from server.media.video_names.owners import Owner, Owners
from server.media.video_names.sidecars import Sidecar, SidecarKind, sidecar, sidecar_kind
from server.media.video_names.titles import FilmName, file_stem, film_name
from server.media.video_names.units import Unit, Video, units
from server.media.video_names.versions import in_order, natural, version_label
from server.media.video_names.words import letters_of

type Parts = tuple[str, ...]
_SIDE_FOLDERS = frozenset({"subs", "sub", "subtitles", "extrafanart"})


class Listed(Struct, frozen=True):
    """A file as a walk lists it; `parts` are relative to the library's root, the file last.

    `weight` tells the main film of a copied disc from its menus and bonus films: bytes or milliseconds, 0 if unknown.
    """

    parts: Parts
    weight: int = 0


class Version(Struct, frozen=True, kw_only=True):
    """One version of a film; `files` are places in the list that was asked, in playing order.

    `label` is what its name has beyond the film's. A stub stands for a `disc` that is not here.
    """

    files: tuple[int, ...]
    label: str = ""
    edition: str | None = None
    format_3d: str | None = None
    disc: Disc | None = None
    is_stub: bool = False


class Beside[What](Struct, frozen=True):
    """A file that lies beside a film: its place in the list, what it is, and of which video; None means of the film."""

    file: int
    what: What
    video: int | None = None


class Film(Struct, frozen=True, kw_only=True):
    """A film with all its files; `home` is its folder, `versions` has the one to play first at its head.

    No two films of a home have the same `identity`; a file's does not depend on its neighbours, unless it is a part.
    """

    name: FilmName
    home: Parts
    identity: Parts
    versions: tuple[Version, ...]
    extras: list[Beside[ExtraKind]] = field(default_factory=list)
    sidecars: list[Beside[Sidecar]] = field(default_factory=list)
    artwork: list[Beside[ArtKind]] = field(default_factory=list)


class Films(Struct, frozen=True):
    """The films of a list, by folder and name, and the extras that belong to none of them."""

    films: list[Film]
    loose_extras: list[Beside[ExtraKind]]


def films_of(files: Sequence[Listed]) -> Films:
    """Return the films of any number of folders, each whole: parts and versions show in their neighbours only.

    Never fails. A file is in one film at most; what means nothing here is in none.
    """
    homes: dict[Parts, _Home] = {}
    for index, file in enumerate(files):
        _sort_in(homes, index, file)
    found = Films([], [])
    for home in sorted(homes, key=lambda parts: [natural(part) for part in parts]):
        films = _films(home, homes[home].videos)
        _attach(films, homes[home], found.loose_extras)
        found.films.extend(films)
    return found


def home_of(parts: Sequence[str]) -> Parts:
    """Return the folder to whose films a file belongs: above a disc's folders, "CD 2", "Trailers" and "Subs"."""
    homes: dict[Parts, _Home] = {}
    _sort_in(homes, 0, Listed(tuple(parts)))
    return next(iter(homes), tuple(parts[:-1]))


class _Other(Struct, frozen=True):
    """A picture, subtitle or the like; `folder` is the subfolder of its film's folder that it lies in, "" for none."""

    index: int
    folder: str
    name: str


class _Home(Struct):
    """What lies in the folder of a film or of several, its own subfolders folded in."""

    videos: list[Video] = field(default_factory=list)
    extras: list[tuple[Beside[ExtraKind], str]] = field(default_factory=list)
    others: list[_Other] = field(default_factory=list)


def _sort_in(homes: dict[Parts, _Home], index: int, file: Listed) -> None:
    *folders, name = file.parts or ("",)
    if extra := extra_home(file.parts):
        kind, depth = extra
        _home(homes, folders[:depth]).extras.append((Beside(index, kind), stem(name)))
        return
    place = place_of(folders)
    if is_video(name) or ending(name) == STUB:
        video = Video(
            index=index,
            name=name,
            stem=file_stem(name),
            weight=file.weight,
            disc=place.disc if ending(name) != STUB else stub_disc(name),
            number=place.number,
        )
        _home(homes, folders[: place.depth]).videos.append(video)
    elif is_image(name) or sidecar_kind(name):
        side = (at for at, folder in enumerate(folders) if folder.casefold() in _SIDE_FOLDERS)
        depth = min(place.depth, next(side, len(folders)))
        folder = folders[depth] if depth < len(folders) else ""
        _home(homes, folders[:depth]).others.append(_Other(index, folder, name))


def _home(homes: dict[Parts, _Home], folders: Sequence[str]) -> _Home:
    return homes.setdefault(tuple(folders), _Home())


def _films(home: Parts, videos: Sequence[Video]) -> list[Film]:
    """Return the films of a folder, in the natural order of their names."""
    folder_name = home[-1] if home else ""
    folder_film = film_name([folder_name])
    grouped: dict[Parts, list[tuple[Unit, FilmName]]] = defaultdict(list)
    for unit in units(videos, folder_name):
        name = film_name([*home, unit.name])
        grouped[_identity(unit, name, folder_film)].append((unit, name))
    films = []
    for identity, same in grouped.items():
        same.sort(key=lambda pair: in_order(pair[0].stem, folder_name))
        versions = tuple(_version(unit, name, folder_name) for unit, name in same)
        ids = {source: value for _, name in reversed(same) for source, value in name.ids.items()}
        name = replace(same[0][1], ids=ids)
        films.append(Film(name=name, home=home, identity=identity, versions=versions))
    return sorted(films, key=lambda film: natural(film.name.title))


def _identity(unit: Unit, name: FilmName, folder_film: FilmName) -> Parts:
    """Return what two versions of a film share: title and year; strangers without a year are never the same."""
    title = letters_of(name.title) or name.title
    if name.year:
        return title, str(name.year)
    if name.title and letters_of(name.title) == letters_of(folder_film.title):
        return title, ""
    return title, "", unit.name


def _version(unit: Unit, name: FilmName, folder_name: str) -> Version:
    label = version_label(unit.stem, folder_name)
    return Version(
        files=unit.files,
        label=unit.stem if label is None else label,
        edition=name.edition,
        format_3d=format_3d(unit.stem if label is None else label),
        disc=unit.disc,
        is_stub=ending(unit.name) == STUB,
    )


def _attach(films: Sequence[Film], home: _Home, loose: list[Beside[ExtraKind]]) -> None:
    owners = Owners(_names(films, home.videos), only=_only(films))
    for extra, name in home.extras:
        found = owners.of(name)
        owner = found[0] if found else owners.only
        if owner:
            films[owner.film].extras.append(extra)
        else:
            loose.append(extra)
    for other in home.others:
        if is_image(other.name):
            _attach_picture(films, owners, other)
        else:
            _attach_sidecar(films, owners, other)


def _only(films: Sequence[Film]) -> Owner | None:
    return Owner(0) if len(films) == 1 and films[0].home else None


def _names(films: Sequence[Film], videos: Sequence[Video]) -> Iterator[tuple[str, Owner]]:
    """Yield the names that files beside the films may begin with; later ones win."""
    stems = {video.index: video.stem for video in videos}
    for at, film in enumerate(films):
        yield film.name.title, Owner(at)
        if film.home and len(films) == 1:
            yield film.home[-1], Owner(at)
        for version in film.versions:
            yield from ((stems[index], Owner(at, index)) for index in version.files)


def _attach_picture(films: Sequence[Film], owners: Owners, other: _Other) -> None:
    word = art_word(other.name, other.folder)
    kind, name = word or (ArtKind.POSTER, stem(other.name))
    found = owners.of(name)
    if found and (word or not found[1]):
        owner = found[0]
        films[owner.film].artwork.append(Beside(other.index, kind, owner.video))


def _attach_sidecar(films: Sequence[Film], owners: Owners, other: _Other) -> None:
    kind = sidecar_kind(other.name)
    if kind is None:
        return
    found = owners.of(stem(other.name))
    is_own = kind is SidecarKind.SUBTITLE and owners.only
    if found and not (kind is SidecarKind.NFO and found[1]):
        owner, rest = found
    elif is_own and owners.only:
        owner, rest = owners.only, stem(other.name)
    else:
        return
    films[owner.film].sidecars.append(Beside(other.index, sidecar(kind, rest), owner.video))
