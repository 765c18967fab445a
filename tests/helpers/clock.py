"""A clock that stands still until it is told to go."""

from datetime import datetime, timedelta


class FakeClock:
    """Tells the instant that it was given."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the instant."""
        return self._now

    def go(self, **by: float) -> None:
        """Move on by days, minutes or seconds."""
        self._now += timedelta(**by)
