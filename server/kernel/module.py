"""The declaration of a slice: what the composition root needs to know of it."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from server.kernel.http.api import Permission
from server.kernel.parts import Parts


class Built(Struct, frozen=True, kw_only=True):
    """What a slice's `build` returns: controllers whose methods are marked with `route`."""

    routes: tuple[object, ...] = ()


class Module(Struct, frozen=True, kw_only=True):
    """A content module; `build` gets the parts of its realm and the realm's catalogue.

    It is the only function of the module that sees the parts.
    """

    name: str
    permissions: tuple[Permission, ...]
    build: Callable[[Parts, Any], Any]
