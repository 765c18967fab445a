"""The window of the settings against a real server: what is changed there is so for everybody."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.session import sign_in
from gui.texts import speak
from gui.windows.server_settings.fields import FixedLine, NumberBox, SettingField
from gui.windows.server_settings.view import ServerSettingsWindow
from gui.wizard.steps import Server
from tests.helpers.process import ServerProcess, database_dsn, running_server

NAME, PASSWORD = "Ada", "correct horse battery"
VARIABLE = "REVENGE_PLAYBACK_SESSIONS_PER_USER"
WAIT_MS = 20_000
KEPT, PINNED = ("activity", "kept_days"), ("playback", "sessions_per_user")


@pytest.fixture
def server(data_dir: Path) -> Iterator[ServerProcess]:
    """A server with an administrator, whose environment holds a setting fast."""
    with running_server(data_dir, port=0, **{VARIABLE: "4"}) as running:
        running.await_ready()
        given = {"name": NAME, "password": PASSWORD, "language": "en", "mode": "token"}
        code = running.status()["setup_code"]
        claim = running.client.post("/api/v1/setup/administrator", json=given | {"code": code})
        running.client.headers["Authorization"] = f"Bearer {claim.json()['token']}"
        yield running


@pytest.fixture
def window(qtbot: QtBot, server: ServerProcess) -> ServerSettingsWindow:
    """The window with the form of that server."""
    made = ServerSettingsWindow()
    qtbot.addWidget(made, before_close_func=lambda it: it.settings.give_up())
    made.show()
    made.connect_to(signed_in(server))
    qtbot.waitUntil(lambda: KEPT in made.fields, timeout=WAIT_MS)
    return made


def signed_in(server: ServerProcess) -> Server:
    address = str(server.client.base_url)
    return Server(address=address, token=sign_in(address, NAME, PASSWORD).token)


def section(server: ServerProcess, name: str) -> dict[str, Any]:
    """Return a section as the pages get it."""
    items = server.client.get("/api/v1/settings").json()["items"]
    return next(one for one in items if one["name"] == name)


def number(field: SettingField) -> NumberBox:
    assert isinstance(field.control, NumberBox)
    return field.control


def put_in(field: SettingField, text: str) -> None:
    number(field).selectAll()
    QTest.keyClicks(number(field), text)


def test_a_setting_is_changed_noted_and_set_back(
    qtbot: QtBot, server: ServerProcess, window: ServerSettingsWindow
) -> None:
    kept, lock = window.fields[KEPT], window.fields["auth", "lockout_attempts"]
    put_in(kept, "30")
    put_in(lock, "3")
    QTest.keyClick(number(lock), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.state.text().startswith("Saved."), timeout=WAIT_MS)
    activity = section(server, "activity")
    assert (activity["values"]["kept_days"], activity["chosen"]) == (30, ["kept_days"])
    assert section(server, "auth")["values"]["lockout_attempts"] == 3
    kept.back.click()
    window.save.click()
    qtbot.waitUntil(lambda: not window.settings.is_dirty, timeout=WAIT_MS)
    activity = section(server, "activity")
    assert (activity["values"]["kept_days"], activity["chosen"]) == (90, [])
    changes = server.client.get("/api/v1/settings/changes").json()["items"]
    told = [(one["name"], one["value_to"], one["is_reset"]) for one in changes]
    assert told == [("kept_days", 90, True), ("lockout_attempts", 3, False), ("kept_days", 30, False)]  # fmt: skip


def test_what_the_environment_says_is_shown_with_where_it_stands(
    window: ServerSettingsWindow,
) -> None:
    pinned = window.fields[PINNED]
    assert isinstance(pinned.control, FixedLine)
    assert pinned.control.text() == "4"
    assert f"Set by {VARIABLE}." in pinned.hint.text().replace("\u200b", "")


def test_what_the_server_refuses_is_marked_where_it_stands(
    qtbot: QtBot, server: ServerProcess, window: ServerSettingsWindow
) -> None:
    kept = window.fields[KEPT]
    number(kept).setMinimum(1)  # as a server of another version would have it
    put_in(kept, "3")
    window.save.click()
    qtbot.waitUntil(kept.error.isVisible, timeout=WAIT_MS)
    assert "Correct the values that are marked." in window.sentence.text()
    assert number(kept).value() == 3
    assert section(server, "activity")["values"]["kept_days"] == 90


def test_it_speaks_the_language_of_the_reader(qtbot: QtBot, server: ServerProcess) -> None:
    speak("de")
    try:
        window = ServerSettingsWindow()
        qtbot.addWidget(window)
        window.show()
        window.connect_to(signed_in(server))
        qtbot.waitUntil(lambda: KEPT in window.fields, timeout=WAIT_MS)
        field = window.fields[KEPT]
        assert field.control.accessibleName() == "Tage an Aktivität"
        assert field.hint.text().endswith("Von 7 bis 3.650. Vorgabe: 90.")
    finally:
        speak("en")


def test_a_session_that_ends_loses_nothing_that_was_typed(
    qtbot: QtBot, server: ServerProcess, window: ServerSettingsWindow
) -> None:
    kept = window.fields[KEPT]
    put_in(kept, "30")
    window._server.client().tell("POST", "/auth/logout")
    window.save.click()
    qtbot.waitUntil(lambda: "Nobody is signed in." in window.sentence.text(), timeout=WAIT_MS)
    window.connect_to(Server())
    assert number(kept).value() == 30
    window.connect_to(signed_in(server))
    window.save.click()
    qtbot.waitUntil(lambda: not window.settings.is_dirty, timeout=WAIT_MS)
    assert section(server, "activity")["values"]["kept_days"] == 30


def test_somebody_without_the_right_is_told(
    qtbot: QtBot, server: ServerProcess, data_dir: Path
) -> None:
    asyncio.run(demote(database_dsn(data_dir)))
    window = ServerSettingsWindow()
    qtbot.addWidget(window)
    window.show()
    window.connect_to(signed_in(server))
    qtbot.waitUntil(lambda: "You may not do this." in window.sentence.text(), timeout=WAIT_MS)
    assert window.fields == {}


async def demote(dsn: str) -> None:
    """Make every user a member."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("UPDATE shared.users SET role = 'member'")
    finally:
        await connection.close()
