"""The steps of the setup and what each takes."""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from server.kernel.errors import Denied
from server.services.auth.model import Language, NewPassword, SessionMode, UserName

StepName = Literal["language", "database", "administrator", "library"]
Code = Annotated[str, Meta(max_length=64, description="The one-time code of the console")]


class CodeWrong(Denied):
    """Only who can read the server's console may claim the server."""

    code = "setup.code_wrong"


class SetupStep(Struct, frozen=True, kw_only=True):
    """A step: what it is called in the clients' texts, and how far it is."""

    name: StepName
    is_required: bool
    state: Literal["open", "done", "skipped"]


class Setup(Struct, frozen=True, kw_only=True):
    """The steps in their order; complete when no required step is open and no other is undecided."""

    is_complete: bool
    steps: list[SetupStep]


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


class DatabaseWish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The address of a PostgreSQL that may take the place of the server's own."""

    code: Code
    url: Annotated[str, Meta(min_length=1, max_length=2048)]


class DatabaseNotice(StrEnum):
    """What a test of a database says when the database itself did not refuse."""

    USABLE = "setup.database_usable"
    USED = "setup.database_used"
    WITHOUT_ROLES = "setup.database_without_roles"
    UNREACHABLE = "setup.database_unreachable"


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
