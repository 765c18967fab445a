"""What the window of the diagnostics knows, shows and saves. Without Qt."""

import errno
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from gui.api import Client, Document
from gui.asking import Ask
from gui.diagnosis import Diagnosis, Unreadable, write
from gui.seen import size
from gui.texts import t

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_RIGHT: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Sheaf:
    """The documents as they were gathered; what is saved is what was shown."""

    def __init__(
        self,
        ask: Ask,
        changed: Callable[[], object],
        control: Callable[[], Client | None],
        gather: Callable[[Client | None], Diagnosis],
    ) -> None:
        self.documents: Sequence[Document] = ()
        self.note = ""
        self.error = ""
        self.is_busy = False
        self._ask = ask
        self._changed = changed
        self._control = control
        self._gather = gather

    @property
    def can_save(self) -> bool:
        """Whether there is something to save."""
        return bool(self.documents) and not self.is_busy

    def refresh(self) -> None:
        """Gather anew."""
        if not self.is_busy:
            self._begin("diagnostics.gathering")
            control = self._control()
            self._ask(lambda: self._gather(control), self._take, self._miss)

    def save(self, path: Path) -> None:
        """Write what is shown to a file."""
        if self.can_save:
            documents = self.documents
            self._begin("diagnostics.saving")
            self._ask(
                lambda: write(documents, path),
                lambda _: self._end(note=t("diagnostics.saved", path=path)),
                lambda error: self._end(error=why_not(error, path)),
            )

    def _take(self, diagnosis: Diagnosis) -> None:
        self.documents = diagnosis.documents
        source = "server" if diagnosis.is_of_server else "files"
        self._end(note=t(f"diagnostics.from.{source}"))

    def _miss(self, error: Exception) -> None:
        reason = error if isinstance(error, Unreadable) else type(error).__name__
        self._end(error=t("diagnostics.failed", reason=reason))

    def _begin(self, code: str) -> None:
        self.is_busy, self.note, self.error = True, t(code), ""
        self._changed()

    def _end(self, *, note: str = "", error: str = "") -> None:
        self.is_busy, self.note, self.error = False, note, error
        self._changed()


def line(document: Document) -> str:
    """Return how a document stands in the list."""
    return f"{document.name}\n{size(document.size_bytes)}"


def file_name(today: date) -> str:
    """Return what the file is called where nobody says otherwise."""
    return f"revenge-diagnostics-{today.isoformat()}.zip"


def why_not(error: Exception, path: Path) -> str:
    """Return why a file could not be written, in words for a person."""
    number = getattr(error, "errno", None)
    if number in _FULL:
        return t("diagnostics.save.full", path=path)
    if number in _NO_RIGHT:
        return t("diagnostics.save.no_right", path=path)
    reason = getattr(error, "strerror", None) or type(error).__name__
    return t("diagnostics.save.failed", path=path, reason=reason)
