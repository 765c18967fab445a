"""What a slice declares of something that is kept: what it is, for how long, and what makes it untrue."""

from typing import Any, Final

from msgspec import Struct

from server.kernel.events import Event

MEMORY_TTL_S: Final = 300.0
SHARED_TTL_S: Final = 3600.0
MISSING_TTL_S: Final = 10.0


class CacheRule[V](Struct, frozen=True, kw_only=True):
    """How one kind of thing is kept.

    `kind` is its type. Every event of `drop_on` drops all things of this rule at once. `is_shared` ones lie
    in the shared cache too, where there is one: never what opens a door. `missing_ttl_s` is for "there is none".
    """

    name: str
    kind: Any
    ttl_s: float = MEMORY_TTL_S
    missing_ttl_s: float = MISSING_TTL_S
    is_shared: bool = False
    shared_ttl_s: float = SHARED_TTL_S
    drop_on: tuple[type[Event], ...] = ()
