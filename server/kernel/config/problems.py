"""What can be wrong with a configuration; the sentences stand in `server/locales/*.json`."""

from typing import Literal, get_args

from msgspec import Struct

from server.kernel.errors import Invalid, Unavailable

Code = Literal[
    "config.alias",
    "config.duplicate_key",
    "config.gone",
    "config.no_yaml",
    "config.not_a_choice",
    "config.not_a_number",
    "config.not_a_section",
    "config.not_a_switch",
    "config.not_a_url",
    "config.not_one_value",
    "config.not_served",
    "config.not_utf8",
    "config.secret_unreadable",
    "config.sqlite",
    "config.too_deep",
    "config.too_large",
    "config.too_short",
    "config.two_values",
    "config.unknown_key",
    "config.unknown_variable",
    "config.unreadable",
    "config.wrong_form",
]
CODES: tuple[Code, ...] = get_args(Code)


class Problem(Struct, frozen=True, kw_only=True):
    """One thing to mend, or only to know of; `where` is a variable or `path:line`.

    `context` holds the named fields of the sentence of `code`, `where` among them; never a secret.
    """

    code: Code
    context: dict[str, str | int]
    is_warning: bool = False

    @property
    def where(self) -> str:
        """The environment variable, or the file with its line."""
        return str(self.context["where"])


def problem(code: Code, where: str, **fields: str | int) -> Problem:
    """Return a problem that keeps the server from starting."""
    return Problem(code=code, context={"where": where, **fields})


def warning(code: Code, where: str, **fields: str | int) -> Problem:
    """Return a problem that the server can live with."""
    return Problem(code=code, context={"where": where, **fields}, is_warning=True)


class ConfigInvalid(Invalid):
    """The configuration cannot be used; `problems` says why, one entry for each wrong place."""

    code = "config.invalid"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problem_count=len(problems), first=problems[0].where)
        self.problems = problems


class ConfigStale(Unavailable):
    """The file was changed and holds a mistake; what was read before is in force."""

    code = "config.stale"


class ConfigFileGone(ConfigStale):
    """There is no file any more, or nothing in it; what was read before is in force."""

    code = "config.file_gone"


class ConfigFileUnreadable(ConfigStale):
    """The file, or that of a secret, cannot be read any more; what was read before is in force."""

    code = "config.file_unreadable"
