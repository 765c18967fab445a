"""The server as the windows see it: what they show of it, and one client to ask for it. Blocking: only in a `Query`."""

import http.client
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from gui.texts import language

Instant = Annotated[datetime, Meta(tz=True)]
HealthStatus = Literal["healthy", "degraded", "unhealthy"]
PhaseName = Literal["postgres", "migrate", "modules", "ready", "stopping"]

TIMEOUT_S: Final = 5.0
_ANSWER_BYTES_MAX: Final = 16 * 1024**2
_DIGIT_COUNT: Final = 6
_WAIT_MAX_S: Final = 86_400
_OK_STATUSES: Final = range(200, 300)


class Failed(Exception):
    """The server could not be asked, or said no."""


class Unreachable(Failed):
    """Nobody answers, or what answers is not our server."""


class Refused(Failed):
    """The server answered with a problem: its code for programs, its sentence for people.

    `retry_after_s` is when another try is welcome, where that was said; `wrong` are the paths of wrong values.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        retry_after_s: int = 0,
        wrong: Sequence[str] = (),
    ) -> None:
        super().__init__(detail or code)
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.wrong = wrong


class WrongField(Struct, frozen=True, kw_only=True):
    """A value that the server does not take."""

    path: str


class APIError(Struct, frozen=True, kw_only=True):
    """An answer that says no."""

    code: str
    detail: str
    errors: list[WrongField] = []


class Client:
    """Asks one server; `token` is a session's, or control's."""

    def __init__(self, base_url: str, token: str = "", *, timeout_s: float = TIMEOUT_S) -> None:
        self.base_url = base_url
        self._token = token
        self._timeout_s = timeout_s

    def get[T](self, path: str, answer: type[T], *, ok: frozenset[int] = frozenset()) -> T:
        """Return what lies at a path; statuses in `ok` are answers too. Raises: Failed."""
        return self._ask("GET", path, None, answer, ok)

    def send[T](self, method: str, path: str, body: object, answer: type[T]) -> T:
        """Return the answer to a request that changes something. Raises: Failed."""
        return self._ask(method, path, body, answer, frozenset())

    def tell(self, method: str, path: str, body: object = None) -> None:
        """Send a request whose answer says nothing. Raises: Failed."""
        self._exchange(method, path, body, frozenset())

    def _ask[T](
        self, method: str, path: str, body: object, answer: type[T], ok: frozenset[int]
    ) -> T:
        try:
            return msgspec.json.decode(self._exchange(method, path, body, ok), type=answer)
        except msgspec.MsgspecError as error:
            raise Unreachable(f"{self.base_url}{path}: {error}") from error

    def _exchange(self, method: str, path: str, body: object, ok: frozenset[int]) -> bytes:
        target = urlsplit(self.base_url)
        kind = (
            http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(target.netloc, timeout=self._timeout_s)
        content = b"" if body is None else msgspec.json.encode(body)
        try:
            connection.request(method, target.path.rstrip("/") + path, content, self._headers(body))
            reply = connection.getresponse()
            text = reply.read(_ANSWER_BYTES_MAX)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{self.base_url}: {error}") from error
        finally:
            connection.close()
        if reply.status in _OK_STATUSES or reply.status in ok:
            return text
        raise _refusal(reply.status, text, reply.headers.get("Retry-After", ""))

    def _headers(self, body: object) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Language": language()}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers


class ProgramState(Struct, frozen=True, kw_only=True):
    """How a program that the server watches over fares; `reason` says why it last ended, `cause` the code of that."""

    state: Literal["starting", "running", "restarting", "stopped"]
    reason: str | None
    cause: str | None


class Failure(Struct, frozen=True, kw_only=True):
    """Why a server ended by itself; `context` holds the named fields of the sentence of `code`."""

    code: str
    reason: str
    context: dict[str, str | int | None]


class Result(Struct, frozen=True, kw_only=True):
    """How a part of the server fares; `code` says why not."""

    name: str
    category: Literal["critical", "warm", "cold"]
    state: Literal["unknown", "healthy", "unhealthy"]
    latency_ms: int | None
    error: Literal["timeout", "failed"] | None
    code: str | None


class Status(Struct, frozen=True, kw_only=True):
    """What control says of the server; `setup_code` is there while no administrator exists.

    It listens on `host`; browsers on this computer reach it at `address`.
    """

    version: str
    host: str
    address: str
    phase: PhaseName
    done_count: int
    total_count: int
    is_ready: bool
    health: HealthStatus | None
    checks: list[Result]
    failure: Failure | None
    postgres: ProgramState | None
    cache: ProgramState | None
    search: ProgramState | None
    setup_code: str | None


class Logs(Struct, frozen=True, kw_only=True):
    """The latest lines of the log, oldest first, secrets masked."""

    lines: list[str]


class Document(Struct, frozen=True, kw_only=True):
    """A file of the diagnostics."""

    name: str
    size_bytes: int
    text: str


class Documents(Struct, frozen=True, kw_only=True):
    """What the diagnostics hold."""

    items: list[Document]


class Stopping(Struct, frozen=True, kw_only=True):
    """The stop has begun."""

    is_stopping: bool


class Ready(Struct, frozen=True, kw_only=True):
    """Whether the server can serve, part by part."""

    status: HealthStatus
    checks: list[Result]


class Login(Struct, frozen=True, kw_only=True):
    """Name and password, for a session that is a token."""

    name: str
    password: str
    mode: Literal["cookie", "token"] = "token"
    device_name: str = "Revenge Desktop"


class User(Struct, frozen=True, kw_only=True):
    """Who signed in."""

    name: str
    role: Literal["administrator", "member"]


class SignedIn(Struct, frozen=True, kw_only=True):
    """A session; the token is there in the answer to a login only."""

    user: User
    permissions: list[str]
    token: str | None


class PlaySession(Struct, frozen=True, kw_only=True):
    """A film that plays now."""

    session_id: UUID
    title: str
    profile_name: str
    device: str
    position_ms: int
    length_ms: int | None
    is_playing: bool


class PlaySessions(Struct, frozen=True, kw_only=True):
    """The films that play now, the latest first."""

    items: list[PlaySession]


class BackgroundWork(Struct, frozen=True, kw_only=True):
    """Whether background work rests."""

    is_paused: bool


class Root(Struct, frozen=True, kw_only=True):
    """A folder of a library."""

    root_id: UUID
    path: str | None
    state: Literal["online", "offline"]


class ScanProblem(Struct, frozen=True, kw_only=True):
    """Why a scan failed."""

    code: str
    detail: str


class Scan(Struct, frozen=True, kw_only=True):
    """How far a scan is: of the files found, so many are through."""

    scan_id: UUID
    state: Literal["waiting", "running", "done", "failed"]
    phase: Literal["walk", "probe", "done"]
    found_count: int
    done_count: int
    error_count: int
    started_at: Instant
    ended_at: Instant | None
    error: ScanProblem | None


class Library(Struct, frozen=True, kw_only=True):
    """A library with its folders and its latest scan."""

    library_id: UUID
    name: str
    kind: str
    roots: list[Root]
    item_count: int
    is_watched: bool
    scans_nightly: bool
    scan: Scan | None


class Libraries(Struct, frozen=True, kw_only=True):
    """The libraries that the session may see, in their order."""

    items: list[Library]


class ScanPage(Struct, frozen=True, kw_only=True):
    """Scans of a library, the latest first."""

    items: list[Scan]
    next_cursor: str | None


class Problem(Struct, frozen=True, kw_only=True):
    """What a library could not show, with the reason as a sentence."""

    kind: Literal["file", "missing", "folder", "link"]
    path: str
    title: str | None
    detail: str


class ProblemPage(Struct, frozen=True, kw_only=True):
    """Problems of a library, by folder and path."""

    items: list[Problem]
    next_cursor: str | None


class PreviewWish(Struct, frozen=True, kw_only=True):
    """A folder that may become a library of whatever kind it holds."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]


