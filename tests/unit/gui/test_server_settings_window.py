"""The window of the server's settings, offscreen: its controls, keys, and what it asks before it closes."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from gui.api import AllSettings, Client, Refused, Unreachable
from gui.windows.server_settings.fields import (
    ChoiceBox,
    FixedLine,
    NumberBox,
    SettingField,
    SwitchBox,
    TextLine,
)
from gui.windows.server_settings.view import ServerSettingsWindow
from gui.wizard.steps import Server
from tests.helpers.asking import Asked
from tests.helpers.shown import a_form

CLIENT = Client("http://127.0.0.1:9/api/v1", "token")
KINDS = {"days": NumberBox, "is_open": SwitchBox, "name": TextLine, "order": ChoiceBox}


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def window(qtbot: QtBot, asked: Asked) -> ServerSettingsWindow:
    """A window with a section of all kinds."""
    made = ServerSettingsWindow()
    qtbot.addWidget(made, before_close_func=lambda it: it.settings.give_up())
    made.settings._ask = asked
    made.settings.connect(CLIENT)
    with qtbot.waitExposed(made):
        made.show()
    asked.answer(AllSettings(items=[a_form()]))
    return made


def field(window: ServerSettingsWindow, name: str) -> SettingField:
    return window.fields["made", name]


def put_in(window: ServerSettingsWindow, name: str, text: str) -> None:
    """Type a text over what is there."""
    control = field(window, name).control
    assert isinstance(control, NumberBox | TextLine)
    control.setFocus()
    control.selectAll()
    QTest.keyClicks(control, text)


def asks(window: ServerSettingsWindow) -> QMessageBox:
    """Return the question that is open."""
    (box,) = [one for one in window.findChildren(QMessageBox) if one.isVisible()]
    return box


def answer(window: ServerSettingsWindow, text: str) -> None:
    box = asks(window)
    (button,) = [one for one in box.buttons() if one.text() == text]
    button.click()


def drafts(window: ServerSettingsWindow) -> dict[str, Any]:
    return {key[1]: value for key, value in window.settings._drafts.items()}


def test_every_kind_has_its_control_its_name_and_its_help(window: ServerSettingsWindow) -> None:
    assert {name: type(field(window, name).control) for name in KINDS} == KINDS
    buddies = {one.buddy(): one.text() for one in window.findChildren(QLabel)}
    for name in KINDS:
        control = field(window, name).control
        assert control.accessibleName() == buddies[control]
        assert f"What {name} does." in control.accessibleDescription()
        assert not field(window, name).back.isVisible()
    assert not window.save.isEnabled()
    assert window.sentence.text() == "They hold for everybody, as soon as they are saved."


def test_every_kind_is_changed_by_keys_and_set_back(window: ServerSettingsWindow) -> None:
    put_in(window, "days", "365")
    put_in(window, "name", "Harbour & quay")
    QTest.keyClick(field(window, "is_open").control, Qt.Key.Key_Space)
    QTest.keyClick(field(window, "order").control, Qt.Key.Key_Down)
    changed = {"days": 365, "name": "Harbour & quay", "is_open": False, "order": "added"}
    assert drafts(window) == changed
    assert window.state.text() == "Not saved yet"
    for name in KINDS:
        field(window, name).back.click()
        assert not field(window, name).back.isVisible()
        assert window.focusWidget() is field(window, name).control
    assert not window.settings.is_dirty
    assert field(window, "days").control.text() == "90"  # type: ignore[union-attr] # a number
    assert not window.save.isEnabled()


def test_tab_goes_from_top_to_bottom_and_then_to_the_buttons(window: ServerSettingsWindow) -> None:
    put_in(window, "days", "30")
    passed: list[QWidget | None] = [window.focusWidget()]
    for _ in range(6):
        QTest.keyClick(window, Qt.Key.Key_Tab)
        passed.append(window.focusWidget())
    days = field(window, "days")
    others = [field(window, name).control for name in ("is_open", "name", "order")]
    assert passed == [days.control, days.back, *others, window.give_up, window.save]


@pytest.mark.parametrize("name", ["days", "name"])
def test_return_saves_from_a_field(window: ServerSettingsWindow, asked: Asked, name: str) -> None:
    put_in(window, name, "30")
    control = field(window, name).control
    QTest.keyClick(control, Qt.Key.Key_Return)
    assert window.state.text() == "Being saved…"
    asked.answer(a_form(values=a_form().values | drafts(window)))
    assert window.state.text() == "Saved. It holds from now on."
    assert window.focusWidget() is control


def test_return_on_a_button_presses_that_button(window: ServerSettingsWindow, asked: Asked) -> None:
    put_in(window, "days", "30")
    field(window, "days").back.setFocus()
    QTest.keyClick(field(window, "days").back, Qt.Key.Key_Return)
    assert (window.settings.is_dirty, asked.calls) == (False, [])


@pytest.mark.parametrize("text", ["3", ""])
def test_a_number_out_of_bounds_gives_way_and_says_so(
    window: ServerSettingsWindow, text: str
) -> None:
    days = field(window, "days")
    assert isinstance(days.control, NumberBox)
    put_in(window, "days", text)
    if not text:
        days.control.clear()
    QTest.keyClick(days.control, Qt.Key.Key_Tab)
    assert days.control.value() == 90
    assert days.error.text() == "Enter a whole number from 7 to 3,650."
    assert days.error.text() in days.control.accessibleDescription()
    put_in(window, "days", "9999999999")
    assert days.control.value() == 999
    assert not days.error.isVisible()


def test_a_wheel_scrolls_the_page_and_changes_nothing(window: ServerSettingsWindow) -> None:
    for name in ("days", "order"):
        control = field(window, name).control
        control.setFocus()
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(0, -120),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # noqa: FBT003 (Qt)
        )
        QApplication.sendEvent(control, event)
    assert not window.settings.is_dirty


def test_a_value_that_is_refused_is_marked_and_comes_into_view(
    window: ServerSettingsWindow, asked: Asked
) -> None:
    put_in(window, "name", "Harbour")
    window.save.click()
    asked.fail(Refused(400, "invalid", "Correct what is marked.", wrong=["$.values.name"]))
    name = field(window, "name")
    assert window.sentence.text() == "Correct what is marked."
    assert window.sentence.property("part") == "bad"
    assert name.error.isVisible()
    assert window.focusWidget() is name.control
    assert name.control.text() == "Harbour"  # type: ignore[union-attr] # a line of text
    QTest.keyClicks(name.control, "s")
    assert not name.error.isVisible()


def test_what_is_pinned_or_unknown_can_be_read_but_not_changed(
    window: ServerSettingsWindow, asked: Asked
) -> None:
    put_in(window, "days", "30")
    put_in(window, "name", "Harbour")
    form = a_form(pinned={"days": "REVENGE_MADE_DAYS"})
    form.schema["properties"]["order"] = {"title": "Order & more", "type": "array"}
    form.values["order"] = ["title"]
    window.settings.look()
    asked.answer(AllSettings(items=[form]))
    days, order = field(window, "days").control, field(window, "order").control
    assert isinstance(days, FixedLine)
    assert isinstance(order, FixedLine)
    assert (days.text(), order.text()) == ("90", '["title"]')
    assert days.isReadOnly()
    assert "REVENGE_MADE_DAYS" in days.accessibleDescription()
    assert "in the browser" in order.accessibleDescription()
    assert order.accessibleName() == "Order & more"
    assert not field(window, "days").back.isVisible()
    name = field(window, "name").control
    assert isinstance(name, TextLine)
    assert (name.text(), window.focusWidget()) == ("Harbour", name)


def test_a_look_leaves_what_is_being_used_alone(window: ServerSettingsWindow, asked: Asked) -> None:
    put_in(window, "name", "Harbour")
    before = field(window, "name")
    window.settings.look()
    asked.answer(AllSettings(items=[a_form(values=a_form().values | {"days": 31})]))
    assert field(window, "name") is before
    days = field(window, "days").control
    assert isinstance(days, NumberBox)
    assert days.value() == 31
    assert drafts(window) == {"name": "Harbour"}


@pytest.mark.parametrize("keys", [QKeySequence.StandardKey.Cancel, QKeySequence.StandardKey.Close])
def test_closing_asks_only_where_something_is_unsaved(
    window: ServerSettingsWindow, keys: QKeySequence.StandardKey
) -> None:
    put_in(window, "name", "Harbour")
    QTest.keySequence(window, QKeySequence(keys))
    assert window.isVisible()
    answer(window, "Go on editing")
    assert window.isVisible()
    assert window.settings.is_dirty
    window.settings.give_up()
    QTest.keySequence(window, QKeySequence(keys))
    assert not window.isVisible()


def test_closing_discards_or_saves_first(window: ServerSettingsWindow, asked: Asked) -> None:
    put_in(window, "name", "Harbour")
    assert not window.close()
    assert not window.close(), "it asks once"
    answer(window, "Save")
    assert window.isVisible()
    asked.fail(Unreachable("gone"))
    assert window.isVisible()
    assert window.settings.is_dirty
    window.close()
    answer(window, "Save")
    asked.answer(a_form(values=a_form().values | {"name": "Harbour"}))
    assert not window.isVisible()
    window.show()
    asked.answer(AllSettings(items=[a_form()]))
    put_in(window, "name", "Quay")
    window.close()
    answer(window, "Discard")
    assert not window.isVisible()
    assert not window.settings.is_dirty


def test_what_is_typed_outlasts_the_session_but_cannot_be_saved_without_one(
    window: ServerSettingsWindow,
) -> None:
    put_in(window, "name", "Harbour")
    window.connect_to(Server(address="http://127.0.0.1:9", token="token"))
    window.connect_to(Server())
    assert "stays here" in window.sentence.text()
    assert not window.save.isEnabled()
    assert drafts(window) == {"name": "Harbour"}
    window.close()
    save, *_ = [one for one in asks(window).buttons() if one.text() == "Save"]
    assert not save.isEnabled()


def test_a_server_that_cannot_be_asked_is_asked_again(qtbot: QtBot, asked: Asked) -> None:
    window = ServerSettingsWindow()
    qtbot.addWidget(window)
    window.show()
    assert "Sign in" in window.sentence.text()
    window.settings._ask = asked
    window.connect_to(Server(address="http://127.0.0.1:9", token="token"))
    assert window.sentence.text() == "One moment…"
    assert not window.buttons.isVisible()
    asked.fail(Unreachable("gone"))
    assert "Is it running?" in window.sentence.text()
    window.again.click()
    asked.answer(AllSettings(items=[a_form()]))
    assert not window.again.isVisible()
    assert window.buttons.isVisible()
