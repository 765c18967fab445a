from typing import Annotated
from uuid import UUID

import pytest
from msgspec import Meta, Struct

from server.kernel.errors import Invalid
from server.kernel.http.api import SIGNED_IN, Call, Route, route, routes_of
from server.kernel.http.bind import binder, body_reader, signature_of
from server.kernel.http.problem import BodyTypeWrong

ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class Wanted(Struct, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    text: str = ""


class Change(Struct, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1)]


class ThingRoutes:
    @route("PUT", "/things/{thing_id}", permission=SIGNED_IN)
    async def change(self, call: Call, thing_id: UUID, query: Wanted, body: Change) -> None:
        """Change a thing."""

    @route("GET", "/things", permission=SIGNED_IN)
    async def all(self) -> list[str]:
        """Return all."""
        return []


CHANGE, ALL = routes_of(ThingRoutes())


def test_a_signature_names_what_a_handler_takes() -> None:
    signature = signature_of(CHANGE)
    assert (signature.path, signature.query, signature.body) == ({"thing_id": UUID}, Wanted, Change)
    assert signature.takes_call
    assert signature.answer is None


def test_a_parameter_that_is_not_in_the_path_is_a_mistake_of_the_slice() -> None:
    class Wrong:
        @route("GET", "/x", permission=SIGNED_IN)
        async def get(self, thing_id: UUID) -> None: ...

    (wrong,) = routes_of(Wrong())
    with pytest.raises(TypeError, match="thing_id"):
        signature_of(wrong)


def test_values_become_the_types_of_the_signature() -> None:
    bind = binder(signature_of(CHANGE))
    assert bind({"thing_id": ID}, [("limit", "5"), ("text", "ä")]) == {
        "thing_id": UUID(ID),
        "query": Wanted(limit=5, text="ä"),
    }


@pytest.mark.parametrize(
    ("thing_id", "pairs", "path"),
    [
        ("1", [], "thing_id"),
        (ID, [("limit", "0")], "$.limit"),
        (ID, [("limit", "x")], "$.limit"),
        (ID, [("limit", "9" * 400)], "$.limit"),
        (ID, [("limit", "1"), ("limit", "2")], "limit"),
        (ID, [("colour", "red")], "query"),
        (ID, [("text", "a\0b")], "text"),
    ],
)
def test_a_wrong_value_is_named(thing_id: str, pairs: list[tuple[str, str]], path: str) -> None:
    bind = binder(signature_of(CHANGE))
    with pytest.raises(Invalid) as caught:
        bind({"thing_id": thing_id}, pairs)
    assert [field.path for field in caught.value.errors] == [path]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"title": ""}',
        b'{"title": 1}',
        b'{"title": "a", "x": 1}',
        b'{"title": "\\u0000"}',
        b'{"title": "\xff"}',
        b"[" * 100_000,
        b'{"title": "\\ud800"}',
    ],
)
def test_a_body_that_is_not_the_struct_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        body_reader(Change)(raw, "application/json")


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b'{"title": "a\\u0000b"}', "$.title"),
        (b'{"a": [1, {"b": "\\u0000"}], "c": "\\u0000"}', "$.a[1].b"),
        (b'{"\\u0000": 1}', "$"),
        (b'"\\\\u0000"', "$"),
        (b'{"a": "\\u0000"', "$"),
        (b'{"a": "\\u0000", "b": ' + b"[" * 100_000, "$"),
    ],
)
def test_a_nul_is_refused_by_its_place(raw: bytes, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        body_reader(Change)(raw, "application/json")
    assert [field.path for field in caught.value.errors] == [path]


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_must_be_declared_as_json(content_type: str) -> None:
    with pytest.raises(BodyTypeWrong):
        body_reader(Change)(b'{"title": "a"}', content_type)


def test_parameters_of_the_content_type_do_not_matter() -> None:
    read = body_reader(Change)
    assert read(b'{"title": "a"}', "Application/JSON; charset=utf-8") == Change(title="a")


@pytest.mark.parametrize("made", [ALL])
def test_rules_belong_to_bound_handlers(made: Route) -> None:
    assert made.rule.path == "/things"
    assert made.handler.__name__ == "all"
