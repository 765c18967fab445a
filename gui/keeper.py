"""Keeps the session of the windows in the keyring of the system; where none can be used, in a file."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from gui.errand import Errand, Program
from gui.session import Session, SessionFile

_LIMIT_MS: Final = 30_000
"""The keyring may ask a person for its password."""


class Keeper(QObject):
    """One session. `changed` tells that `is_in_file` is another: whether only the permissions of a file protect the session.

    A session in the file is later than one in the keyring, and moves there as soon as that can be used. A new deed
    takes the place of one that is under way.
    """

    changed = Signal()

    def __init__(self, parent: QObject, program: Program, file: SessionFile) -> None:
        super().__init__(parent)
        self.is_in_file = False
        self._program = program
        self._file = file
        self._errand: Errand | None = None
        self._unkept: Session | None = None

    def load(self, on_session: Callable[[Session | None], object]) -> None:
        """Tell the session that is kept, at once or later; None where there is none that can be read."""
        kept = self._file.load()
        if kept is None:
            self._do("read", lambda said: on_session(_session(said or b"")))
        else:
            on_session(kept)
            self.keep(kept)

    def keep(self, session: Session) -> None:
        """Replace what is kept."""
        self._unkept = session
        self._do("keep", partial(self._settle, session)).give(msgspec.json.encode(session))

    def forget(self) -> None:
        """Keep nothing any more."""
        self._unkept = None
        self._file.forget()
        self._place(is_in_file=False)
        self._do("forget", lambda _: None)

    def close(self) -> None:
        """Wait for nothing: what the keyring has not taken yet is kept in the file."""
        if self._unkept is not None:
            self._settle(self._unkept, None)
        if self._errand is not None:
            self._errand.stop()
            self._errand = None

    def _do(
        self, deed: Literal["read", "keep", "forget"], on_end: Callable[[bytes | None], object]
    ) -> Errand:
        def end(said: bytes | None) -> None:
            self._errand = None
            on_end(said)

        if self._errand is not None:
            self._errand.stop()
        self._errand = Errand(self, self._program, ("keyring", deed), end, limit_ms=_LIMIT_MS)
        return self._errand

    def _settle(self, session: Session, said: bytes | None) -> None:
        """Keep it in the file where the keyring did not take it."""
        self._unkept = None
        if said is None:
            with contextlib.suppress(OSError):  # then it lasts as long as we do
                self._file.keep(session)
        else:
            self._file.forget()
        self._place(is_in_file=said is None)

    def _place(self, *, is_in_file: bool) -> None:
        if is_in_file != self.is_in_file:
            self.is_in_file = is_in_file
            self.changed.emit()


def _session(said: bytes) -> Session | None:
    try:
        return msgspec.json.decode(said, type=Session)
    except msgspec.MsgspecError:
        return None
