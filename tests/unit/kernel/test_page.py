from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from server.kernel.errors import Invalid
from server.kernel.page import as_items, decode_cursor, encode_cursor


class Position(Struct, frozen=True):
    title: str
    item_id: UUID
    added_at: datetime


@given(st.text(), st.uuids())
def test_a_cursor_brings_back_its_position(title: str, item_id: UUID) -> None:
    title = title.encode("utf-8", "replace").decode()
    position = Position(title, item_id, datetime(2026, 1, 2, tzinfo=UTC))
    assert decode_cursor(encode_cursor(position), Position) == position


@given(st.text())
def test_any_other_text_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode_cursor(text, Position)
    assert caught.value.errors[0].path == "cursor"


def test_fragments_pass_through_the_encoder() -> None:
    assert msgspec.json.encode(as_items('{"a":1},{"b":2}')) == b'[{"a":1},{"b":2}]'
