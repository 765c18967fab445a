"""Names of places: nobody reads them, nobody makes them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.realtime import Places

PLACES = Places(b"k" * 32)
NAME = PLACES.name(7)


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_a_name_stands_for_its_position(position: int) -> None:
    assert PLACES.position(PLACES.name(position)) == position


def test_two_names_of_one_position_differ() -> None:
    assert len({PLACES.name(7) for _ in range(100)}) == 100


def test_names_fit_an_address_and_a_header() -> None:
    assert all(sign.isalnum() or sign in "-_" for n in range(100) for sign in PLACES.name(n))


@pytest.mark.parametrize("place", range(24))
def test_a_name_that_was_changed_stands_for_nothing(place: int) -> None:
    parts = bytearray(base64.urlsafe_b64decode(NAME))
    parts[place] ^= 1
    assert PLACES.position(base64.urlsafe_b64encode(parts).decode()) is None


@pytest.mark.parametrize(
    "name",
    ["", "7", NAME[:-1], NAME + "A", "A" * 32, "=" * 32, "ä" * 32, "+/" * 16, "\0" * 32],
    ids=["none", "digit", "short", "long", "zeros", "padding", "letters", "base64", "nul"],
)
def test_what_is_no_name_stands_for_nothing(name: str) -> None:
    assert PLACES.position(name) is None


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_error(name: str) -> None:
    assert PLACES.position(name) is None


def test_a_name_with_another_key_stands_for_nothing() -> None:
    assert Places(b"o" * 32).position(NAME) is None
