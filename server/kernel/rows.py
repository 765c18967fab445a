"""Turns database records into the row types of queries."""

import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAliasType, Union, get_args, get_origin

import msgspec
from asyncpg import Record
from msgspec import Raw, Struct

type RowReader[R] = Callable[[Record], R]


def row_reader(row: Any) -> RowReader[Any]:
    """Return the function that makes a row of a record: by column names, or of its only column.

    Columns of type json and jsonb arrive as text; a field that is a Struct, a mapping, a sequence
    or `msgspec.Raw` decodes such text into its own type.
    """
    if isinstance(row, type) and issubclass(row, Struct):
        return _struct_reader(row)
    if row is None:
        return _no_row
    return lambda record: msgspec.convert(record[0], row)


def json_fields(row: type[Struct]) -> dict[str, msgspec.json.Decoder[Any]]:
    """Return a decoder for each field that may come as JSON text."""
    return {
        field.encode_name: msgspec.json.Decoder(field.type)
        for field in msgspec.structs.fields(row)
        if _may_be_json(field.type)
    }


def _struct_reader[S: Struct](row: type[S]) -> RowReader[S]:
    decoders = json_fields(row)
    if not decoders:
        return lambda record: msgspec.convert(dict(record), row)

    def read(record: Record) -> S:
        columns = dict(record)
        for name, decoder in decoders.items():
            if isinstance(text := columns.get(name), str):
                columns[name] = decoder.decode(text)
        return msgspec.convert(columns, row)

    return read


def _no_row(record: Record) -> None:
    """Refuse: the statement was declared without rows."""
    raise TypeError(f"a statement declared without rows gave {record!r}")


def _may_be_json(kind: Any) -> bool:
    if isinstance(kind, TypeAliasType):
        return _may_be_json(kind.__value__)
    origin = get_origin(kind)
    if origin is Annotated:
        return _may_be_json(get_args(kind)[0])
    if origin in {Union, types.UnionType}:
        return any(_may_be_json(part) for part in get_args(kind))
    kind = origin or kind
    if not isinstance(kind, type):
        return False
    return issubclass(kind, (Struct, Mapping, list, tuple, set, frozenset, Raw))
