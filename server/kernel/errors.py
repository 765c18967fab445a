"""The errors that slices raise: eight families, each subclass with a code that the clients know."""

from typing import Any, ClassVar


class RevengeError(Exception):
    """Base of all errors that reach a client; the text is made at the edge from `code` and `context`.

    `context` holds the named fields of the sentence in `server/locales/*.json`. Never put a secret in it.
    """

    code: ClassVar[str] = "internal"

    def __init__(self, **context: Any) -> None:
        super().__init__(self.code, context)
        self.context = context

    def __str__(self) -> str:
        return f"{self.code} {self.context}" if self.context else self.code


class FieldError(Exception):
    """One wrong value inside a request; `path` is a JSON path such as `$.name` or a parameter name."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(path, detail)
        self.path = path
        self.detail = detail


class NotFound(RevengeError):
    """The thing does not exist, or this viewer may not know that it does."""

    code = "not_found"


class Invalid(RevengeError):
    """The request makes no sense as it stands; `errors` names the wrong fields."""

    code = "invalid"

    def __init__(self, *, errors: tuple[FieldError, ...] = (), **context: Any) -> None:
        super().__init__(**context)
        self.errors = errors


class Conflict(RevengeError):
    """The request collides with what is there."""

    code = "conflict"


class Unauthenticated(RevengeError):
    """Nobody is signed in, or the session ended."""

    code = "unauthenticated"


class Denied(RevengeError):
    """Signed in, but without the right to do this."""

    code = "denied"


class Limited(RevengeError):
    """Too many tries; `retry_after_s` says when the next one is welcome."""

    code = "limited"

    def __init__(self, *, retry_after_s: int, **context: Any) -> None:
        super().__init__(retry_after_s=retry_after_s, **context)
        self.retry_after_s = retry_after_s


class TriesSpent(Limited):
    """Too many tries to prove who one is; a route that may raise this checks something secret, which is costly."""


class Unavailable(RevengeError):
    """A part that this request needs is not there right now; trying again later makes sense."""

    code = "unavailable"
    retry_after_s = 2


class Gone(RevengeError):
    """It was here and will not come back."""

    code = "gone"
