"""Recognises films by the names of their files and folders."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, Literal

from server.kernel.db import Tx
from server.kernel.events import emit
from server.kernel.workers import Work
from server.media.model import Probe, Probed
from server.media.video_names import (
    Beside,
    ExtraKind,
    Film,
    Listed,
    Sidecar,
    SidecarKind,
    extra_kind,
    films_of,
    home_of,
    is_image,
    is_menu,
    is_stub,
    is_video,
    sidecar_kind,
    subtitle_format,
    text_of,
)
from server.modules.movie import store
from server.modules.movie.model import EXTRA, MOVIE, ExtraDetail, MovieDetail, VersionDetail
from server.services.catalog.model import ItemDraft, sort_key
from server.services.catalog.offer import (
    FileUse,
    Group,
    Home,
    HomeFile,
    Placed,
    Role,
    SubtitleDraft,
    Use,
    changes,
)

_MOST: Final = 32_767
"""What the columns of versions and parts hold."""

_BESIDE: Final[Mapping[SidecarKind, Literal["subtitle", "sidecar"]]] = {
    SidecarKind.SUBTITLE: "subtitle",
    SidecarKind.NFO: "sidecar",
}


class MovieScanner:
    """The scanner of libraries of films: a film has versions in parts, and extras."""

    library_kind = "movie"

    def role(self, path: bytes) -> Role | None:
        """Return what a file is for films; theme songs and menus of discs are left alone."""
        parts = _parts(path)
        name = parts[-1]
        if is_video(name):
            return None if is_menu(name) else "media"
        if is_stub(name):
            return "stub"
        if extra_kind(parts):
            return None
        if is_image(name):
            return "image"
        kind = sidecar_kind(name)
        return None if kind is None else _BESIDE.get(kind)

    def home(self, folder: bytes) -> bytes:
        """Return the folder of the film that a folder belongs to, such as that of `Trailers` or `CD 2`."""
        names = folder.split(b"/") if folder else []
        parts = [text_of(name) for name in names]
        while (depth := min(len(home_of((*parts, name))) for name in _ANY)) < len(parts):
            parts = parts[:depth]
        return b"/".join(names[: len(parts)])

    def probe(self, path: bytes) -> Work[Probed]:
        """Return the work that reads a film."""
        return Probe(path=path)

    def group(self, home: Home, files: Sequence[HomeFile]) -> list[Group]:
        """Return films, each followed by its extras; a file's key comes from its path, that of a part from its neighbours, too.

        What is no film of its own, as the bonus films of a copied disc, is in no group.
        """
        listed = [
            Listed(tuple(_parts(file.path)), (file.facts and file.facts.length_ms) or 0)
            for file in files
        ]
        films = films_of(listed).films
        return [group for film in films for group in _groups(home, film, files)]

    async def place(self, tx: Tx, placed: Sequence[Placed]) -> None:
        """Write the rows of films, their versions and extras."""
        details = [(one.item_id, one.group.detail) for one in placed]
        movies = [(item_id, one) for item_id, one in details if isinstance(one, MovieDetail)]
        rows = [(item_id, version) for item_id, one in movies for version in one.versions]
        extras = [(item_id, one.kind) for item_id, one in details if isinstance(one, ExtraDetail)]
        item_ids = [item_id for item_id, _ in movies]
        new = await tx.all(store.PLACE, item_ids)
        counts = [len(one.versions) for _, one in movies]
        changed = await tx.all(store.FORGET_VERSIONS, item_ids, counts)
        changed += await tx.all(
            store.PLACE_VERSIONS,
            [item_id for item_id, _ in rows],
            [version.version for _, version in rows],
            [version.label for _, version in rows],
            [version.edition for _, version in rows],
            [version.format_3d for _, version in rows],
            [version.disc for _, version in rows],
        )
        changed += await tx.all(
            store.PLACE_EXTRAS, [item_id for item_id, _ in extras], [kind for _, kind in extras]
        )
        await emit(tx, *changes(placed, set(changed) - set(new)))


_ANY: Final = ("film.mkv", "film.srt")
"""A folder may be at home elsewhere for its videos only, or only for what lies beside them."""


def _groups(home: Home, film: Film, files: Sequence[HomeFile]) -> Iterator[Group]:
    """Yield a film, then its extras."""
    name, place = film.name, _place(home, film, files)
    key = f"{place}#{'#'.join(film.identity)}"
    draft = ItemDraft(
        key=key,
        kind=MOVIE,
        library_id=home.library_id,
        title=name.title,
        sort_title=sort_key(name.title),
        year=name.year,
        length=_length_ms(film, files),
        external_ids=name.ids,
    )
    subtitles = (one for one in film.sidecars if one.what.kind is SidecarKind.SUBTITLE)
    yield Group(
        draft=draft,
        files=tuple(_uses(film, files)),
        subtitles=tuple(_subtitle(one, files) for one in subtitles),
        detail=MovieDetail(versions=tuple(_versions(film))),
    )
    for extra in film.extras:
        yield _extra(draft, place, extra, files[extra.file])


def _uses(film: Film, files: Sequence[HomeFile]) -> Iterator[FileUse]:
    for number, version in enumerate(film.versions[:_MOST]):
        for part, index in enumerate(version.files[:_MOST]):
            role: Use = "stub" if version.is_stub else "media"
            yield FileUse(file_id=files[index].file_id, role=role, version=number, part=part)
    of_film_last = sorted(film.artwork, key=lambda one: one.video is None)
    for place, art in enumerate(of_film_last[:_MOST]):
        yield FileUse(file_id=files[art.file].file_id, role=art.what.value, part=place)
    for sidecar in film.sidecars:
        yield FileUse(file_id=files[sidecar.file].file_id, role=_BESIDE[sidecar.what.kind])


def _versions(film: Film) -> Iterator[VersionDetail]:
    for number, version in enumerate(film.versions[:_MOST]):
        yield VersionDetail(
            version=number,
            label=version.label,
            edition=version.edition,
            format_3d=version.format_3d,
            disc=version.disc,
        )


def _subtitle(one: Beside[Sidecar], files: Sequence[HomeFile]) -> SubtitleDraft:
    return SubtitleDraft(
        file_id=files[one.file].file_id,
        of_file_id=None if one.video is None else files[one.video].file_id,
        format=subtitle_format(text_of(files[one.file].path)),
        language=one.what.language,
        title=one.what.title,
        is_default=one.what.is_default,
        is_forced=one.what.is_forced,
        is_hearing_impaired=one.what.is_hearing_impaired,
    )


def _extra(film: ItemDraft, place: str, extra: Beside[ExtraKind], file: HomeFile) -> Group:
    name = file.path.rpartition(b"/")[2]
    title = text_of(name).rpartition(".")[0] or text_of(name)
    draft = ItemDraft(
        key=f"{place}#extra#{sha256(file.path).hexdigest()}",
        kind=EXTRA,
        library_id=film.library_id,
        parent_key=film.key,
        title=title,
        sort_title=sort_key(title),
        length=file.facts.length_ms if file.facts else None,
    )
    return Group(
        draft=draft,
        files=(FileUse(file_id=file.file_id),),
        detail=ExtraDetail(kind=extra.what),
    )


def _length_ms(film: Film, files: Sequence[HomeFile]) -> int | None:
    """Return the length of the first version whose parts all have one."""
    for version in film.versions:
        facts = [files[index].facts for index in version.files]
        lengths_ms = [(one and one.length_ms) or 0 for one in facts]
        if lengths_ms and all(lengths_ms):
            return sum(lengths_ms)
    return None


def _place(home: Home, film: Film, files: Sequence[HomeFile]) -> str:
    """Return the folder of a film as part of a key: a path is bytes of any length, a key is short text."""
    path = files[film.versions[0].files[0]].path
    folder = b"/".join(path.split(b"/")[: len(film.home)])
    return f"{home.root_id}/{sha256(folder).hexdigest()}"


def _parts(path: bytes) -> list[str]:
    return [text_of(part) for part in path.split(b"/")]
