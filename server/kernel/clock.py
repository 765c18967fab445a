"""The one source of the present instant, so that tests can stand still."""

from datetime import UTC, datetime
from typing import Annotated, Protocol

from msgspec import Meta

Instant = Annotated[datetime, Meta(tz=True)]
"""An aware instant in UTC; RFC 3339 on the wire."""


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)
