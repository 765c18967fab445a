"""Who the windows are: a user's session, and a file that only this user of the computer can read. Without Qt."""

import contextlib
import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from gui.api import Client, Login, SignedIn

DEVICE_NAME: Final = "Revenge Desktop"


class Session(Struct, frozen=True, kw_only=True):
    """A session and whose it is."""

    name: str
    token: str


class SessionFile:
    """Keeps one session in a file of mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Session | None:
        """Return the session that is kept; None where there is none that can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Session)
        except (OSError, msgspec.MsgspecError):
            return None

    def keep(self, session: Session) -> None:
        """Replace what is kept. Raises: OSError."""
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(session))
        draft.replace(self._path)

    def forget(self) -> None:
        """Keep nothing any more."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def sign_in(address: str, name: str, password: str) -> Session:
    """Return a new session. Blocking. Raises: Failed."""
    login = Login(name=name, password=password, mode="token", device_name=DEVICE_NAME)
    answer = Client(address).send("POST", "/api/v1/auth/login", login, SignedIn)
    return Session(name=answer.user.name, token=answer.token or "")
