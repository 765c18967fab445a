"""A library of films for tests: real database, real folders, and workers that answer in this process."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.kernel.cache import Cache
from server.kernel.clock import SystemClock
from server.kernel.db import Db
from server.kernel.events import Dispatcher
from server.kernel.ids import new_id
from server.kernel.jobs import Desk, Jobs
from server.kernel.listen import Listener
from server.kernel.messages import Messages
from server.kernel.roles import Owner
from server.kernel.storage import Storage, write_whole
from server.kernel.tasks import TaskScope
from server.kernel.viewer import Viewer
from server.kernel.workers import Work, WorkerFailed, WorkerLost, Workers
from server.media.fingerprint import fingerprint
from server.media.model import (
    Fingerprint,
    Listings,
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
from server.modules.movie.model import KINDS, Movie, MoviePage
from server.modules.movie.scanner import MovieScanner
from server.modules.movie.service import MovieService
from server.services.catalog.model import CardQuery, File
from server.services.catalog.module import INDEXES
from server.services.catalog.offer import ContentBuilt, offers_of
from server.services.catalog.search import SearchDocuments
from server.services.catalog.service import Catalog
from server.services.catalog.shelves import Shelves
from server.services.library.changes import Changes
from server.services.library.jobs import LibraryJobs
from server.services.library.model import Library, NewLibrary, PageQuery
from server.services.library.pictures import Pictures
from server.services.library.preview import Previews
from server.services.library.scan import ScanEngine
from server.services.library.scans import Scans
from server.services.library.service import LibraryService
from server.services.library.watching import Rhythm, Watching
from server.services.playback.service import Playback
from server.services.playback.variants import Variants
from tests.helpers.jobs import running
from tests.helpers.until import until

FACTS = Probed(
    container="mp4",
    media_type='video/mp4; codecs="avc1.640028, mp4a.40.2"',
    length_ms=6_000_000,
    bitrate_bps=None,
    streams=[Stream(index=0, kind="video", codec="h264", codecs="avc1.640028", is_default=True)],
    chapters=[],
)

QUICK = Rhythm(quiet_ms=100, longest_ms=1_000, poll_s=0.5, away_s=0.5)


class FakeWorkers:
    """Walks for real; reads a file as a film when its content begins with `film`."""

    def __init__(self) -> None:
        self.asked: list[Work[Any]] = []
        self.deaths_left = 0
        self.closed_folders: set[bytes] = set()
        self.errors: list[Exception] = []
        self.facts = FACTS
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
                return self.facts
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
        for listing in walk(work.root, work.within):
            if listing.folder in self.closed_folders:
                closed = msgspec.structs.replace(listing, files=[], problem="denied")
                yield Listings(folders=[closed])
            else:
                yield Listings(folders=[listing])
            await asyncio.sleep(0)


type Build = Callable[[Db, Catalog], ContentBuilt]


def films(db: Db, catalog: Catalog) -> ContentBuilt:
    """The module that tests use where any would do."""
    return ContentBuilt(kinds=KINDS, scanner=MovieScanner(), shelf=MovieService(db, catalog))


class Shelf:
    """Everything between a folder and an answer, for the libraries of one module."""

    def __init__(
        self,
        db: Db,
        workers: Workers,
        tasks: TaskScope,
        jobs: Jobs,
        folder: Path,
        viewer: Viewer,
        build: Build,
    ) -> None:
        self.db, self.workers, self.viewer, self.jobs = db, workers, viewer, jobs
        self.folder = folder / "films"
        self.folder.mkdir(parents=True)
        self.storage = Storage(folder / "data")
        self.storage.root.mkdir()
        clock, messages = SystemClock(), Messages.load()
        cache = Cache()
        db.on_happened = cache.happened
        self.catalog = Catalog(db, clock, messages, cache.room(INDEXES))
        self.movies = MovieService(db, self.catalog)
        self.content = build(db, self.catalog)
        assert self.content.scanner is not None
        self.kind = self.content.scanner.library_kind
        self.shelves = Shelves(db, offers_of([self.content]))
        self.playback = Playback(
            db, self.storage, Variants(self.storage, workers, tasks, quota_bytes=lambda: 2**30)
        )
        engine = ScanEngine(db, workers, self.catalog)
        self.scans = Scans(db, clock, jobs, engine, {self.kind: self.content.scanner})
        self.watching = Watching(db, workers, self.scans, QUICK)
        changes = Changes(db, clock, self.storage, self.scans, self.watching, self.catalog)
        previews = Previews(workers, self.storage)
        self.libraries = LibraryService(db, previews, self.scans, changes, messages)
        self.pictures = Pictures(db, workers, self.storage, self.catalog)
        jobs.declare([LibraryJobs(self.scans, self.pictures)])

    def film(self, name: str | bytes, content: bytes = b"film") -> Path:
        text = name.decode(errors="surrogateescape") if isinstance(name, bytes) else name
        path = self.folder / text
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    async def open(self, *folders: Path) -> Library:
        """Make the library of the folder, wait for its scan and let the viewer see it."""
        paths = [str(folder) for folder in folders or (self.folder,)]
        library = await self.libraries.add(self.viewer, NewLibrary(kind=self.kind, paths=paths))
        ids = (*self.viewer.library_ids, library.library_id)
        self.viewer = msgspec.structs.replace(self.viewer, library_ids=ids)
        return await self.settled(library.library_id)

    async def _is_idle(self) -> bool:
        return not (
            await Desk(self.db, self.jobs).page("queued")
            or await Desk(self.db, self.jobs).page("picked")
        )

    async def page(self, want: CardQuery | None = None) -> MoviePage:
        """Return a page as a client sees it."""
        page = await self.movies.page(self.viewer, want or CardQuery())
        return msgspec.json.decode(msgspec.json.encode(page), type=MoviePage)

    async def titles(self) -> list[str]:
        return [card.title for card in (await self.page()).items]

    async def shows(self, *titles: str) -> bool:
        """Return whether these are the films that a client sees."""
        return await self.titles() == list(titles)

    async def scans_ended(self, count: int) -> bool:
        """Return whether at least so many scans of the viewer's libraries are done."""
        pages = [
            await self.libraries.scans(self.viewer, library_id, PageQuery())
            for library_id in self.viewer.library_ids
        ]
        return sum(scan.state == "done" for page in pages for scan in page.items) >= count

    async def is_online(self, *, is_expected: bool) -> bool:
        """Return whether the roots of the first library are all online, or all offline, as expected."""
        library = await self.libraries.get(self.viewer, self.viewer.library_ids[0])
        return {root.state for root in library.roots} == {"online" if is_expected else "offline"}

    async def scan(self, library_id: UUID) -> Library:
        await self.libraries.scan(self.viewer, library_id)
        return await self.settled(library_id)

    async def settled(self, library_id: UUID) -> Library:
        """Wait until the scan of a library ended, and all the work that followed it."""
        await until(self._is_idle, within_s=60)
        return await self.libraries.get(self.viewer, library_id)


