"""A library of films for tests: real database, real folders, and workers that answer in this process."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.kernel.clock import SystemClock
from server.kernel.db import Db
from server.kernel.ids import new_id
from server.kernel.messages import Messages
from server.kernel.roles import Owner
from server.kernel.storage import Storage, write_whole
from server.kernel.tasks import TaskScope
from server.kernel.viewer import Viewer
from server.kernel.workers import Work, WorkerFailed, WorkerLost, Workers
from server.media.fingerprint import fingerprint
from server.media.model import (
    Fingerprint,
    Listing,
    MakePoster,
    Poster,
    Probe,
    Probed,
    Reason,
    Resize,
    Resized,
    Stream,
    Walk,
)
from server.media.walk import walk
from server.modules.movie.model import MoviePage
from server.modules.movie.scanner import MovieScanner
from server.modules.movie.service import MovieService
from server.services.catalog.model import CardQuery
from server.services.catalog.service import Catalog
from server.services.library.changes import Changes
from server.services.library.model import Library, NewLibrary
from server.services.library.preview import Previews
from server.services.library.scan import ScanEngine
from server.services.library.scans import Scans
from server.services.library.service import LibraryService
from server.services.playback.service import Playback
from server.services.playback.variants import Variants

FACTS = Probed(
    container="mp4",
    media_type='video/mp4; codecs="avc1.640028, mp4a.40.2"',
    length_ms=6_000_000,
    bitrate_bps=None,
    streams=[Stream(index=0, kind="video", codec="h264", codecs="avc1.640028", is_default=True)],
    chapters=[],
)


class FakeWorkers:
    """Walks for real; reads a file as a film when its content begins with `film`."""

    def __init__(self) -> None:
        self.asked: list[Work[Any]] = []
        self.deaths_left = 0
        self.closed_folders: set[bytes] = set()
        self.errors: list[Exception] = []
        self.pause_s = 0.0
        self.refused: tuple[type[Work[Any]], ...] = ()
        self._news = asyncio.Condition()

    def count(self, kind: type[Work[Any]]) -> int:
        return sum(isinstance(work, kind) for work in self.asked)

    async def probed(self, count: int) -> None:
        """Wait until so many files were asked for."""
        async with self._news:
            await self._news.wait_for(lambda: self.count(Probe) >= count)

    async def run(self, work: Work[Any], *, timeout_s: float) -> Any:  # noqa: C901 - a case for each kind of work
        assert timeout_s > 0
        self.asked.append(work)
        async with self._news:
            self._news.notify_all()
        await asyncio.sleep(self.pause_s)
        if self.errors:
            raise self.errors.pop()
        if self.deaths_left:
            self.deaths_left -= 1
            raise WorkerLost(op=work.op)
        if isinstance(work, self.refused):
            raise WorkerFailed(reason=Reason.DAMAGED)
        match work:
            case Probe(path=path):
                with open(path, "rb") as file:  # noqa: PTH123, ASYNC230
                    if not file.read(4) == b"film":
                        raise WorkerFailed(reason=Reason.DAMAGED, detail="no moov atom")
                return FACTS
            case Fingerprint(path=path):
                return fingerprint(path)
            case Resize(target_path=target):
                write_whole(Path(os.fsdecode(target)), b"webp")
                return Resized(size_bytes=4)
            case MakePoster(target_path=target):
                Path(os.fsdecode(target)).parent.mkdir(parents=True, exist_ok=True)
                with open(target, "wb") as file:  # noqa: PTH123, ASYNC230
                    file.write(b"webp")
                return Poster(width_px=320, height_px=180, size_bytes=4, at_ms=1, blurhash="L00000")
        raise AssertionError(work)

    async def stream(self, work: Work[Any], *, timeout_s: float) -> Any:
        assert timeout_s > 0
        self.asked.append(work)
        assert isinstance(work, Walk)
        for listing in walk(work.root):
            if listing.folder in self.closed_folders:
                yield Listing(folder=listing.folder, files=[], problem="denied")
            else:
                yield listing
            await asyncio.sleep(0)


class Shelf:
    """Everything between a folder and an answer."""

    def __init__(
        self, db: Db, workers: Workers, tasks: TaskScope, folder: Path, viewer: Viewer
    ) -> None:
        self.db, self.workers, self.viewer = db, workers, viewer
        self.folder = folder / "films"
        self.folder.mkdir(parents=True)
        self.storage = Storage(folder / "data")
        self.storage.root.mkdir()
        clock, messages = SystemClock(), Messages.load()
        self.catalog = Catalog(db, clock, messages)
        self.movies = MovieService(db, self.catalog)
        self.playback = Playback(
            db, self.storage, Variants(self.storage, workers, tasks, quota_bytes=2**30)
        )
        engine = ScanEngine(db, clock, workers, self.storage, self.catalog)
        self.scans = Scans(db, clock, tasks, engine, {"movie": MovieScanner()})
        changes = Changes(db, clock, self.storage, self.scans, self.catalog)
        previews = Previews(workers, self.storage)
        self.libraries = LibraryService(db, clock, previews, self.scans, changes, messages)

    def film(self, name: str | bytes, content: bytes = b"film") -> Path:
        text = name.decode(errors="surrogateescape") if isinstance(name, bytes) else name
        path = self.folder / text
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    async def open(self, *folders: Path) -> Library:
        """Make the library of the folder, wait for its scan and let the viewer see it."""
        paths = [str(folder) for folder in folders or (self.folder,)]
        library = await self.libraries.add(self.viewer, NewLibrary(kind="movie", paths=paths))
        ids = (*self.viewer.library_ids, library.library_id)
        self.viewer = msgspec.structs.replace(self.viewer, library_ids=ids)
        return await self.settled(library.library_id)

    async def page(self, want: CardQuery | None = None) -> MoviePage:
        """Return a page as a client sees it."""
        page = await self.movies.page(self.viewer, want or CardQuery())
        return msgspec.json.decode(msgspec.json.encode(page), type=MoviePage)

    async def titles(self) -> list[str]:
        return [card.title for card in (await self.page()).items]

    async def scan(self, library_id: UUID) -> Library:
        await self.libraries.scan(self.viewer, library_id)
        return await self.settled(library_id)

    async def settled(self, library_id: UUID) -> Library:
        """Wait until the scan of a library ended."""
        async with asyncio.timeout(60):
            while True:
                library = await self.libraries.get(self.viewer, library_id)
                if library.scan is not None and library.scan.state != "running":
                    return library
                await asyncio.sleep(0.01)


async def a_viewer(owner: Owner, *, library_ids: tuple[UUID, ...] = ()) -> Viewer:
    """Make an account with its profile and return it as a viewer."""
    user_id, profile_id = new_id(), new_id()
    await owner.execute(
        "insert into shared.users values ($1, 'Ann', $2, 'Ann', 'x', 'member', 'en', false, now(), now())",
        user_id,
        user_id.hex,
    )
    await owner.execute(
        "insert into shared.profiles values ($1, $2, 'Ann', true, 'en', 100, now())",
        profile_id,
        user_id,
    )
    return Viewer(
        user_id=user_id,
        profile_id=profile_id,
        session_id=new_id(),
        realm="public",
        permissions=frozenset(),
        library_ids=library_ids,
        max_level=100,
        language="en",
    )


@asynccontextmanager
async def a_shelf(
    db: Db, owner: Owner, folder: Path, workers: Workers | None = None
) -> AsyncIterator[Shelf]:
    """Yield an empty shelf whose folders lie in `folder`; its scans end with the block."""
    async with TaskScope() as tasks:
        viewer = await a_viewer(owner)
        yield Shelf(db, workers or FakeWorkers(), tasks, folder, viewer)


@pytest.fixture
def workers() -> FakeWorkers:
    return FakeWorkers()


@pytest.fixture
async def shelf(db: Db, owner: Owner, tmp_path: Path, workers: FakeWorkers) -> AsyncIterator[Shelf]:
    async with a_shelf(db, owner, tmp_path, workers) as opened:
        yield opened
