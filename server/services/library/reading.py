"""The second phase of a scan: new and changed files are read and become items."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from server.kernel.db import Db, Tx
from server.kernel.errors import RevengeError
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.model import Fingerprint, Probed
from server.services.catalog.model import FileProblem
from server.services.catalog.offer import Folder, FolderFile, Group, Placed, Scanner
from server.services.catalog.service import Catalog
from server.services.library import store
from server.services.library.store import RootRow, UnreadFile
from server.services.library.tally import Tally
from server.services.library.work import each, fingerprint_of, persistently

_PORTION: Final = 200
_PROBE_TIMEOUT_S: Final = 60.0


class Outcome(Struct, frozen=True, kw_only=True):
    """What a worker said of a file: its facts, or why there are none."""

    file: UnreadFile
    facts: Probed | None = None
    problem: FileProblem | None = None
    fingerprint: bytes | None = None


class Reading:
    """Reads files with workers, a portion at a time, each portion one transaction."""

    def __init__(self, db: Db, workers: Workers, catalog: Catalog) -> None:
        self._db = db
        self._workers = workers
        self._catalog = catalog

    async def read(self, root: RootRow, scanner: Scanner, tally: Tally) -> None:
        """Read every unread file below a root. A file that cannot be read keeps the reason."""
        after = b""
        while files := await self._db.all(
            store.UNREAD, root.root_id, after, _PORTION, store.PASSING
        ):

            async def ask(file: UnreadFile) -> Outcome:
                outcome = await self._probe(root, file, scanner)
                tally.done_count += 1
                tally.error_count += outcome.problem is not None
                await tally.note()
                return outcome

            outcomes = await each(files, ask)
            await self._keep(root, scanner, outcomes)
            after = files[-1].path

    async def _probe(self, root: RootRow, file: UnreadFile, scanner: Scanner) -> Outcome:
        path = root.path.rstrip(b"/") + b"/" + file.path
        work = scanner.probe(path)
        try:
            facts = await persistently(lambda: self._workers.run(work, timeout_s=_PROBE_TIMEOUT_S))
        except (WorkerFailed, WorkerLost) as error:
            return Outcome(file=file, problem=_problem(error))
        fingerprint = await fingerprint_of(self._workers, Fingerprint(path=path))
        return Outcome(file=file, facts=facts, fingerprint=fingerprint)

    async def _keep(self, root: RootRow, scanner: Scanner, outcomes: Sequence[Outcome]) -> None:
        groups = [
            group
            for folder, files in _by_folder(root, outcomes)
            for group in scanner.group(folder, files)
        ]
        async with self._db.transaction() as tx:
            await tx.execute(
                store.SET_FACTS,
                [outcome.file.file_id for outcome in outcomes],
                [_json(outcome.facts) for outcome in outcomes],
                [_json(outcome.problem) for outcome in outcomes],
                [outcome.fingerprint for outcome in outcomes],
            )
            await self._follow(tx, root.library_id, groups)
            ids = await self._catalog.put(tx, [group.draft for group in groups])
            placed = [Placed(item_id=ids[group.draft.key], group=group) for group in groups]
            await self._catalog.retire(tx, await _link(tx, placed))
            await self._catalog.want_pictures(tx, [one.item_id for one in placed], anew=False)
            await scanner.place(tx, placed)

    async def _follow(self, tx: Tx, library_id: UUID, groups: Sequence[Group]) -> None:
        """Let items whose files were all moved be found under the keys of their new places."""
        keys = {use.file_id: group.draft.key for group in groups for use in group.files}
        staying = set(keys.values())
        moved: dict[str, UUID] = {}
        for use in await tx.all(store.USED_BY, list(keys)):
            if use.key not in staying:
                moved.setdefault(keys[use.file_id], use.item_id)
        await self._catalog.rekey(tx, library_id, moved)


async def _link(tx: Tx, placed: Sequence[Placed]) -> list[UUID]:
    """Note which files items use; return the items that lost one."""
    uses = [(one.item_id, use) for one in placed for use in one.group.files]
    item_ids, file_ids = [item_id for item_id, _ in uses], [use.file_id for _, use in uses]
    left = await tx.all(store.UNLINK, item_ids, file_ids)
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


def _by_folder(
    root: RootRow, outcomes: Sequence[Outcome]
) -> Iterator[tuple[Folder, list[FolderFile]]]:
    """Yield the readable files of each folder."""
    split = [(*_split(outcome.file.path), outcome) for outcome in outcomes]
    split.sort(key=lambda parts: parts[:2])
    for path, parts in groupby(split, key=lambda parts: parts[0]):
        folder = Folder(library_id=root.library_id, root_id=root.root_id, path=path)
        yield (
            folder,
            [
                FolderFile(file_id=outcome.file.file_id, name=name, facts=outcome.facts)
                for _, name, outcome in parts
                if outcome.facts is not None
            ],
        )


def _split(path: bytes) -> tuple[bytes, bytes]:
    folder, _, name = path.rpartition(b"/")
    return folder, name


def _problem(error: RevengeError) -> FileProblem:
    """Return what is kept of an error: the worker's reason where it named one."""
    code = str(error.context.get("reason", error.code))
    return FileProblem(code=code, detail=str(error.context.get("detail", "")))


def _json(value: Struct | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
