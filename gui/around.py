"""Looks for other servers in the network, now and then."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, Signal

from gui.errand import Errand, Program
from gui.others import Other, others, own_id

_EVERY_MS: Final = 30_000
_LIMIT_MS: Final = 15_000
_WORDS: Final = ("discover", "--json", "--lifeline")


class Around(QObject):
    """Looks around when asked to, at most every half a minute. `changed` tells that `found` is another."""

    changed = Signal()

    def __init__(self, parent: QObject, program: Program, id_file: Path) -> None:
        super().__init__(parent)
        self.found: Sequence[Other] | None = None
        self._program = program
        self._id_file = id_file
        self._is_looking = False
        self._since = QElapsedTimer()

    def look(self) -> None:
        """Look around, unless that was done just now."""
        if self._is_looking or (self._since.isValid() and self._since.elapsed() < _EVERY_MS):
            return
        self._is_looking = True
        Errand(self, self._program, _WORDS, self._take, limit_ms=_LIMIT_MS)

    def _take(self, said: bytes | None) -> None:
        self._is_looking = False
        self._since.start()
        found = others(said or b"", own_id(self._id_file))
        if found != self.found:
            self.found = found
            self.changed.emit()
