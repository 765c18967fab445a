"""Recognises films by the names of their files and folders."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import groupby

from server.kernel.db import Tx
from server.kernel.workers import Work
from server.media.model import Probe, Probed
from server.media.video_names import FilmName, extra_kind, film_name, is_video, text_of
from server.modules.movie import store
from server.modules.movie.model import MOVIE
from server.services.catalog.model import ItemDraft, sort_key
from server.services.catalog.offer import FileUse, Folder, FolderFile, Group, Placed, Role


class MovieScanner:
    """The scanner of libraries of films: files of one folder and one name are editions of one film."""

    library_kind = "movie"

    def role(self, path: bytes) -> Role | None:
        """Return `media` for a film; trailers and other extras are left alone."""
        parts = _parts(path)
        return "media" if is_video(parts[-1]) and extra_kind(parts) is None else None

    def probe(self, path: bytes) -> Work[Probed]:
        """Return the work that reads a film."""
        return Probe(path=path)

    def group(self, folder: Folder, files: Sequence[FolderFile]) -> list[Group]:
        """Return the films of a folder; their keys come from folder, title and year alone."""
        named = sorted(((_key(folder, file), file) for file in files), key=_by_key_and_name)
        return [
            _group(folder, key, [file for _, file in same])
            for key, same in groupby(named, key=lambda pair: pair[0])
        ]

    async def place(self, tx: Tx, placed: Sequence[Placed]) -> None:
        """Give new films their own rows."""
        await tx.execute(store.PLACE, [one.item_id for one in placed])


def _group(folder: Folder, key: str, files: Sequence[FolderFile]) -> Group:
    name = _name(folder, files[0])
    draft = ItemDraft(
        key=key,
        kind=MOVIE,
        library_id=folder.library_id,
        title=name.title,
        sort_title=sort_key(name.title),
        year=name.year,
        length=next((file.facts.length_ms for file in files if file.facts.length_ms), None),
    )
    uses = (FileUse(file_id=file.file_id, version=index) for index, file in enumerate(files))
    return Group(draft=draft, files=tuple(uses))


def _key(folder: Folder, file: FolderFile) -> str:
    name = _name(folder, file)
    place = sha256(folder.path).hexdigest()  # a path is bytes of any length, a key is short text
    return f"{folder.root_id}/{place}#{sort_key(name.title)}#{name.year or ''}"


def _name(folder: Folder, file: FolderFile) -> FilmName:
    return film_name(_parts(folder.path + b"/" + file.name if folder.path else file.name))


def _by_key_and_name(pair: tuple[str, FolderFile]) -> tuple[str, bytes]:
    return pair[0], pair[1].name


def _parts(path: bytes) -> list[str]:
    return [text_of(part) for part in path.split(b"/")]
