"""What the view asks of the process around the server: how the programs fare that it supervises."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, Protocol


class Supervised(Protocol):
    """A program that runs as a child of ours."""

    @property
    def product(self) -> str:
        """Its own name, such as `PostgreSQL`."""
        ...

    @property
    def state(self) -> Literal["starting", "running", "restarting", "stopped"]:
        """What it is about."""
        ...

    @property
    def pid(self) -> int | None:
        """Its process while it runs."""
        ...

    @property
    def restart_count(self) -> int:
        """How often it was started again."""
        ...

    @property
    def cause(self) -> str | None:
        """The code of why it last ended."""
        ...

    @property
    def reason(self) -> str | None:
        """The English sentence of `cause`."""
        ...

    @property
    def next_try_at(self) -> datetime | None:
        """When it is started again."""
        ...


type Programs = Callable[[], Mapping[Literal["database", "cache", "search"], Supervised]]
