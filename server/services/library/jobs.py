"""The work of libraries that goes on beside requests."""

from collections.abc import Sequence

from server.kernel.jobs import LIBRARY, Run, job
from server.services.library.model import MakePictures, ScanAll, ScanLibrary
from server.services.library.pictures import Pictures
from server.services.library.scans import Scans
from server.services.library.work import PAUSES_S, Advance, patiently


class LibraryJobs:
    """Scans and the pictures that follow them."""

    def __init__(
        self, scans: Scans, pictures: Pictures, pauses_s: Sequence[float] = PAUSES_S
    ) -> None:
        self._scans = scans
        self._pictures = pictures
        self._pauses_s = pauses_s

    @job("library.scan", queue=LIBRARY, retries=0, unique=("scan_id",))
    async def scan(self, payload: ScanLibrary, run: Run) -> None:
        """Do a scan that is on record; how it ends stands there, too."""

        async def scan(advance: Advance) -> None:
            await self._scans.run(payload, advance, run.progress)

        await patiently(run, scan, self._pauses_s)

    # What becomes due in the moment in which this ends is found by the next scan.
    @job("library.pictures", queue=LIBRARY, unique=("library_id",))
    async def pictures(self, payload: MakePictures, run: Run) -> None:
        """Make the pictures that a library is due."""

        async def make(advance: Advance) -> None:
            await self._pictures.make(payload.library_id, advance)

        await patiently(run, make, self._pauses_s)

    @job("library.scan_all", queue=LIBRARY, unique=())
    async def scan_all(self, payload: ScanAll) -> None:
        """Have libraries scanned in the night."""
        del payload
        await self._scans.start_all(lambda library: library.settings.scans_nightly)
