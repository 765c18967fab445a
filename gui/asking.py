"""How presenters have the server asked, off the main thread, without knowing how."""

from collections.abc import Callable
from typing import Protocol

from gui.api import Refused, Unreachable
from gui.texts import t


class Ask(Protocol):
    """Runs a call elsewhere, then tells its result, or what it raised, where it was asked."""

    def __call__[T](
        self,
        call: Callable[[], T],
        on_result: Callable[[T], object],
        on_error: Callable[[Exception], object],
        /,
    ) -> object:
        """Return at once."""
        ...


def sentence(error: Exception) -> str:
    """Return what went wrong, in words for a person."""
    match error:
        case Refused():
            return error.detail or t("failure.refused", status=error.status)
        case Unreachable():
            return t("failure.unreachable")
        case _:
            return t("failure.unexpected", error=type(error).__name__)
