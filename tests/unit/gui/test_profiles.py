"""The window of the profiles, and what its presenter says."""

from uuid import UUID

from msgspec.structs import replace
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gui.api import Client, OwnProfile, OwnProfiles, Unreachable
from gui.windows.pin.presenter import Target
from gui.windows.pin.view import PinWindow
from gui.windows.profiles.presenter import Profiles
from gui.windows.profiles.view import ProfilesWindow
from gui.wizard.steps import Server
from tests.helpers.asking import Asked

CLIENT = Client("http://127.0.0.1:9", "token")
ADA = OwnProfile(profile_id=UUID(int=1), name="Ada", is_default=True, has_pin=False)
BOB = OwnProfile(profile_id=UUID(int=2), name="<b>Bob", is_default=False, has_pin=True)


def asking() -> tuple[Profiles, Asked]:
    asked = Asked()
    return Profiles(asked, lambda: None), asked


def test_each_profile_says_what_can_be_done_with_its_pin() -> None:
    profiles, asked = asking()
    situations = [profiles.situation]
    profiles.look()
    assert asked.calls == [], "there is nobody to ask"
    profiles.connect(CLIENT)
    situations.append(profiles.situation)
    profiles.look()
    asked.answer(OwnProfiles(items=[ADA, BOB]))
    assert [*situations, profiles.situation] == ["away", "loading", "full"]
    assert profiles.rows is not None
    assert [(row.name, row.state, row.wishes) for row in profiles.rows] == [
        ("Ada", "No PIN · default profile", ("set",)),
        ("<b>Bob", "Has a PIN", ("change", "remove")),
    ]
    assert profiles.rows[1].target == Target(profile_id=UUID(int=2), has_pin=True)


def test_what_went_wrong_is_said_until_it_works() -> None:
    profiles, asked = asking()
    profiles.connect(CLIENT)
    profiles.look()
    asked.fail(Unreachable("gone"))
    assert "Is it running?" in profiles.error
    profiles.look()
    asked.answer(OwnProfiles(items=[]))
    assert (profiles.error, profiles.situation) == ("", "empty")


def test_what_another_server_answered_is_not_shown() -> None:
    profiles, asked = asking()
    profiles.connect(CLIENT)
    profiles.look()
    profiles.look()
    profiles.connect(None)
    asked.answer(OwnProfiles(items=[ADA]))
    asked.fail(Unreachable("gone"))
    assert (profiles.rows, profiles.error, profiles.situation) == (None, "", "away")


def test_the_window_opens_the_one_of_a_pin(qtbot: QtBot) -> None:
    window = ProfilesWindow()
    qtbot.addWidget(window)
    window.show()
    assert "Sign in" in window.sentence.text()
    window.connect_to(Server(address="http://127.0.0.1:9", token="token"))
    qtbot.waitUntil(window.again.isVisible, timeout=10_000)
    asked = Asked()
    window.profiles._ask = asked
    window.again.click()
    asked.answer(OwnProfiles(items=[ADA, BOB]))
    assert not window.sentence.isVisible()
    assert not window.again.isVisible()
    assert "<b>Bob" in [one.text() for one in window.findChildren(QLabel)]
    button(window, "Remove the PIN of <b>Bob").click()
    (pin,) = window.findChildren(PinWindow)
    assert pin.entry.fields == ("current_pin",)
    pin.reject()
    window.profiles.look()
    asked.answer(OwnProfiles(items=[ADA, replace(BOB, has_pin=False)]))
    again = button(window, "Set the PIN of <b>Bob")
    qtbot.waitUntil(lambda: window.focusWidget() is again)


def button(window: ProfilesWindow, name: str) -> QPushButton:
    (found,) = [one for one in window.findChildren(QPushButton) if one.accessibleName() == name]
    return found
