"""From a request to a handler's arguments, by the handler's signature; wrong input ends here."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from server.kernel.errors import FieldError, Invalid
from server.kernel.http.api import Call, Route
from server.kernel.http.problem import BodyTypeWrong

_AT = re.compile(r" - at `(?P<path>[^`]*)`$")
_NUL = "holds a NUL character, which no text here may have"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Signature(Struct, frozen=True, kw_only=True):
    """What a handler takes and gives; `path` maps parameter names to their types."""

    path: dict[str, Any]
    query: type[Struct] | None
    body: type[Struct] | None
    takes_call: bool
    answer: Any


def signature_of(route: Route) -> Signature:
    """Return the signature of a handler. Raises: TypeError, when it does not fit its path."""
    hints = get_type_hints(route.handler, include_extras=True)
    answer = hints.pop("return", None)
    names = set(inspect.signature(route.handler).parameters)
    in_path = _PLACEHOLDER.findall(route.rule.path)
    if missing := set(in_path) ^ (names - {"query", "body", "call"}):
        raise TypeError(f"{route.rule.method} {route.rule.path}: unmatched parameters {missing}")
    return Signature(
        path={name: hints[name] for name in in_path},
        query=hints.get("query"),
        body=hints.get("body"),
        takes_call=hints.get("call") is Call,
        answer=None if answer is type(None) else answer,
    )


def binder(signature: Signature) -> Callable[[Mapping[str, str], Iterable[tuple[str, str]]], Any]:
    """Return a function from path values and query pairs to keyword arguments."""
    path, query = signature.path, signature.query

    def bind(values: Mapping[str, str], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        arguments = {name: _convert(values[name], kind, name) for name, kind in path.items()}
        if query is not None:
            arguments["query"] = _query(pairs, query)
        return arguments

    return bind


def body_reader(kind: type[Struct]) -> Callable[[bytes, str], Struct]:
    """Return a function from a body and its Content-Type to a Struct. Raises: Invalid."""
    decoder = msgspec.json.Decoder(kind)

    def read(raw: bytes, content_type: str) -> Struct:
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise BodyTypeWrong
        try:
            if b"\\u0000" in raw:
                place = next(_nul_places(msgspec.json.decode(raw), "$"), "$")
                raise Invalid(errors=(FieldError(place, _NUL),))
            return decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _invalid(str(error), "$") from error

    return read


def _nul_places(value: Any, path: str) -> Iterator[str]:
    """Yield where a text holds a NUL."""
    if isinstance(value, str) and "\0" in value:
        yield path
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _nul_places(one, f"{path}.{key}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _nul_places(one, f"{path}[{index}]")


def _query(pairs: Iterable[tuple[str, str]], kind: type[Struct]) -> Struct:
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise Invalid(errors=(FieldError(name, "is given twice"),))
        if "\0" in value:
            raise Invalid(errors=(FieldError(name, _NUL),))
        values[name] = value
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), "query") from error


def _convert(value: str, kind: Any, name: str) -> Any:
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(str(error), name) from error


def _invalid(message: str, where: str) -> Invalid:
    """Return msgspec's sentence as our error; it ends in ` - at `$.path`` where it knows the place."""
    found = _AT.search(message)
    path = found["path"] if found else where
    return Invalid(errors=(FieldError(path, _AT.sub("", message)),))
