"""Recognises films by the names of their files and folders."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from server.kernel.db import Tx
from server.kernel.workers import Work
from server.media.model import Probe, Probed
from server.media.video_names import (
    ArtKind,
    Film,
    Listed,
    SidecarKind,
    extra_kind,
    films_of,
    is_image,
    is_menu,
    is_video,
    sidecar_kind,
    text_of,
)
from server.modules.movie import store
from server.modules.movie.model import MOVIE
from server.services.catalog.model import ItemDraft, sort_key
from server.services.catalog.offer import FileUse, Folder, FolderFile, Group, Placed, Role

_MOST: Final = 32_767
"""What the columns of versions and parts hold."""

_ROLES: Final[Mapping[SidecarKind | None, Role]] = {
    SidecarKind.SUBTITLE: "subtitle",
    SidecarKind.NFO: "sidecar",
}


class MovieScanner:
    """The scanner of libraries of films: a film has versions, and a version may have parts."""

    library_kind = "movie"

    def role(self, path: bytes) -> Role | None:
        """Return `media` for a film, and what lies beside it; trailers and other extras are left alone."""
        parts = _parts(path)
        name = parts[-1]
        if extra_kind(parts) or is_menu(name):
            return None
        if is_video(name):
            return "media"
        return "image" if is_image(name) else _ROLES.get(sidecar_kind(name))

    def probe(self, path: bytes) -> Work[Probed]:
        """Return the work that reads a film."""
        return Probe(path=path)

    def group(self, folder: Folder, files: Sequence[FolderFile]) -> list[Group]:
        """Return the films of a folder; a file's key comes from its path, that of a part from its neighbours, too.

        What is no film of its own, as the menus of a copied disc, is in no group.
        """
        paths = [_path(folder, file) for file in files]
        listed = [
            Listed(tuple(_parts(path)), file.facts.length_ms or 0)
            for path, file in zip(paths, files, strict=True)
        ]
        return [_group(folder, film, files) for film in films_of(listed).films]

    def posters(self, folder: bytes, names: Sequence[bytes]) -> dict[bytes, list[bytes]]:
        """Return the posters of the films of a folder, by the names of their files."""
        inside = _parts(folder) if folder else []
        found: dict[bytes, list[bytes]] = {}
        for film in films_of([Listed((*inside, text_of(name))) for name in names]).films:
            posters = [one for one in film.artwork if one.what is ArtKind.POSTER]
            for index in (index for version in film.versions for index in version.files):
                own = sorted(
                    (one for one in posters if one.video in {None, index}),
                    key=lambda one: one.video is None,
                )
                if own:
                    found[names[index]] = [names[one.file] for one in own]
        return found

    async def place(self, tx: Tx, placed: Sequence[Placed]) -> None:
        """Give new films their own rows."""
        await tx.execute(store.PLACE, [one.item_id for one in placed])


def _group(folder: Folder, film: Film, files: Sequence[FolderFile]) -> Group:
    name = film.name
    draft = ItemDraft(
        key=_key(folder, film),
        kind=MOVIE,
        library_id=folder.library_id,
        title=name.title,
        sort_title=sort_key(name.title),
        year=name.year,
        length=_length_ms(film, files),
    )
    uses = (
        FileUse(file_id=files[index].file_id, version=min(number, _MOST), part=min(part, _MOST))
        for number, version in enumerate(film.versions)
        for part, index in enumerate(version.files)
    )
    return Group(draft=draft, files=tuple(uses))


def _length_ms(film: Film, files: Sequence[FolderFile]) -> int | None:
    """Return the length of the first version whose parts all have one."""
    for version in film.versions:
        lengths_ms = [files[index].facts.length_ms or 0 for index in version.files]
        if all(lengths_ms):
            return sum(lengths_ms)
    return None


def _key(folder: Folder, film: Film) -> str:
    home = b"/".join(folder.path.split(b"/")[: len(film.home)])
    place = sha256(home).hexdigest()  # a path is bytes of any length, a key is short text
    return f"{folder.root_id}/{place}#{'#'.join(film.identity)}"


def _path(folder: Folder, file: FolderFile) -> bytes:
    return folder.path + b"/" + file.name if folder.path else file.name


def _parts(path: bytes) -> list[str]:
    return [text_of(part) for part in path.split(b"/")]
