"""The steps of the setup and what each takes."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from server.kernel.errors import Denied
from server.services.auth.model import Language, NewPassword, UserName

StepName = Literal["administrator", "library"]


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

    code: Annotated[str, Meta(max_length=64)]
    name: UserName
    password: NewPassword
    language: Language = "en"


class FirstLibrary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first folder of films, as a path on the server's computer."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    name: Annotated[str, Meta(max_length=200)] = ""


class StepRow(Struct, frozen=True, kw_only=True):
    """A step that was decided."""

    step: str
    state: Literal["done", "skipped"]
