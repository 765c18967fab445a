"""Finds every query of the slices, and says which column types fit which field types."""

import importlib
import types
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, TypeAliasType, Union, get_args, get_origin
from uuid import UUID

from msgspec import Raw, Struct

from server.kernel.db import Query

ROOT = Path(__file__).parents[2]
_COLUMNS: Mapping[str, type] = {
    "uuid": UUID,
    "text": str,
    "varchar": str,
    "bpchar": str,
    "int2": int,
    "int4": int,
    "int8": int,
    "float4": float,
    "float8": float,
    "numeric": Decimal,
    "bool": bool,
    "bytea": bytes,
    "date": date,
    "timestamptz": datetime,
}


def stores() -> list[Path]:
    """Return the path of each `store.py` of the server."""
    return sorted((ROOT / "server").rglob("store.py"))


def queries_of(store: Path) -> list[Query[Any]]:
    """Return the queries that a `store.py` defines."""
    name = ".".join(store.relative_to(ROOT).with_suffix("").parts)
    values = vars(importlib.import_module(name)).values()
    return [value for value in values if isinstance(value, Query)]


def all_queries() -> list[Query[Any]]:
    """Return every query of the server."""
    return [query for store in stores() for query in queries_of(store)]


def fits(column_type: str, field_type: Any) -> bool:
    """Return whether a column of this type always decodes into a field of this type, null apart."""
    return all(_fits_plain(column_type, kind) for kind in plain_types(field_type))


def may_be_none(field_type: Any) -> bool:
    """Return whether a field takes null."""
    return type(None) in set(_parts(field_type))


def plain_types(field_type: Any) -> list[Any]:
    """Return what a field may hold, without None and without names and notes around it."""
    return [kind for kind in _parts(field_type) if kind is not type(None)]


def _fits_plain(column_type: str, kind: Any) -> bool:
    origin = get_origin(kind) or kind
    if column_type.endswith("[]"):
        is_array = origin in {list, tuple, set, frozenset}
        return is_array and all(
            fits(column_type.removesuffix("[]"), part) for part in get_args(kind) if part is not ...
        )
    is_container = isinstance(origin, type) and issubclass(
        origin, Struct | Mapping | list | tuple | set | frozenset | Raw
    )
    if column_type in {"json", "jsonb"}:
        return is_container or origin is str
    if column_type == "text" and is_container:
        return True  # JSON kept as text
    if isinstance(origin, type) and issubclass(origin, Enum):
        return _COLUMNS.get(column_type) is type(next(iter(origin)).value)
    return _COLUMNS.get(column_type) is origin


def _parts(field_type: Any) -> Iterator[Any]:
    origin = get_origin(field_type)
    if isinstance(field_type, TypeAliasType):
        yield from _parts(field_type.__value__)
    elif isinstance(field_type, NewType):
        yield from _parts(field_type.__supertype__)
    elif origin is Annotated:
        yield from _parts(get_args(field_type)[0])
    elif origin in {Union, types.UnionType}:
        for part in get_args(field_type):
            yield from _parts(part)
    elif origin is Literal:
        yield from (type(value) for value in get_args(field_type))
    else:
        yield field_type
