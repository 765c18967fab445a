"""Typed routes: a handler's signature is its contract, and nothing registers itself on import."""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, Literal

from msgspec import Struct

from server.kernel.errors import RevengeError, Unauthenticated
from server.kernel.viewer import Viewer

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Handler = Callable[..., Awaitable[Any]]


class Permission(Struct, frozen=True):
    """A right that a role can give; `name` is `slice:verb`.

    What `is_open_here` programs on the same machine may do without signing in.
    """

    name: str
    description: str
    is_for_members: bool = True
    is_open_here: bool = False


PUBLIC: Final = Permission("public", "Anybody, signed in or not")
SIGNED_IN: Final = Permission("signed_in", "Anybody who is signed in")


class Rule(Struct, frozen=True, kw_only=True):
    """What `route` notes about a handler; `path` is relative to the prefix of the realm's API."""

    method: Method
    path: str
    permission: Permission
    status: int
    raises: tuple[type[RevengeError], ...]
    media_type: str | None


class Route(Struct, frozen=True):
    """A rule with its bound handler."""

    rule: Rule
    handler: Handler


class Cookie(Struct, frozen=True, kw_only=True):
    """A cookie to set; `max_age_s` 0 removes it."""

    name: str
    value: str
    max_age_s: int
    is_http_only: bool


class Call(Struct, kw_only=True):
    """One request as a handler may see it; handlers that need none of this leave it out."""

    request_id: str
    client_address: str
    user_agent: str
    language: str
    accept: str = ""
    last_event_id: str | None = None
    session_token: str | None = None
    signed_in: Viewer | None = None
    cookies: list[Cookie] = []

    @property
    def viewer(self) -> Viewer:
        """Who asks. Raises: Unauthenticated, on a public route that nobody signed in to."""
        if self.signed_in is None:
            raise Unauthenticated
        return self.signed_in


def route(
    method: Method,
    path: str,
    *,
    permission: Permission,
    status: int = 200,
    raises: tuple[type[RevengeError], ...] = (),
    media_type: str | None = None,
) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of a route.

    Parameters are bound by name: names in the path, `body` (a Struct), `query` (a Struct), `call`
    (the Call). A handler without result answers 204. `media_type` marks an answer that is bytes, not
    JSON: such a handler returns a `FileReply`, a `BytesReply` or an `EventStream`, and HEAD is served too.
    `raises` lists what the handler may raise beyond the errors of every route.
    """
    rule = Rule(
        method=method,
        path=path,
        permission=permission,
        status=status,
        raises=raises,
        media_type=media_type,
    )

    def mark(handler: Handler) -> Handler:
        handler.__dict__["rule"] = rule
        return handler

    return mark


def routes_of(controller: object) -> Iterator[Route]:
    """Yield the marked methods of a controller in the order of their definition."""
    for name in type(controller).__dict__:
        rule = getattr(inspect.getattr_static(controller, name), "rule", None)
        if isinstance(rule, Rule):
            yield Route(rule, getattr(controller, name))