def files_of(movie: Movie) -> list[File]:
    """Return the files of a film, version by version."""
    return [file for version in movie.versions for file in version.files]


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
        profile_name="Ada",
        session_id=new_id(),
        realm="public",
        permissions=frozenset(),
        library_ids=library_ids,
        max_level=100,
        language="en",
    )


@asynccontextmanager
async def a_shelf(
    db: Db,
    owner: Owner,
    dsn: str,
    folder: Path,
    workers: Workers | None = None,
    build: Build = films,
) -> AsyncIterator[Shelf]:
    """Yield an empty shelf whose folders lie in `folder`; its jobs end with the block."""
    channel = await owner.fetchval("SELECT name FROM shared.channels WHERE realm = 'public'")
    async with TaskScope() as tasks:
        viewer = await a_viewer(owner)
        jobs = Jobs(db, SystemClock(), channel)
        shelf = Shelf(db, workers or FakeWorkers(), tasks, jobs, folder, viewer, build)
        async with running(db, dsn, jobs, channel):
            yield shelf


@asynccontextmanager
async def followed(shelf: Shelf, owner: Owner, dsn: str) -> AsyncIterator[None]:
    """Have the search follow what happens on a shelf; on leaving it has handled all of it."""
    channel = await owner.fetchval("SELECT name FROM shared.channels WHERE realm = 'public'")
    search, listener = SearchDocuments(shelf.shelves).consumer, Listener(dsn)

    async def is_handled() -> bool:
        last = "SELECT coalesce(max(position), 0) FROM public.events WHERE kind LIKE 'items.%'"
        waiting = "SELECT EXISTS (SELECT FROM public.events WHERE position IS NULL)"
        seen = "SELECT position FROM public.event_cursors WHERE consumer = $1"
        if await owner.fetchval(waiting):
            return False
        return bool(await owner.fetchval(seen, search.name) >= await owner.fetchval(last))

    async with TaskScope() as tasks:
        tasks.spawn(listener.run(), name="listener")
        await listener.listening()
        dispatcher = Dispatcher(shelf.db, SystemClock(), listener, channel)
        dispatcher.declare(search.events, [search], lambda _: None)
        async with dispatcher.running():
            yield
            await until(is_handled)


@pytest.fixture
def workers() -> FakeWorkers:
    return FakeWorkers()


@pytest.fixture
async def shelf(
    db: Db, owner: Owner, dsn: str, tmp_path: Path, workers: FakeWorkers
) -> AsyncIterator[Shelf]:
    async with a_shelf(db, owner, dsn, tmp_path, workers) as opened:
        yield opened
