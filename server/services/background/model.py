"""The types of background work."""

from typing import Final

from msgspec import Struct

from server.kernel.http.api import Permission

PAUSE: Final = Permission(
    "background:pause", "Let background work rest, and go on", is_for_members=False
)


class BackgroundWork(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether background work rests: what runs goes on to its end, nothing new begins."""

    is_paused: bool
