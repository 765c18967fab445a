"""The posters that lie beside media files: noted while a folder is walked, and looked at again when they change."""

from collections.abc import Sequence
from hashlib import sha256

from msgspec import Struct

from server.kernel.db import Db
from server.media.model import FoundFile
from server.services.catalog.offer import Role, Scanner
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.store import RootRow


class ArtFolder(Struct, frozen=True, kw_only=True):
    """A folder with media files and pictures; the signature changes when one of them could look different."""

    path: bytes
    signature: bytes
    names: list[bytes]


def art_folder(path: bytes, roles: Sequence[tuple[FoundFile, Role | None]]) -> ArtFolder | None:
    """Return what a folder has of artwork, None when no picture lies beside a media file there."""
    images = [file for file, role in roles if role == "image"]
    media = [file.name for file, role in roles if role == "media"]
    if not images or not media:
        return None
    digest = sha256()
    for name in media:
        digest.update(name + b"\0")
    for file in images:
        digest.update(b"%b\0%d %d\0" % (file.name, file.size_bytes, file.mtime_ns))
    names = [*media, *(file.name for file in images)]
    return ArtFolder(path=path, signature=digest.digest(), names=names)


class Artwork:
    """Which posters belong to which media files. What is unchanged is not written."""

    def __init__(self, db: Db, catalog: Catalog) -> None:
        self._db = db
        self._catalog = catalog

    async def take_in(self, root: RootRow, scanner: Scanner, folders: Sequence[ArtFolder]) -> None:
        """Note the posters of folders; the items they belong to, or did, get their picture anew."""
        if not folders:
            return
        paths, signatures = [one.path for one in folders], [one.signature for one in folders]
        found = await self._db.all(store.CHANGED_ART, root.root_id, paths, signatures)
        if not found:
            return
        changed = [one for one in folders if one.path in set(found)]
        rows = [row for folder in changed for row in _posters(folder, scanner)]
        async with self._db.transaction() as tx:
            before = await tx.all(store.USERS_OF_ART, root.root_id, found)
            await tx.execute(store.DROP_ART, root.root_id, found)
            await tx.execute(
                store.ADD_ART_FOLDERS,
                root.root_id,
                [one.path for one in changed],
                [one.signature for one in changed],
            )
            columns = [[row[column] for row in rows] for column in range(4)]
            await tx.execute(store.ADD_ARTWORK, root.root_id, *columns)
            after = await tx.all(store.USERS_OF_ART, root.root_id, found)
            await self._catalog.want_pictures(tx, [*before, *after], anew=True)

    async def forget(
        self, root: RootRow, seen: Sequence[bytes], unread_folders: Sequence[bytes]
    ) -> None:
        """Forget the artwork that a walk did not see any more."""
        gone = await self._db.all(store.GONE_ART, root.root_id, seen, unread_folders)
        if not gone:
            return
        async with self._db.transaction() as tx:
            users = await tx.all(store.USERS_OF_ART, root.root_id, gone)
            await tx.execute(store.DROP_ART, root.root_id, gone)
            await self._catalog.want_pictures(tx, users, anew=True)


def _posters(folder: ArtFolder, scanner: Scanner) -> list[tuple[bytes, bytes, int, bytes]]:
    """Return rows of folder, media path, place and path of a poster."""
    inside = folder.path + b"/" if folder.path else b""
    return [
        (folder.path, inside + media, place, inside + poster)
        for media, posters in scanner.posters(folder.path, folder.names).items()
        for place, poster in enumerate(posters[:20])
    ]
