"""Builds playback out of the parts of a realm."""

from typing import Final

from msgspec import Struct

from server.kernel.http.api import Permission
from server.kernel.parts import Parts
from server.services.playback.model import STREAM
from server.services.playback.routes import PlaybackRoutes
from server.services.playback.service import Playback
from server.services.playback.variants import Variants

PERMISSIONS: Final[tuple[Permission, ...]] = (STREAM,)


class BuiltPlayback(Struct, frozen=True, kw_only=True):
    """Playback."""

    routes: tuple[object, ...]


def build(parts: Parts) -> BuiltPlayback:
    """Return playback."""
    quota_bytes = parts.config.images.cache_mb * 1024**2
    variants = Variants(parts.storage, parts.workers, parts.tasks, quota_bytes=quota_bytes)
    return BuiltPlayback(routes=(PlaybackRoutes(Playback(parts.db, parts.storage, variants)),))
