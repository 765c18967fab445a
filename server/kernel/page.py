"""Pages of lists: by cursor, which stays right while the list changes, or by offset."""

import base64
import binascii
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from server.kernel.errors import FieldError, Invalid

Limit = Annotated[int, Meta(ge=1, le=500, description="Rows a page, 1 to 500")]
Offset = Annotated[int, Meta(ge=0, le=10_000_000, description="Rows to skip; not with a cursor")]
CursorText = Annotated[
    str, Meta(max_length=1024, description="`next_cursor` of the page before; opaque")
]


class Page[Row](Struct, frozen=True, kw_only=True):
    """Rows of a list; `next_cursor` is null on the last page. Subclass it to name the page."""

    items: list[Row]
    next_cursor: str | None = None


def encode_cursor(position: Struct) -> str:
    """Return a position as opaque text that is safe in a query string."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(position)).rstrip(b"=").decode()


def decode_cursor[Position: Struct](text: str, kind: type[Position]) -> Position:
    """Return the position that `encode_cursor` was given. Raises: Invalid."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.msgpack.decode(packed, type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        wrong = FieldError("cursor", "is not a cursor of this list; ask for the first page again")
        raise Invalid(errors=(wrong,)) from error


def as_items(texts: str) -> Any:
    """Return JSON texts made at write time, with commas between, as a list that the encoder passes through."""
    return msgspec.Raw(b"[%b]" % texts.encode())
