"""The work of libraries that goes on beside requests."""

from server.kernel.jobs import LIBRARY, Run, job
from server.services.library.model import MakePictures, ScanAll, ScanLibrary
from server.services.library.pictures import Pictures
from server.services.library.scans import Scans
from server.services.library.work import patiently


class LibraryJobs:
    """Scans and the pictures that follow them."""

    def __init__(self, scans: Scans, pictures: Pictures) -> None:
        self._scans = scans
        self._pictures = pictures

    @job("library.scan", queue=LIBRARY, retries=0, unique=("scan_id",))
    async def scan(self, payload: ScanLibrary, run: Run) -> None:
        """Do a scan that is on record; how it ends stands there, too."""
        await patiently(run, lambda advance: self._scans.run(payload, advance, run.progress))

    # What becomes due in the moment in which this ends is found by the next scan.
    @job("library.pictures", queue=LIBRARY, unique=("library_id",))
    async def pictures(self, payload: MakePictures, run: Run) -> None:
        """Make the pictures that a library is due."""
        await patiently(run, lambda advance: self._pictures.make(payload.library_id, advance))

    @job("library.scan_all", queue=LIBRARY, unique=())
    async def scan_all(self, payload: ScanAll) -> None:
        """Have libraries scanned in the night."""
        del payload
        await self._scans.start_all(lambda library: library.settings.scans_nightly)
