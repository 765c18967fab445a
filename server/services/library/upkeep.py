"""What libraries need beside requests and jobs, for as long as the server runs."""

from server.kernel.clock import Clock
from server.kernel.tasks import TaskScope
from server.services.library.pictures import Pictures
from server.services.library.scans import Scans
from server.services.library.watching import Watching


class Upkeep:
    """Takes up what the last end of the server cut off, and watches the folders."""

    def __init__(self, clock: Clock, scans: Scans, pictures: Pictures, watching: Watching) -> None:
        self._clock = clock
        self._scans = scans
        self._pictures = pictures
        self._watching = watching

    async def begin(self, tasks: TaskScope) -> None:
        """Begin, once the realm is up; what goes on ends with the tasks."""
        await self._scans.resume()
        tasks.spawn(self._scans.tend(), name="ends of scans")
        tasks.spawn(self._pictures.sweep(self._clock), name="sweep of pictures")
        tasks.spawn(self._watching.run(), name="watch of libraries")
