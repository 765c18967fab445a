"""How the server ends: asked once it ends gently, twice quickly, three times at once."""

import asyncio
import os
from collections.abc import Callable

from server.kernel.log import get_log

log = get_log(__name__)

SIGNAL_S = 10.0
COMMAND_S = 5.0
LIFELINE_S = 2.0
JOBS_S = 3.0
_FORCED_STATUS = 1


class Stop:
    """The one wish to stop. `cancel` breaks off what is left when the gentle way takes too long."""

    def __init__(
        self, cancel: Callable[[], object], *, exit_now: Callable[[int], object] = os._exit
    ) -> None:
        self._asked = asyncio.Event()
        self._cancel = cancel
        self._exit_now = exit_now
        self._signal_count = 0
        self._is_forced = False
        self.why: str | None = None
        self.grace_s = SIGNAL_S / 3
        self.jobs_s = JOBS_S

    @property
    def is_asked(self) -> bool:
        """Return whether the end has begun."""
        return self._asked.is_set()

    async def wait(self) -> None:
        """Return when somebody asks."""
        await self._asked.wait()

    def ask(self, why: str, *, within_s: float) -> None:
        """Begin the end; after 3/4 of the time what is left is broken off, at its end the process exits.

        A third of the time, `grace_s`, is for open connections; `jobs_s` is for jobs, unless it has to
        be quick. A later wish may only be shorter, and its reason counts.
        """
        self.why = why
        log.info("stopping", why=why, within_s=within_s)
        self.grace_s = min(self.grace_s, within_s / 3)
        if within_s <= LIFELINE_S:
            self.jobs_s = 0.0
        self._asked.set()
        loop = asyncio.get_running_loop()
        loop.call_later(within_s * 0.75, self.force)
        loop.call_later(within_s, self._exit_now, _FORCED_STATUS)

    def signal(self, name: str) -> None:
        """Count a signal: gentle, quick, at once."""
        self._signal_count += 1
        match self._signal_count:
            case 1:
                self.ask(name, within_s=SIGNAL_S)
            case 2:
                self.ask(name, within_s=LIFELINE_S)
                self.force()
            case _:
                self._exit_now(_FORCED_STATUS)

    def force(self) -> None:
        """Break off what is left; the children are still stopped in order."""
        if not self._is_forced:
            self._is_forced = True
            log.warning("stop forced")
            self._cancel()
