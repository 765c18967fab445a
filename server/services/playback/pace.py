"""How fast this machine makes pictures anew: measured when that first matters."""

import asyncio
from typing import Final

from server.kernel.log import get_log
from server.kernel.workers import WorkerFailed, WorkerLost, Workers
from server.media.hls.model import MeasureEncoding

_TIMEOUT_S: Final = 30.0
_SHARE: Final = 0.8
"""The rest is for reading the film, which is not measured."""

log = get_log(__name__)


class Pace:
    """Pixels a second; a measurement that something else disturbed is outdone by a later one."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._measuring = asyncio.Lock()
        self._px_per_s = 0.0

    async def px_per_s(self) -> float | None:
        """Return how many pixels of film this machine makes a second; None where it cannot be measured."""
        async with self._measuring:
            if not self._px_per_s:
                await self._measure()
        return self._px_per_s or None

    async def measured_again(self) -> float | None:
        """Return the same after another measurement."""
        async with self._measuring:
            await self._measure()
        return self._px_per_s or None

    async def _measure(self) -> None:
        try:
            px_per_s = await self._workers.run(MeasureEncoding(), timeout_s=_TIMEOUT_S)
        except (WorkerFailed, WorkerLost) as error:
            log.warning("encoding was not measured", reason=str(error))
            return
        self._px_per_s = max(self._px_per_s, _SHARE * px_per_s)
        log.info("encoding measured", px_per_s=round(px_per_s))
