"""The declaration of a slice: what the composition root needs to know of it."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from server.kernel.events import Consumer, Event
from server.kernel.http.api import Permission
from server.kernel.metrics import Reading
from server.kernel.parts import Parts
from server.kernel.schedule import Cron


class Built(Struct, frozen=True, kw_only=True):
    """What a slice's `build` returns.

    `routes` and `jobs` are controllers whose methods are marked with `route` and `job`; `consumers`
    act on events; `schedule` says which jobs come due by the clock; `readings` are numbers for `/metrics`.
    """

    routes: tuple[object, ...] = ()
    jobs: tuple[object, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    schedule: tuple[Cron, ...] = ()
    readings: tuple[Reading, ...] = ()


class Module(Struct, frozen=True, kw_only=True):
    """A content module; `build` gets the parts of its realm and the realm's catalogue.

    It is the only function of the module that sees the parts. `events` says for each event of the
    module which permission is needed to hear it live.
    """

    name: str
    permissions: tuple[Permission, ...]
    events: Mapping[type[Event], Permission] = {}
    build: Callable[[Parts, Any], Any]
