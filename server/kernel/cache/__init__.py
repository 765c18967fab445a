"""What is read again and again, kept near: in memory first, in a shared cache where there is one."""

from server.kernel.cache.memory import Cache, Room
from server.kernel.cache.model import CacheRule
from server.kernel.cache.shared import Shared

__all__ = ("Cache", "CacheRule", "Room", "Shared")
