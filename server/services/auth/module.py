"""Builds accounts and sessions out of the parts of the public realm."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from server.kernel.cache import CacheRule
from server.kernel.events import Event
from server.kernel.parts import Parts
from server.services.auth.model import AuthSettings, Role, SessionsEnded
from server.services.auth.pins import Pins
from server.services.auth.routes import AuthRoutes, ProfileRoutes
from server.services.auth.service import Auth, Known, Lockout, SessionRules
from server.services.library.model import LibraryAdded

EVENTS: Final[tuple[type[Event], ...]] = (SessionsEnded,)
SESSIONS: Final[CacheRule[Known]] = CacheRule(
    name="session", kind=Known, ttl_s=30, drop_on=(SessionsEnded, LibraryAdded)
)


class BuiltAuth(Struct, frozen=True, kw_only=True):
    """Accounts and sessions, for the guard and the setup."""

    auth: Auth
    lockout: Lockout
    routes: tuple[object, ...]


def build(parts: Parts, grants: Mapping[Role, frozenset[str]]) -> BuiltAuth:
    """Return accounts and sessions; `grants` says what each role may do."""
    settings = parts.settings.declare("auth", AuthSettings)
    lockout = Lockout(parts.db, parts.clock, settings)
    rules = SessionRules(settings, grants)
    sessions = parts.cache.room(SESSIONS)
    auth = Auth(parts.db, parts.clock, parts.passwords, lockout, rules, sessions)
    pins = Pins(parts.db, parts.passwords, lockout)
    return BuiltAuth(auth=auth, lockout=lockout, routes=(AuthRoutes(auth), ProfileRoutes(pins)))
