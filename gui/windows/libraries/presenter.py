"""What the window of the libraries shows and does. Without Qt.

It knows libraries, pages of scans and pages of problems, never films: their number makes no difference.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal
from urllib.parse import quote
from uuid import UUID

from msgspec import Struct

from gui.api import (
    Client,
    Libraries,
    Library,
    LibraryEdit,
    Problem,
    ProblemPage,
    Root,
    RootEdit,
    Scan,
    ScanPage,
)
from gui.asking import Ask, sentence
from gui.pace import Pace, duration, in_words, is_under_way, number
from gui.texts import t

_PAGE_LIMIT: Final = 50
Situation = Literal["loading", "away", "empty", "full"]


class Pages[T]:
    """A list of a library that comes page by page."""

    def __init__(self, ask: Ask, changed: Callable[[], object], load: "Loader[T]") -> None:
        self.items: list[T] = []
        self.error = ""
        self.is_complete = True
        self._ask = ask
        self._changed = changed
        self._load = load
        self._cursor = ""
        self._client: Client | None = None
        self._library_id: UUID | None = None
        self._round = 0

    def begin(self, client: Client, library_id: UUID) -> None:
        """Forget what is there and load the first page of a library."""
        self._client, self._library_id = client, library_id
        self.items, self.error, self._cursor = [], "", ""
        self.is_complete = False
        self._round += 1
        self._changed()
        self.more()

    def more(self) -> None:
        """Load the next page, if there is one."""
        client, library_id, asked = self._client, self._library_id, self._round
        if client is None or library_id is None or self.is_complete:
            return
        self.is_complete = True  # until the answer says otherwise
        cursor = f"&cursor={quote(self._cursor)}" if self._cursor else ""
        query = f"?limit={_PAGE_LIMIT}{cursor}"

        def put(page: tuple[list[T], str | None]) -> None:
            if asked == self._round:
                self.items = [*self.items, *page[0]]
                self._cursor = page[1] or ""
                self.is_complete = page[1] is None
                self._changed()

        def miss(error: Exception) -> None:
            if asked == self._round:
                self.error = sentence(error)
                self._changed()

        self._ask(lambda: self._load(client, library_id, query), put, miss)


type Loader[T] = Callable[[Client, UUID, str], tuple[list[T], str | None]]


class Shelf:
    """The libraries, which of them is looked at, and what is done with it."""

    def __init__(self, ask: Ask, changed: Callable[[], object]) -> None:
        self.libraries: list[Library] = []
        self.situation: Situation = "loading"
        self.is_busy = False
        self.pace = Pace()
        self.history = Pages(ask, changed, _scans)
        self.problems = Pages(ask, changed, _problems)
        self._refused = ""
        self._away = ""
        self._chosen: UUID | None = None
        self._ended: UUID | None = None
        self._client: Client | None = None
        self._is_looking = False
        self._ask = ask
        self._changed = changed

    @property
    def error(self) -> str:
        """What went wrong with the last deed, or else with the last look; empty where nothing did."""
        return self._refused or self._away

    @property
    def chosen(self) -> Library | None:
        """The library that is looked at."""
        return next((one for one in self.libraries if one.library_id == self._chosen), None)

    def connect(self, client: Client | None) -> None:
        """Ask this server from now on; None while there is none, or nobody is signed in."""
        self._client = client
        if client is None:
            self.situation = "away"
            self._changed()
        else:
            self.look()

    def look(self) -> None:
        """Ask how the libraries fare, unless that is under way."""
        client = self._client
        if client is None or self._is_looking:
            return
        self._is_looking = True
        self._ask(lambda: client.get("/libraries", Libraries).items, self._take, self._miss)

    def choose(self, library_id: UUID) -> None:
        """Look at another library."""
        if library_id != self._chosen and self._client is not None:
            self._chosen = library_id
            self.pace = Pace()
            self._turn_pages()
            self._changed()

    def scan(self) -> None:
        """Scan the chosen library now."""
        self._do(lambda client, path: client.tell("POST", f"{path}/scan"))

    def stop(self) -> None:
        """Stop its scan; what it found stays."""
        self._do(lambda client, path: client.tell("DELETE", f"{path}/scan"))

    def edit(self, edit: LibraryEdit) -> None:
        """Change it."""
        self._do(lambda client, path: client.send("PATCH", path, edit, Library))

    def remove(self) -> None:
        """Forget it; files on the disk stay."""
        self._do(lambda client, path: client.tell("DELETE", path))

    def _do(self, deed: Callable[[Client, str], object]) -> None:
        client, library_id = self._client, self._chosen
        if client is None or library_id is None or self.is_busy:
            return
        self.is_busy, self._refused = True, ""
        self._changed()

        def done(_: object) -> None:
            self.is_busy = False
            self.look()
            self._changed()

        def miss(error: Exception) -> None:
            self.is_busy = False
            self._refused = sentence(error)
            self._changed()

        self._ask(lambda: deed(client, f"/libraries/{library_id}"), done, miss)

    def _take(self, libraries: list[Library]) -> None:
        self._is_looking = False
        if self._client is None:
            return
        self._away = ""
        self.libraries = libraries
        self.situation = "full" if libraries else "empty"
        if self.chosen is None:
            self._chosen = libraries[0].library_id if libraries else None
            self._turn_pages()
        chosen = self.chosen
        if chosen and chosen.scan:
            self.pace.note(chosen.scan)
            if not is_under_way(chosen.scan) and chosen.scan.scan_id != self._ended:
                self._turn_pages()  # a scan that ended has another history and other problems
        self._changed()

    def _turn_pages(self) -> None:
        client, chosen = self._client, self.chosen
        if client is None or chosen is None:
            return
        scan = chosen.scan
        self._ended = scan.scan_id if scan and not is_under_way(scan) else None
        self.history.begin(client, chosen.library_id)
        self.problems.begin(client, chosen.library_id)

    def _miss(self, error: Exception) -> None:
        self._is_looking = False
        self._away = sentence(error)
        if not self.libraries:
            self.situation = "away"
        self._changed()


class Form:
    """A library as it is to be; what is not changed is not sent."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.name = library.name
        self.roots = [
            RootEdit(root_id=root.root_id, path=root.path or "") for root in library.roots
        ]
        self.is_watched = library.is_watched
        self.scans_nightly = library.scans_nightly
        self._before = list(self.roots)

    @property
    def can_save(self) -> bool:
        """Whether something is changed, and it could be so."""
        return bool(self.name.strip() and self.roots) and self.edit() != LibraryEdit(
            name=None, roots=None, is_watched=None, scans_nightly=None
        )

    def add(self, path: str) -> None:
        """Have another folder; one that is there already stays single."""
        if path not in [root.path for root in self.roots]:
            self.roots.append(RootEdit(root_id=None, path=path))

    def move(self, index: int, path: str) -> None:
        """Find a folder at another place from now on."""
        self.roots[index] = RootEdit(root_id=self.roots[index].root_id, path=path)

    def take_out(self, index: int) -> None:
        """Have a folder no longer."""
        del self.roots[index]

    def leaves(self) -> bool:
        """Return whether films leave the library with their folders."""
        kept = {root.root_id for root in self.roots}
        return any(root.root_id not in kept for root in self._before)

    def edit(self) -> LibraryEdit:
        """Return what is different."""
        was, name = self._library, self.name.strip()
        return LibraryEdit(
            name=name if name != was.name else None,
            roots=self.roots if self.roots != self._before else None,
            is_watched=self.is_watched if self.is_watched != was.is_watched else None,
            scans_nightly=self.scans_nightly if self.scans_nightly != was.scans_nightly else None,
        )


