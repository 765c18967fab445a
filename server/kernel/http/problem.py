"""Errors on the wire: one table from family to status, one body (RFC 9457)."""

from http import HTTPStatus
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from server.kernel.errors import (
    Conflict,
    Denied,
    Gone,
    Invalid,
    Limited,
    NotFound,
    RevengeError,
    Unauthenticated,
    Unavailable,
)
from server.kernel.messages import Messages

STATUS: dict[type[RevengeError], HTTPStatus] = {
    Invalid: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Denied: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Gone: HTTPStatus.GONE,
    Limited: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
MEDIA_TYPE = "application/problem+json"


class WrongField(Struct, frozen=True, kw_only=True):
    """One wrong value of a request."""

    path: Annotated[str, Meta(description="Parameter name, or JSON path into the body")]
    detail: str


class APIError(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What went wrong, for people (`title`, `detail`) and for programs (`code`)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: Annotated[str, Meta(description="Id of the request, as in the server's log")]
    errors: list[WrongField] = []


class MethodNotAllowed(Invalid):
    """The path exists, but not for this method."""

    code = "http.method_not_allowed"


class BodyTypeWrong(Invalid):
    """The body is not declared as JSON."""

    code = "http.body_type_wrong"


class BodyTooLarge(Invalid):
    """The body is larger than any request here needs."""

    code = "http.body_too_large"


class HostUnknown(Invalid):
    """The Host header names none of this server's names (a page elsewhere may be guessing)."""

    code = "http.host_unknown"


class BodyTooSlow(Invalid):
    """The body did not arrive in time."""

    code = "http.body_too_slow"


_OWN_STATUS: dict[type[RevengeError], HTTPStatus] = {
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    BodyTypeWrong: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HostUnknown: HTTPStatus.MISDIRECTED_REQUEST,
    BodyTooSlow: HTTPStatus.REQUEST_TIMEOUT,
}


def status_of(error: type[RevengeError]) -> HTTPStatus:
    """Return the status of an error's own class or of the family that it belongs to."""
    for kind in error.__mro__:
        if (status := _OWN_STATUS.get(kind) or STATUS.get(kind)) is not None:
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(
    error: RevengeError, *, messages: Messages, language: str, request_id: str
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an error, in the language of the client."""
    status = status_of(type(error))
    sentence = messages.text(language, error.code, error.context)
    wrong = error.errors if isinstance(error, Invalid) else ()
    body = APIError(
        type="about:blank",
        title=sentence.title,
        status=status,
        detail=sentence.detail,
        code=error.code,
        instance=f"urn:uuid:{request_id}",
        errors=[WrongField(path=field.path, detail=field.detail) for field in wrong],
    )
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
    if isinstance(error, (Limited, Unavailable)):
        headers["Retry-After"] = str(error.retry_after_s)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="revenge"'
    return status, headers, msgspec.json.encode(body)
