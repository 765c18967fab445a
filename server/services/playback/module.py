"""Builds playback out of the parts of a realm."""

from typing import Final

from msgspec import Struct

from server.kernel.http.api import Permission
from server.kernel.parts import Parts
from server.services.playback.model import STREAM
from server.services.playback.routes import PlaybackRoutes
from server.services.playback.service import Playback

PERMISSIONS: Final[tuple[Permission, ...]] = (STREAM,)


class BuiltPlayback(Struct, frozen=True, kw_only=True):
    """Playback."""

    routes: tuple[object, ...]


def build(parts: Parts) -> BuiltPlayback:
    """Return playback."""
    return BuiltPlayback(routes=(PlaybackRoutes(Playback(parts.db, parts.storage)),))
