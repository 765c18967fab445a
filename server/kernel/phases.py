"""What a starting server says about how far it is."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

PhaseName = Literal["postgres", "migrate", "modules", "ready", "stopping"]


class Phase(Struct, frozen=True, kw_only=True):
    """A step of the start; `total_count` is 0 where no total is known."""

    name: PhaseName
    done_count: int = 0
    total_count: int = 0


Report = Callable[[Phase], None]
