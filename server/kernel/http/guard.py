"""The door: who asks, and whether the route is theirs."""

import hashlib
import hmac
from typing import Protocol

from msgspec import Struct

from server.kernel.errors import Denied, Unauthenticated
from server.kernel.http.api import PUBLIC, SIGNED_IN, Rule
from server.kernel.viewer import Viewer

SESSION_COOKIE = "revenge_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET"})


class CsrfTokenWrong(Denied):
    """A cookie alone does not prove that our own page asks."""

    code = "http.csrf_token_wrong"


class Credentials(Struct, frozen=True, kw_only=True):
    """What a request shows: a session token, from the header or from the cookie."""

    token: str | None
    is_cookie: bool
    csrf_token: str


class Gate(Protocol):
    """Knows sessions."""

    async def viewer(self, token: str) -> Viewer | None:
        """Return who the token belongs to, or None for a token that is not (or no longer) good."""
        ...


class Guard:
    """Admits a request to a route or raises."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    async def admit(self, rule: Rule, shown: Credentials) -> Viewer | None:
        """Return the viewer; None only on public routes. Raises: Unauthenticated, Denied."""
        if rule.permission is PUBLIC:
            return None
        viewer = await self.gate.viewer(shown.token) if shown.token else None
        if viewer is None or shown.token is None:
            raise Unauthenticated
        if shown.is_cookie and rule.method not in _SAFE_METHODS:
            _check_csrf(shown.token, shown.csrf_token)
        if rule.permission is not SIGNED_IN and not viewer.may(rule.permission.name):
            raise Denied(permission=rule.permission.name)
        return viewer


def credentials(authorization: str, cookie: str | None, csrf_token: str) -> Credentials:
    """Return what a request shows; an Authorization header goes before the cookie."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return Credentials(token=token.strip(), is_cookie=False, csrf_token="")
    return Credentials(token=cookie, is_cookie=True, csrf_token=csrf_token)


def csrf_token_of(session_token: str) -> str:
    """Return the value that a page must send beside its cookie: bound to the session, not stored."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()


def _check_csrf(session_token: str, given: str) -> None:
    expected = csrf_token_of(session_token).encode()
    if not hmac.compare_digest(expected, given.encode("utf-8", "replace")):
        raise CsrfTokenWrong
