"""The configuration file while the server runs: a change is taken over whole, or, with the reason, not at all."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.boot import sentence
from app.paths import environment
from server.kernel.config import (
    ConfigFileGone,
    ConfigFileUnreadable,
    ConfigInvalid,
    ConfigStale,
    Entry,
    Loaded,
    Problem,
    change,
    load,
    problem,
    read_config_file,
)
from server.kernel.config.keys import FILE_VARIABLES
from server.kernel.health import Check
from server.kernel.log import get_log

log = get_log(__name__)

LOOK_S: Final = 1.0
_UNREADABLE: Final = {
    "config.not_utf8",
    "config.secret_unreadable",
    "config.too_large",
    "config.unreadable",
}

type _Mark = tuple[int, ...] | int | None


class ConfigFile:
    """Watches the file, and the files of secrets, for what differs from `loaded`."""

    def __init__(
        self, path: Path, loaded: Loaded, from_setup: Sequence[Entry], *, look_s: float = LOOK_S
    ) -> None:
        secrets = (environment.get(variable, "").strip() for variable in FILE_VARIABLES)
        self._path = path
        self._watched = (path, *(Path(secret) for secret in secrets if secret))
        self._from_setup = from_setup
        self._look_s = look_s
        self._running = loaded
        self._read_last = loaded
        self._waiting: tuple[str, ...] = ()
        self._problems: tuple[Problem, ...] = ()
        self._asked = asyncio.Event()
        self.check = Check(name="configuration", category="warm", interval_s=2, run=self._check)

    def ask(self) -> None:
        """Have the file read now, changed or not."""
        self._asked.set()

    async def watch(self, take: Callable[[Loaded], None]) -> None:
        """Look every second, and hand on what holds from now on, until cancelled.

        A file is read when two looks saw the same: until then somebody may still write it.
        """
        known: tuple[_Mark, ...] | None = None
        seen: tuple[_Mark, ...] | None = None
        while True:
            is_asked = await self._pause()
            before, seen = seen, await asyncio.to_thread(self._marks)
            if is_asked or before == seen != known:
                await self._look(take)
                known = None if isinstance(self._refusal, ConfigFileUnreadable) else seen

    async def _pause(self) -> bool:
        """Wait for the next look, or until somebody asks; return whether somebody did."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), self._look_s)
        is_asked = self._asked.is_set()
        self._asked.clear()
        return is_asked

    async def _look(self, take: Callable[[Loaded], None]) -> None:
        try:
            fresh = await asyncio.to_thread(self._read)
        except ConfigInvalid as error:
            self._refuse(error.problems)
            return
        self._problems = ()
        new = change(self._running, fresh)
        for warning in fresh.warnings:
            if warning not in self._read_last.warnings:
                log.warning("configuration", problem=sentence(warning))
        if (new.loaded.config, new.loaded.said) != (self._running.config, self._running.said):
            take(new.loaded)
        self._read_last, self._running = fresh, new.loaded
        if new.changed:
            log.info("configuration changed", keys=list(new.changed))
        if new.waiting and new.waiting != self._waiting:
            log.warning("takes effect after a restart", keys=list(new.waiting))
        self._waiting = new.waiting

    def _read(self) -> Loaded:
        """Read the file as a start would. Blocking. Raises: ConfigInvalid."""
        text = read_config_file(self._path)
        was_used = any(said.origin == "file" for said in self._read_last.said.values())
        if was_used and not (text or "").strip():
            raise ConfigInvalid((problem("config.gone", str(self._path)),))
        return load(environment, text, source=str(self._path), chosen=self._from_setup)

    def _refuse(self, problems: tuple[Problem, ...]) -> None:
        """Keep what holds; say once why."""
        if problems != self._problems:
            for one in problems:
                log.warning("configuration not taken over", problem=sentence(one))
        self._problems = problems

    @property
    def _refusal(self) -> ConfigStale | None:
        """Why the file as it is now does not hold, in words that name no place and no value."""
        if not self._problems:
            return None
        code = self._problems[0].code
        if code == "config.gone":
            return ConfigFileGone()
        return ConfigFileUnreadable() if code in _UNREADABLE else ConfigStale()

    async def _check(self) -> None:
        if (refusal := self._refusal) is not None:
            raise refusal

    def _marks(self) -> tuple[_Mark, ...]:
        return tuple(_mark(path) for path in self._watched)


def _mark(path: Path) -> _Mark:
    """Return what differs when a file was written, replaced, or put behind another link. Blocking."""
    try:
        status = path.stat()
    except OSError as error:
        return error.errno
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