class PreviewItem(Struct, frozen=True, kw_only=True):
    """How a file would be shown."""

    title: str
    year: int | None


class Warned(Struct, frozen=True, kw_only=True):
    """Something to know before going on."""

    code: str
    detail: str


class Preview(Struct, frozen=True, kw_only=True):
    """What a folder would become; the count is a lower bound while `is_complete` is false."""

    kind: str
    media_count: int
    is_complete: bool
    items: list[PreviewItem]
    warnings: list[Warned]


class NewLibrary(Struct, frozen=True, kw_only=True):
    """A library to make of folders."""

    name: str
    kind: str
    paths: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=4096)]], Meta(min_length=1, max_length=50)
    ]


class RootEdit(Struct, frozen=True, kw_only=True):
    """A folder that a library is to have; with an id it is a known one."""

    root_id: UUID | None
    path: Annotated[str, Meta(min_length=1, max_length=4096)]


class LibraryEdit(Struct, frozen=True, kw_only=True):
    """How a library is to be; folders that are not named leave it, null leaves all of them."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")] | None
    roots: Annotated[list[RootEdit], Meta(min_length=1, max_length=50)] | None
    is_watched: bool | None
    scans_nightly: bool | None


class PinTry(Struct, frozen=True, kw_only=True):
    """A PIN that somebody typed."""

    pin: Annotated[str, Meta(pattern=r"^[0-9]{4,8}(?![\s\S])")]


class PinProof(Struct, frozen=True, kw_only=True):
    """What allows a change of a PIN: the account's password, or else the present PIN."""

    password: Annotated[str, Meta(min_length=1, max_length=1024)] | None
    current_pin: Annotated[str, Meta(pattern=r"^[0-9]{4,8}(?![\s\S])")] | None


