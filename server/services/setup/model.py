"""The steps of the setup and what each takes."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from server.kernel.errors import Conflict, Denied, Invalid, Unavailable
from server.services.auth.model import Language, NewPassword, SessionMode, UserName

StepName = Literal["language", "database", "administrator", "library"]
Code = Annotated[str, Meta(max_length=64, description="The one-time code of the console")]


class CodeWrong(Denied):
    """Only who can read the server's console may claim the server."""

    code = "setup.code_wrong"


class DatabasePinned(Conflict):
    """The environment or the configuration file says which database is used."""

    code = "setup.database_pinned"


class DatabaseUnusable(Invalid):
    """The database was tried, and said no."""

    code = "setup.database_unusable"


class DatabaseNotKept(Unavailable):
    """The choice cannot be written down."""

    code = "setup.database_not_kept"


class DatabaseFailed(Unavailable):
    """The chosen database answers, but no server starts on it."""

    code = "setup.database_failed"


class Restarting(Unavailable):
    """The server is about to start again on another database."""

    code = "setup.restarting"


class SetupStep(Struct, frozen=True, kw_only=True):
    """A step: what it is called in the clients' texts, and how far it is."""

    name: StepName
    is_required: bool
    state: Literal["open", "done", "skipped"]


class SetupDatabase(Struct, frozen=True, kw_only=True):
    """The database that the server stands on.

    `pinned_by` says that only the environment or the configuration file can change it, `problem` in words
    why the one that was chosen last is not used. While `is_restarting` the server is on its way to another.
    """

    is_external: bool
    is_restarting: bool
    pinned_by: Literal["env", "file"] | None
    problem: str | None


class Setup(Struct, frozen=True, kw_only=True):
    """The steps in their order; complete when no required step is open and no other is undecided.

    `database` is there while nobody has claimed the server.
    """

    is_complete: bool
    steps: list[SetupStep]
    database: SetupDatabase | None


class FirstAdministrator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first account, with the one-time code that the server's console shows."""

    code: Code
    name: UserName
    password: NewPassword
    language: Language = "en"
    mode: SessionMode = "cookie"
    device_name: Annotated[str, Meta(max_length=200)] = ""


class StepDecided(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step to leave as it is: the language of the client, or the database that runs."""

    code: Code
    step: Literal["language", "database"]


DatabaseUrl = Annotated[str, Meta(min_length=1, max_length=2048)]


class DatabaseWish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of a PostgreSQL that may take the place of the server's own."""

    code: Code
    url: DatabaseUrl


class DatabaseChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of the PostgreSQL to use from now on; without one it is the server's own."""

    code: Code
    url: DatabaseUrl | None


class DatabaseNotice(StrEnum):
    """What is said of a database when it did not itself refuse."""

    USABLE = "setup.database_usable"
    USED = "setup.database_used"
    WITHOUT_ROLES = "setup.database_without_roles"
    UNREACHABLE = "setup.database_unreachable"
    INCOMPLETE = "setup.database_incomplete"
    OPTIONS = "setup.database_options"
    LEFT = "setup.database_left"


class DatabaseTest(Struct, frozen=True, kw_only=True):
    """What a test of a database found, in words; nothing was changed there."""

    is_usable: bool
    code: str
    detail: str


class FirstLibrary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first folder of films, as a path on the server's computer."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    name: Annotated[str, Meta(max_length=200)] = ""


class StepRow(Struct, frozen=True, kw_only=True):
    """A step that was decided."""

    step: str
    state: Literal["done", "skipped"]
