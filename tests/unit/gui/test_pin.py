"""What the window of a PIN asks for, and that it forgets."""

from uuid import UUID

import pytest

from gui.api import Client, Refused
from gui.windows.pin.presenter import Entry, FieldName, Purpose, Target, digits
from tests.helpers.asking import Asked

NONE, SOME = (Target(profile_id=UUID(int=1), has_pin=has_pin) for has_pin in (False, True))


def an_entry(purpose: Purpose, target: Target = SOME) -> tuple[Entry, Asked]:
    asked = Asked()
    return Entry(asked, lambda: None, Client("http://127.0.0.1:9"), target, purpose), asked


@pytest.mark.parametrize(
    ("purpose", "target", "fields"),
    [
        ("verify", SOME, ("pin",)),
        ("set", NONE, ("password", "pin", "again")),
        ("set", SOME, ("current_pin", "pin", "again")),
        ("remove", SOME, ("current_pin",)),
    ],
)
def test_only_what_is_needed_is_asked_for(
    purpose: Purpose, target: Target, fields: tuple[FieldName, ...]
) -> None:
    assert an_entry(purpose, target)[0].fields == fields


@pytest.mark.parametrize(
    ("typed", "pin"), [("12a4", "124"), ("١٢٣٤", ""), ("123456789", "12345678"), (" 1\n2 ", "12")]
)
def test_only_digits_are_taken(typed: str, pin: str) -> None:
    assert digits(typed) == pin


@pytest.mark.parametrize(("typed", "can_send"), [("", False), ("123", False), ("1234", True)])
def test_a_pin_has_at_least_four_digits(typed: str, can_send: bool) -> None:
    entry, _ = an_entry("verify")
    entry.write("pin", typed)
    assert entry.can_send is can_send


def test_both_new_pins_must_agree_and_that_is_told_while_typing() -> None:
    entry, _ = an_entry("set", NONE)
    entry.write("password", "a word")
    entry.write("pin", "1234")
    entry.write("again", "12")
    assert (entry.message, entry.can_send) == ("", False)
    entry.write("again", "13")
    assert entry.message
    entry.write("again", "1234")
    assert entry.can_send


def test_the_digits_are_gone_once_they_were_sent() -> None:
    entry, asked = an_entry("verify")
    entry.write("pin", "1234")
    entry.send()
    assert (entry.texts, entry.is_busy) == ({}, True)
    asked.fail(Refused(400, "auth.wrong_pin", "The PIN is wrong."))
    assert entry.message == "The PIN is wrong."
    entry.write("pin", "1235")
    assert entry.message == ""
    entry.send()
    asked.answer(None)
    assert entry.is_done


def test_a_wait_is_counted_down() -> None:
    entry, asked = an_entry("verify")
    entry.write("pin", "1234")
    entry.send()
    asked.fail(Refused(429, "auth.locked", "Too many failed attempts.", retry_after_s=2))
    entry.write("pin", "1234")
    assert ("2" in entry.message, entry.can_send) == (True, False)
    entry.tick()
    entry.tick()
    entry.tick()
    assert (entry.wait_s, entry.can_send) == (0, True)


def test_the_password_stands_in_for_a_pin_that_was_forgotten() -> None:
    entry, _ = an_entry("remove")
    entry.write("current_pin", "1234")
    assert entry.can_choose_proof
    entry.choose_proof(is_password=True)
    assert (entry.fields, entry.texts) == (("password",), {})
    assert not an_entry("verify")[0].can_choose_proof
    assert not an_entry("set", NONE)[0].can_choose_proof