class PinChange(PinProof, frozen=True, kw_only=True):
    """Another PIN for a profile."""

    pin: Annotated[str, Meta(pattern=r"^[0-9]{4,8}(?![\s\S])")]


class OwnProfile(Struct, frozen=True, kw_only=True):
    """A profile of the account."""

    profile_id: UUID
    name: str
    is_default: bool
    has_pin: bool


class OwnProfiles(Struct, frozen=True, kw_only=True):
    """The profiles of the account, the default one first."""

    items: list[OwnProfile]


class SettingsSection(Struct, frozen=True, kw_only=True):
    """The settings of one part of the server; `schema` is the JSON Schema of their form, `pinned` says what holds one fast."""

    name: str
    title: str
    schema: dict[str, Any]
    values: dict[str, Any]
    pinned: dict[str, str]


class AllSettings(Struct, frozen=True, kw_only=True):
    """All settings, by part of the server."""

    items: list[SettingsSection]


class SettingsEdit(Struct, frozen=True, kw_only=True):
    """New values of a section by name; None sets one back to its default."""

    section: str
    values: dict[str, Any]


StepName = Literal["language", "database", "administrator", "library"]


class SetupStep(Struct, frozen=True, kw_only=True):
    """A step of the setup, and how far it is."""

    name: StepName
    state: Literal["open", "done", "skipped"]


class SetupDatabase(Struct, frozen=True, kw_only=True):
    """Which database the server stands on, what holds it fast, and why the one chosen last is not used."""

    is_external: bool
    is_restarting: bool
    pinned_by: Literal["env", "file"] | None
    problem: str | None


class Setup(Struct, frozen=True, kw_only=True):
    """The steps of the setup in their order; `database` while nobody has claimed the server."""

    is_complete: bool
    steps: list[SetupStep]
    database: SetupDatabase | None


class StepDecided(Struct, frozen=True, kw_only=True):
    """A step to leave as it is."""

    code: str
    step: Literal["language", "database"]


class DatabaseWish(Struct, frozen=True, kw_only=True):
    """A PostgreSQL to try."""

    code: str
    url: str


class DatabaseChoice(Struct, frozen=True, kw_only=True):
    """A PostgreSQL to use from now on; the server's own where there is no address."""

    code: str
    url: Annotated[str, Meta(min_length=1, max_length=2048)] | None


class DatabaseTest(Struct, frozen=True, kw_only=True):
    """What came of trying it, in words."""

    is_usable: bool
    detail: str


class FirstAdministrator(Struct, frozen=True, kw_only=True):
    """The first account, and where its session is used."""

    code: str
    name: str
    password: str
    language: Literal["en", "de"]
    device_name: str
    mode: Literal["cookie", "token"] = "token"


def _refusal(status: int, text: bytes, retry_after: str) -> Refused:
    try:
        problem = msgspec.json.decode(text, type=APIError)
    except msgspec.MsgspecError:
        problem = APIError(code="", detail=f"HTTP {status}")
    is_number = retry_after.isascii() and retry_after.isdigit()
    wait_s = min(int(retry_after[:_DIGIT_COUNT]), _WAIT_MAX_S) if is_number else 0
    wrong = [one.path for one in problem.errors]
    return Refused(status, problem.code, problem.detail, wait_s, wrong)