class Entry(Struct, frozen=True, kw_only=True):
    """A library in the list."""

    library_id: UUID
    name: str
    state: str


def entry(library: Library) -> Entry:
    """Return how a library stands in the list."""
    return Entry(library_id=library.library_id, name=library.name, state=_short(library))


def _short(library: Library) -> str:
    scan = library.scan
    if any(root.state == "offline" for root in library.roots):
        return t("libraries.short.offline")
    if scan and scan.state in {"waiting", "running", "failed"}:
        return t(f"libraries.short.{scan.state}")
    return t("libraries.short.films", count=number(library.item_count))


def root_line(root: Root) -> str:
    """Return a folder as a line."""
    path = root.path or t("libraries.root.hidden")
    return path if root.state == "online" else t("libraries.root.offline", path=path)


def scan_text(scan: Scan, pace: Pace) -> str:
    """Return how the latest scan fares or ended."""
    text = in_words(scan, pace.rate_per_s)
    if scan.error_count:
        text = f"{text}\n{t('pace.unread', count=number(scan.error_count))}"
    return text


def history_line(scan: Scan) -> str:
    """Return a scan as a line of the history: when, how long, how many, how it ended."""
    parts = [moment(scan.started_at), t(f"libraries.scan.{scan.state}")]
    if scan.ended_at is not None:
        parts.append(duration((scan.ended_at - scan.started_at).total_seconds()))
    parts.append(t("libraries.scan.files", count=number(scan.found_count)))
    if scan.error_count:
        parts.append(t("pace.unread", count=number(scan.error_count)))
    line = " · ".join(parts)
    return f"{line}\n{scan.error.detail}" if scan.error else line


def problem_line(problem: Problem) -> str:
    """Return a problem: what, where and why."""
    return f"{t(f'libraries.problem.{problem.kind}')}: {problem.path}\n{problem.detail}"


def moment(instant: datetime) -> str:
    """Return a point in time in the time of this computer."""
    return instant.astimezone().strftime(t("moment"))


def _scans(client: Client, library_id: UUID, query: str) -> tuple[list[Scan], str | None]:
    page = client.get(f"/libraries/{library_id}/scans{query}", ScanPage)
    return page.items, page.next_cursor


def _problems(client: Client, library_id: UUID, query: str) -> tuple[list[Problem], str | None]:
    page = client.get(f"/libraries/{library_id}/problems{query}", ProblemPage)
    return page.items, page.next_cursor
