"""`database.json`: the PostgreSQL that was chosen in the setup, mode 0600, for its address holds a password.

A choice is on trial until a start on it went well; where that fails the server goes on with what it had before.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from app.failure import StartFailed, unusable
from server.kernel.config import Config, Entry, Loaded
from server.kernel.errors import RevengeError
from server.kernel.log import get_log
from server.kernel.secret import SecretUrl
from server.kernel.storage import write_whole

log = get_log(__name__)

KEY: Final = "database.url"


class Choice(Struct, frozen=True, kw_only=True):
    """What the file holds. An address that is None is the server's own PostgreSQL.

    `url_before` is what a failed trial falls back to; `code` is the setup's, kept through the restart.
    """

    url: str | None
    url_before: str | None = None
    code: str | None = None
    is_proven: bool = False

    def __repr__(self) -> str:
        return f"Choice(is_proven={self.is_proven})"


def read_choice(file: Path) -> Choice | None:
    """Return what was chosen, None where nothing was. Raises: StartFailed."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Choice)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise StartFailed(
            f"The file {file} is damaged. It names the database that was chosen in the setup: restore it from a backup. "
            "Without the file the server uses its built-in database.",
            code="database.choice_damaged",
            file=str(file),
            folder=str(file.parent),
        ) from error
    except OSError as error:
        raise unusable(file, "read", error) from error


def chosen(file: Path) -> list[Entry]:
    """Return what the choice says to the configuration. Raises: StartFailed."""
    choice = read_choice(file)
    if choice is None or choice.url is None:
        return []
    return [Entry(name=KEY, value=choice.url, origin="setup", where=str(file))]


class Home:
    """Which database this run stands on, and the way to another one. `restart` ends this run and begins the next."""

    def __init__(self, file: Path, loaded: Loaded, restart: Callable[[], None]) -> None:
        self._file = file
        self._restart = restart
        self._choice = read_choice(file)
        self._config = loaded.config
        self._where = loaded.where(KEY)
        said = loaded.said.get(KEY)
        self.pinned_by: Literal["env", "file"] | None = (
            said.origin if said is not None and said.origin != "setup" else None
        )
        self.pinned = loaded.places
        self.kept_code = self._choice.code if self._choice else None
        self.refusal: RevengeError | None = None

    @property
    def config(self) -> Config:
        """The configuration with the database that this run stands on."""
        return self._config

    @property
    def is_chosen(self) -> bool:
        """Whether that is an external one, which the setup chose."""
        return self.pinned_by is None and self._config.database.url is not None

    @property
    def is_on_trial(self) -> bool:
        """Whether no start on it has gone well yet."""
        choice = self._choice
        return self.pinned_by is None and choice is not None and not choice.is_proven

    @property
    def place(self) -> str:
        """Where its address stands, for a sentence that says what to mend."""
        if self.is_chosen:
            return str(self._file)
        return f"{KEY} ({self._where})"

    async def move(self, url: str | None, code: str) -> None:
        """Have the next start use another one, its own where `url` is None, and begin it. Raises: OSError."""
        before = self._config.database.url if self.is_chosen else None
        choice = Choice(url=url, url_before=before.reveal() if before else None, code=code)
        await asyncio.to_thread(self._write, choice)
        self._restart()

    def prove(self) -> None:
        """Note that a start went well: from now on only a person leads away from it. Blocking. Raises: StartFailed."""
        if not self.is_on_trial or self._choice is None:
            return
        try:
            self._keep(Choice(url=self._choice.url, is_proven=True))
        except OSError as error:
            raise unusable(self._file, "written", error) from error

    def give_up(self, error: Exception) -> None:
        """Go on with the database before, after a trial that failed. Blocking."""
        from server.services.setup.model import DatabaseFailed  # noqa: PLC0415 (loaded by now)

        cause = error.__cause__
        self.refusal = cause if isinstance(cause, RevengeError) else DatabaseFailed()
        log.warning("the chosen database cannot be used", code=self.refusal.code, exc_info=error)
        before = self._choice.url_before if self._choice else None
        database = replace(self._config.database, url=SecretUrl(before) if before else None)
        self._config = replace(self._config, database=database)
        try:
            self._keep(Choice(url=before, is_proven=True))
        except OSError as problem:
            log.warning("the next start tries the chosen database again", reason=problem.strerror)

    def _keep(self, choice: Choice) -> None:
        """Replace the choice; the server's own database needs no file."""
        if choice.url is None:
            self._file.unlink(missing_ok=True)
        else:
            self._write(choice)
        self._choice = choice

    def _write(self, choice: Choice) -> None:
        write_whole(self._file, msgspec.json.encode(choice), is_private=True)
