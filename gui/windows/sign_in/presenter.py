"""What signing in asks and answers. Without Qt."""

from gui.api import Refused
from gui.texts import t


def can_try(name: str, password: str) -> bool:
    """Return whether there is something to try."""
    return bool(name.strip() and password)


def why_not(error: Exception) -> str:
    """Return the sentence under the fields."""
    if isinstance(error, Refused):
        return error.detail or t("sign_in.refused")
    return t("sign_in.unreachable")
