"""The OpenAPI 3.1 document, made from the typed routes (https://spec.openapis.org/oas/v3.1.1)."""

import inspect
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, get_args

import msgspec
from msgspec import Struct

from server.kernel.errors import (
    Denied,
    Invalid,
    Limited,
    NotFound,
    RevengeError,
    Unauthenticated,
    Unavailable,
)
from server.kernel.http import problem
from server.kernel.http.api import PUBLIC, Permission, Route
from server.kernel.http.bind import Signature, signature_of
from server.kernel.http.events import MEDIA_TYPE, EventStream
from server.kernel.http.guard import CSRF_HEADER, SESSION_COOKIE
from server.kernel.http.stream import BytesReply, FileReply

type Json = dict[str, Any]

_REF = "#/components/schemas/{name}"
_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")
_RANGE_ANSWERS = {
    HTTPStatus.PARTIAL_CONTENT: "The ranges asked for (RFC 9110, section 14)",
    HTTPStatus.NOT_MODIFIED: "The client's copy is still good",
    HTTPStatus.PRECONDITION_FAILED: "The content changed meanwhile",
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: "No such range",
}


def openapi(routes: Iterable[tuple[str, Route]], *, version: str) -> Json:
    """Return the document of routes that come with the prefix of their paths."""
    signed = [(prefix, route, signature_of(route)) for prefix, route in routes]
    schemas, components = _schemas([signature for _, _, signature in signed])
    paths: dict[str, Json] = {}
    for prefix, route, signature in signed:
        operations = paths.setdefault(prefix + route.rule.path, {})
        operations[route.rule.method.lower()] = _operation(route, signature, schemas)
        if route.rule.media_type is not None:
            operations["head"] = _operation(route, signature, schemas) | {
                "operationId": f"{_operation_id(route)}_head"
            }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Revenge", "version": version, "license": {"name": "AGPL-3.0-or-later"}},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
            },
        },
    }


def _schemas(signatures: list[Signature]) -> tuple[dict[Any, Json], Json]:
    kinds: dict[Any, None] = {problem.APIError: None}
    for signature in signatures:
        for kind in (signature.body, signature.answer, *signature.path.values()):
            if kind is not None and not _is_binary(kind):
                kinds[kind] = None
    schemas, components = msgspec.json.schema_components(list(kinds), ref_template=_REF)
    return dict(zip(kinds, schemas, strict=True)), components


def _operation(route: Route, signature: Signature, schemas: dict[Any, Json]) -> Json:
    rule = route.rule
    summary, _, description = inspect.getdoc(route.handler).__str__().partition("\n")
    operation: Json = {
        "operationId": _operation_id(route),
        "tags": [rule.path.split("/")[1]],
        "summary": summary,
        "parameters": _parameters(route, signature, schemas),
        "responses": _answers(route, signature, schemas),
        "security": _security(rule.permission),
    }
    if description.strip():
        operation["description"] = description.strip()
    if rule.permission is not PUBLIC:
        operation["x-permission"] = rule.permission.name
    if signature.body is not None:
        content = {"application/json": {"schema": schemas[signature.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _security(permission: Permission) -> list[Json]:
    """Return what opens a route; an empty one among several says that it may also be left out."""
    if permission is PUBLIC:
        return []
    keys: list[Json] = [{"bearer": []}, {"cookie": []}]
    return [*keys, {}] if permission.is_open_here else keys


def _operation_id(route: Route) -> str:
    owner, _, name = route.handler.__qualname__.rpartition(".")
    words = _WORD_START.sub("_", owner.rpartition(".")[2].removesuffix("Routes"))
    return f"{words}_{name}".lower()


def _parameters(route: Route, signature: Signature, schemas: dict[Any, Json]) -> list[Json]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schemas[kind]}
        for name, kind in signature.path.items()
    ]
    if signature.query is not None:
        parameters += _query_parameters(signature.query)
    if route.rule.method != "GET" and route.rule.permission is not PUBLIC:
        note = "Needed beside the session cookie; not with a Bearer token"
        text = {"type": "string"}
        parameters.append(
            {"name": CSRF_HEADER, "in": "header", "schema": text, "description": note}
        )
    return parameters


def _query_parameters(kind: type[Struct]) -> list[Json]:
    _, components = msgspec.json.schema_components([kind], ref_template=_REF)
    schema = components[kind.__name__]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _answers(route: Route, signature: Signature, schemas: dict[Any, Json]) -> Json:
    rule = route.rule
    answers: Json = {}
    status = HTTPStatus(rule.status if signature.answer is not None else HTTPStatus.NO_CONTENT)
    if signature.answer is EventStream:
        content: Json = {MEDIA_TYPE: {"schema": {"type": "string"}}}
    elif rule.media_type is not None:
        content = {rule.media_type: {"schema": {"type": "string", "format": "binary"}}}
        answers |= {str(int(code)): {"description": text} for code, text in _RANGE_ANSWERS.items()}
        answers["206"]["content"] = content | {"multipart/byteranges": {}}
    else:
        content = {"application/json": {"schema": schemas.get(signature.answer)}}
    answers[str(int(status))] = {"description": status.phrase}
    if status is not HTTPStatus.NO_CONTENT:
        answers[str(int(status))]["content"] = content
    for error_status in sorted({problem.status_of(kind) for kind in _raised(route, signature)}):
        answers[str(int(error_status))] = {
            "description": error_status.phrase,
            "content": {problem.MEDIA_TYPE: {"schema": schemas[problem.APIError]}},
        }
    return dict(sorted(answers.items()))


def _raised(route: Route, signature: Signature) -> list[type[RevengeError]]:
    kinds: list[type[RevengeError]] = [
        problem.HostUnknown,
        Limited,
        Unavailable,
        *route.rule.raises,
    ]
    if route.rule.permission is not PUBLIC:
        kinds += [Unauthenticated, Denied]
    if signature.path:
        kinds += [Invalid, NotFound]
    if signature.query is not None:
        kinds.append(Invalid)
    if signature.body is not None:
        kinds += [Invalid, problem.BodyTypeWrong, problem.BodyTooLarge, problem.BodyTooSlow]
    return kinds


def _is_binary(kind: Any) -> bool:
    return any(one in {FileReply, BytesReply, EventStream} for one in get_args(kind) or (kind,))
