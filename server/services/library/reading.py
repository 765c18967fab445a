"""The second phase of a scan: new and changed files are read, a home at a time, and each home becomes items.

The homes that are due are noted in the database, so what was cut off is done again from there.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from server.kernel.db import Db, Tx
from server.kernel.errors import RevengeError
from server.kernel.workers import Work, WorkerFailed, WorkerLost, Workers
from server.media.model import Fingerprint, Probed
from server.services.catalog.model import FileProblem
from server.services.catalog.offer import Group, Home, Placed, Scanner
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.store import FileOfHome, RootRow, SubtitleRow, UnreadFile
from server.services.library.tally import Tally
from server.services.library.work import Room, each, fingerprint_of, persistently

_HOMES: Final = 500
_READ_AT_ONCE: Final = 200
_GROUPED_AT_ONCE: Final = 2_000
_PROBE_TIMEOUT_S: Final = 60.0
_FIRST_WORD: Final = re.compile(rb"[^ ._-]*")


class Outcome(Struct, frozen=True, kw_only=True):
    """What a worker said of a file: its facts, or why there are none."""

    file: UnreadFile
    facts: Probed | None = None
    problem: FileProblem | None = None
    fingerprint: bytes | None = None


class Reading:
    """Reads files with workers and makes items of them; each portion is one transaction."""

    def __init__(self, db: Db, workers: Workers, catalog: Catalog, room: Room) -> None:
        self._db = db
        self._workers = workers
        self._catalog = catalog
        self._room = room

    async def read(self, root: RootRow, scanner: Scanner, tally: Tally) -> None:
        """Bring the items of every home that is due up to date. A file that cannot be read keeps the reason."""
        after: bytes | None = None
        while homes := await self._db.all(store.DUE_HOMES, root.root_id, after, self._room(_HOMES)):
            await self._read_files(root, homes, scanner, tally)
            async for run in self._runs(root, homes):
                await self._group(root, scanner, run)
            async with self._db.transaction() as tx:
                touched = await tx.all(store.ITEMS_OF_HOMES, root.root_id, homes)
                await self._catalog.settle(tx, touched)
                await tx.execute(store.CLEAR_DUE, root.root_id, homes)
            await tally.advance()
            after = homes[-1]

    async def _read_files(
        self, root: RootRow, homes: Sequence[bytes], scanner: Scanner, tally: Tally
    ) -> None:
        async def ask(file: UnreadFile) -> Outcome:
            outcome = await self._probe(root, file, scanner)
            tally.done_count += 1
            tally.error_count += outcome.problem is not None
            await tally.note()
            return outcome

        after = b""
        while files := await self._db.all(
            store.UNREAD, root.root_id, homes, after, self._room(_READ_AT_ONCE), store.PASSING
        ):
            await self._keep(await each(files, ask))
            await tally.advance()
            after = files[-1].path

    async def _probe(self, root: RootRow, file: UnreadFile, scanner: Scanner) -> Outcome:
        path = root.absolute(file.path)
        known = scanner.probe(path)
        try:
            facts = known if isinstance(known, Probed) else await self._facts(known)
        except (WorkerFailed, WorkerLost) as error:
            return Outcome(file=file, problem=_problem(error))
        fingerprint = await fingerprint_of(self._workers, Fingerprint(path=path))
        return Outcome(file=file, facts=facts, fingerprint=fingerprint)

    async def _facts(self, work: Work[Probed]) -> Probed:
        return await persistently(lambda: self._workers.run(work, timeout_s=_PROBE_TIMEOUT_S))

    async def _keep(self, outcomes: Sequence[Outcome]) -> None:
        """Note what was read; chapters have rows of their own."""
        chapters = [row for outcome in outcomes if outcome.facts for row in _chapters(outcome)]
        file_ids = [outcome.file.file_id for outcome in outcomes]
        async with self._db.transaction() as tx:
            await tx.execute(
                store.SET_FACTS,
                file_ids,
                [_json(_without_chapters(outcome.facts)) for outcome in outcomes],
                [_json(outcome.problem) for outcome in outcomes],
                [outcome.fingerprint for outcome in outcomes],
            )
            await tx.execute(store.FORGET_CHAPTERS, file_ids)
            await tx.execute(
                store.ADD_CHAPTERS, *([row[column] for row in chapters] for column in range(4))
            )

    async def _runs(self, root: RootRow, homes: Sequence[bytes]) -> AsyncIterator[list[FileOfHome]]:
        """Yield the files of homes in portions of whole homes; a huge home is cut between names."""
        home, path = b"", b""
        while True:
            files = await self._db.all(
                store.FILES_OF_HOMES, root.root_id, homes, home, path, _GROUPED_AT_ONCE
            )
            run = files if len(files) < _GROUPED_AT_ONCE else _whole(files)
            if run:
                yield run
                home, path = run[-1].home, run[-1].path
            if len(files) < _GROUPED_AT_ONCE:
                return

    async def _group(self, root: RootRow, scanner: Scanner, run: Sequence[FileOfHome]) -> None:
        groups: list[Group] = []
        for path, files in groupby(run, key=lambda file: file.home):
            home = Home(library_id=root.library_id, root_id=root.root_id, path=path)
            groups += scanner.group(home, [file.shown() for file in files])
            await asyncio.sleep(0)  # whoever asks for a page meanwhile is answered between homes
        async with self._db.transaction() as tx:
            await self._follow(tx, root.library_id, groups)
            ids = await self._catalog.put(tx, [group.draft for group in groups])
            placed = [Placed(item_id=ids[group.draft.key], group=group) for group in groups]
            await self._catalog.retire(tx, await _link(tx, placed, run))
            await _put_subtitles(tx, placed, run)
            await self._catalog.want_pictures(tx, [one.item_id for one in placed])
            await scanner.place(tx, placed)

    async def _follow(self, tx: Tx, library_id: UUID, groups: Sequence[Group]) -> None:
        """Let items whose files were all moved be found under the keys of their new places."""
        keys = {
            use.file_id: group.draft.key
            for group in groups
            for use in group.files
            if use.role in {"media", "stub"}
        }
        staying = set(keys.values())
        moved: dict[str, UUID] = {}
        for use in await tx.all(store.USED_BY, list(keys)):
            if use.key not in staying:
                moved.setdefault(keys[use.file_id], use.item_id)
        await self._catalog.rekey(tx, library_id, moved)


def _whole(files: list[FileOfHome]) -> list[FileOfHome]:
    """Return files up to the last place where a home ends, or else where another first word begins."""
    for begins in (lambda file: file.home, _first_word):
        end = next(
            (
                at
                for at in range(len(files) - 1, 0, -1)
                if begins(files[at]) != begins(files[at - 1])
            ),
            0,
        )
        if end:
            return files[:end]
    return files


def _first_word(file: FileOfHome) -> bytes:
    inside = file.path[len(file.home) :].lstrip(b"/").lower()
    found = _FIRST_WORD.match(inside)
    return found[0] if found else b""


async def _link(tx: Tx, placed: Sequence[Placed], run: Iterable[FileOfHome]) -> list[UUID]:
    """Note which files of a run items use; return the items that lost one."""
    uses = [(one.item_id, use) for one in placed for use in one.group.files]
    item_ids, file_ids = [item_id for item_id, _ in uses], [use.file_id for _, use in uses]
    left = await tx.all(store.UNLINK, item_ids, file_ids, [file.file_id for file in run])
    await tx.execute(
        store.LINK,
        item_ids,
        file_ids,
        [use.role for _, use in uses],
        [use.version for _, use in uses],
        [use.part for _, use in uses],
        [use.starts_at_ms for _, use in uses],
    )
    return left


async def _put_subtitles(tx: Tx, placed: Sequence[Placed], run: Iterable[FileOfHome]) -> None:
    facts = {file.file_id: file.probe for file in run if file.probe is not None}
    rows = [row for one in placed for row in _subtitles(one, facts)]
    item_ids = [one.item_id for one in placed]
    await tx.execute(store.PUT_SUBTITLES, item_ids, msgspec.json.encode(rows).decode())


def _subtitles(one: Placed, facts: dict[UUID, Probed]) -> Iterator[SubtitleRow]:
    """Yield the subtitles of an item: those in files of their own, then those in its videos."""
    for draft in one.group.subtitles:
        yield SubtitleRow(item_id=one.item_id, stream_index=0, **msgspec.structs.asdict(draft))
    for use in one.group.files:
        if use.role == "media":
            for stream in facts[use.file_id].streams:
                if stream.kind == "subtitle":
                    yield SubtitleRow(
                        item_id=one.item_id,
                        file_id=use.file_id,
                        stream_index=stream.index,
                        of_file_id=use.file_id,
                        format=stream.codec,
                        language=stream.language,
                        title=stream.title,
                        is_default=stream.is_default,
                        is_forced=stream.is_forced,
                        is_hearing_impaired=stream.is_hearing_impaired,
                    )


def _chapters(outcome: Outcome) -> Iterator[tuple[UUID, int, int, str | None]]:
    """Yield chapters as rows of file, start, end and title, each start once; one ends where the next begins."""
    if outcome.facts is None:
        return
    titles = {chapter.start_ms: chapter.title for chapter in outcome.facts.chapters}
    starts_ms = sorted(titles)
    last_ms = max([*starts_ms[-1:], outcome.facts.length_ms or 0])
    for start_ms, end_ms in pairwise([*starts_ms, last_ms]):
        yield outcome.file.file_id, start_ms, end_ms, titles[start_ms]


def _without_chapters(facts: Probed | None) -> Probed | None:
    return facts and msgspec.structs.replace(facts, chapters=[])


def _problem(error: RevengeError) -> FileProblem:
    """Return what is kept of an error: the worker's reason where it named one."""
    code = str(error.context.get("reason", error.code))
    return FileProblem(code=code, detail=str(error.context.get("detail", "")))


def _json(value: Struct | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
