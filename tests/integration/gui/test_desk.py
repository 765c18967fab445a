"""The windows against a real server: attach, sign in, see, act, and let go."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from gui.around import Around
from gui.autostart import FileAutostart
from gui.desk import Desk
from gui.errand import Program
from gui.keeper import Keeper
from gui.link import Link
from gui.session import Session, SessionFile
from gui.watch import Watch
from gui.windows.profiles.presenter import Wish
from gui.windows.profiles.view import ProfilesWindow
from gui.windows.sign_in.view import SignIn
from tests.helpers.process import ROOT, ServerProcess, running_server

PROGRAM = Program(command=[sys.executable, "-m", "app"], folder=ROOT)
NAME, PASSWORD = "Ada", "correct horse battery"
WAIT_MS = 20_000


@pytest.fixture
def server(data_dir: Path) -> Iterator[ServerProcess]:
    """A server with an administrator and an empty library."""
    films = data_dir / "films"
    films.mkdir()
    with running_server(data_dir) as running:
        running.await_ready()
        given = {"name": NAME, "password": PASSWORD, "language": "en"}
        code = running.status()["setup_code"]
        claim = running.client.post("/api/v1/setup/administrator", json=given | {"code": code})
        csrf = {"X-CSRF-Token": claim.json()["csrf_token"]}
        new = {"name": "Films", "kind": "movie", "paths": [str(films)]}
        running.client.post("/api/v1/libraries", json=new, headers=csrf).raise_for_status()
        yield running


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave alone the keyring of whoever runs the tests."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
def parent(qtbot: QtBot) -> Iterator[QObject]:
    """What holds a desk; when it goes, so does all that still asks."""
    held = QObject()
    yield held
    with qtbot.waitSignal(held.destroyed):
        held.deleteLater()


def a_link(parent: QObject, data_dir: Path) -> Link:
    words = [*PROGRAM.command, "serve", "--lifeline"]
    return Link(parent, data_dir / "runtime.json", words, PROGRAM.folder)


def a_desk(parent: QObject, data_dir: Path) -> tuple[Desk, Link, Watch]:
    link = a_link(parent, data_dir)
    keeper = Keeper(parent, PROGRAM, SessionFile(data_dir / "session.json"))
    watch = Watch(parent, link, keeper)
    autostart = FileAutostart(data_dir / "autostart" / "revenge.desktop", b"")
    around = Around(parent, PROGRAM, data_dir / "installation-id")
    return Desk(parent, link, watch, around, autostart, PROGRAM), link, watch


def choose(desk: Desk, text: str) -> None:
    """Choose a line of the menu."""
    (action,) = [one for one in desk.tray.menu.actions() if one.text() == text]
    assert action.isEnabled()
    action.trigger()


def test_a_user_signs_in_sees_and_acts(
    qtbot: QtBot, parent: QObject, server: ServerProcess, data_dir: Path
) -> None:
    desk, link, watch = a_desk(parent, data_dir)
    link.start()
    qtbot.waitUntil(lambda: bool(watch.seen.checks), timeout=WAIT_MS)
    assert not link.is_ours
    sign_in(qtbot, link, watch)
    assert [one.name for one in watch.seen.libraries] == ["Films"]
    assert watch.seen.disks[0].total_bytes > 0
    choose(desk, "Pause background work")
    qtbot.waitUntil(lambda: watch.seen.is_paused, timeout=WAIT_MS)
    choose(desk, "Pause background work")
    qtbot.waitUntil(lambda: not watch.seen.is_paused, timeout=WAIT_MS)
    before = scan_of(watch)
    choose(desk, "Scan now")
    qtbot.waitUntil(lambda: scan_of(watch) != before, timeout=WAIT_MS)
    choose(desk, "Start at login")
    assert (data_dir / "autostart" / "revenge.desktop").is_file()
    choose(desk, "Health…")
    assert desk.overview.title.text() == "The server is running"
    choose(desk, "Logs…")
    qtbot.waitUntil(lambda: "phase=ready" in desk.logs.text.toPlainText(), timeout=WAIT_MS)
    choose(desk, "Sign out")
    qtbot.waitUntil(lambda: not watch.seen.is_signed_in, timeout=WAIT_MS)
    with qtbot.waitSignal(desk.left, timeout=WAIT_MS):
        choose(desk, "Quit")
    assert server.client.get("/health/live").status_code == 200


def test_a_profile_gets_a_pin_another_and_none(
    qtbot: QtBot, parent: QObject, server: ServerProcess, data_dir: Path
) -> None:
    desk, link, watch = a_desk(parent, data_dir)
    link.start()
    qtbot.waitUntil(lambda: bool(watch.seen.checks), timeout=WAIT_MS)
    sign_in(qtbot, link, watch)
    choose(desk, "Profile PINs…")
    window = desk.profiles
    change_pin(qtbot, window, "set", password=PASSWORD, pin="1234", again="1234")
    change_pin(qtbot, window, "change", current_pin="1234", pin="98765", again="98765")
    change_pin(qtbot, window, "remove", current_pin="98765")
    qtbot.waitUntil(lambda: wishes(window) == ["set"], timeout=WAIT_MS)
    link.stop()


def test_the_settings_are_offered_to_an_administrator_and_asked_about_before_quitting(
    qtbot: QtBot, parent: QObject, server: ServerProcess, data_dir: Path
) -> None:
    desk, link, watch = a_desk(parent, data_dir)
    link.start()
    qtbot.waitUntil(lambda: bool(watch.seen.checks), timeout=WAIT_MS)
    assert "Server settings…" not in [one.text() for one in desk.tray.menu.actions()]
    sign_in(qtbot, link, watch)
    choose(desk, "Server settings…")
    window = desk.settings
    qtbot.waitUntil(lambda: ("activity", "kept_days") in window.fields, timeout=WAIT_MS)
    [kept_days] = (
        one
        for section in window.settings.sections or ()
        for one in section.settings
        if one.key == ("activity", "kept_days")
    )
    window.settings.write(kept_days, 30)
    choose(desk, "Quit")
    assert window.isVisible()
    (box,) = window.findChildren(QMessageBox)
    (discard,) = [one for one in box.buttons() if one.text() == "Discard"]
    discard.click()
    assert not window.isVisible()
    with qtbot.waitSignal(desk.left, timeout=WAIT_MS):
        choose(desk, "Quit")


def change_pin(qtbot: QtBot, window: ProfilesWindow, wish: Wish, **typed: str) -> None:
    """Use the window of the first profile's PIN."""
    qtbot.waitUntil(lambda: wish in wishes(window), timeout=WAIT_MS)
    assert window.profiles.rows is not None
    pin = window.open_pin(window.profiles.rows[0], wish)
    assert pin is not None
    for name, field in pin.fields.items():
        if name in typed:
            QTest.keyClicks(field.line, typed[name])
    with qtbot.waitSignal(pin.accepted, timeout=WAIT_MS):
        pin.send.click()


def wishes(window: ProfilesWindow) -> list[str]:
    return [wish for row in window.profiles.rows or () for wish in row.wishes]


def sign_in(qtbot: QtBot, link: Link, watch: Watch) -> None:
    """Sign in through the window, at the second try."""
    dialog = SignIn(link.address)
    qtbot.addWidget(dialog)
    dialog.signed_in.connect(watch.sign_in)
    dialog.name.setText(NAME)
    dialog.password.setText("wrong")
    dialog.button.click()
    qtbot.waitUntil(lambda: "wrong" in dialog.problem.text(), timeout=WAIT_MS)
    dialog.password.setText(PASSWORD)
    dialog.button.click()
    qtbot.waitUntil(lambda: watch.seen.is_signed_in, timeout=WAIT_MS)
    assert dialog.password.text() == ""


def scan_of(watch: Watch) -> object:
    scan = watch.seen.libraries[0].scan
    return scan and scan.scan_id


def test_without_a_panel_a_window_shows_itself_and_closing_it_quits(
    qtbot: QtBot, parent: QObject, data_dir: Path
) -> None:
    desk, _, _ = a_desk(parent, data_dir)
    assert not desk.tray.is_seen
    qtbot.waitUntil(desk.overview.isVisible, timeout=WAIT_MS)
    with qtbot.waitSignal(desk.left, timeout=WAIT_MS):
        desk.overview.close()


def test_a_session_that_ended_elsewhere_is_forgotten(
    qtbot: QtBot, parent: QObject, server: ServerProcess, data_dir: Path
) -> None:
    file = SessionFile(data_dir / "session.json")
    file.keep(Session(name=NAME, token="gone"))
    _, link, watch = a_desk(parent, data_dir)
    assert watch.session is not None
    link.start()
    qtbot.waitUntil(lambda: watch.session is None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(watch.seen.checks), timeout=WAIT_MS)
    assert file.load() is None


def test_a_start_that_fails_is_said_in_the_words_of_the_server(
    qtbot: QtBot, parent: QObject, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVENGE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("REVENGE_SERVER_PORT", "none")
    link = a_link(parent, data_dir)
    link.start()
    qtbot.waitUntil(lambda: link.condition.situation == "failed", timeout=WAIT_MS)
    assert "server.port" in link.condition.reason
    assert link.condition.retry_in_s == 1
    link.stop()
    assert link.condition.situation == "stopped"


def test_where_the_port_is_taken_the_next_free_one_is_offered(
    qtbot: QtBot, parent: QObject, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("REVENGE_DATA_DIR", str(data_dir))
        monkeypatch.setenv("REVENGE_SERVER_HOST", "127.0.0.1")
        monkeypatch.setenv("REVENGE_SERVER_PORT", str(port))
        link = a_link(parent, data_dir)
        link.start()
        qtbot.waitUntil(lambda: link.condition.situation == "failed", timeout=WAIT_MS)
        free_port = link.condition.free_port
        assert free_port is not None
        link.start_on(free_port)
        qtbot.waitUntil(lambda: link.condition.is_ready, timeout=WAIT_MS)
        assert f":{free_port}" in link.address
    link.stop()
    qtbot.waitUntil(lambda: link.condition.situation == "stopped", timeout=WAIT_MS)


def test_a_program_that_is_not_there_is_said(qtbot: QtBot, parent: QObject, data_dir: Path) -> None:
    link = Link(parent, data_dir / "runtime.json", [str(data_dir / "absent")], ROOT)
    link.start()
    qtbot.waitUntil(lambda: link.condition.situation == "failed", timeout=WAIT_MS)
    assert "Install Revenge again" in link.condition.reason


def test_restart_takes_a_server_of_others_over(
    qtbot: QtBot,
    parent: QObject,
    server: ServerProcess,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REVENGE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("REVENGE_SERVER_PORT", str(server.handshake["port"]))
    link = a_link(parent, data_dir)
    link.start()
    qtbot.waitUntil(lambda: link.condition.is_ready, timeout=WAIT_MS)
    link.restart()
    qtbot.waitUntil(lambda: link.is_ours and link.condition.is_ready, timeout=WAIT_MS)
    assert server.process.wait(30) == 0
    with qtbot.waitSignal(link.ended, timeout=WAIT_MS):
        link.stop()
    with pytest.raises(httpx.TransportError):
        server.client.get("/health/live")


def test_a_start_that_fails_late_is_said_with_its_code(
    qtbot: QtBot, parent: QObject, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVENGE_DATA_DIR", str(data_dir))
    (data_dir / "postgres").mkdir()
    link = a_link(parent, data_dir)
    link.start_on(0)
    qtbot.waitUntil(lambda: link.condition.retry_in_s > 0, timeout=WAIT_MS)
    failure = link.condition.failure
    assert failure is not None
    assert (failure.code, failure.context.get("folder")) == ("secrets.gone", str(data_dir))
    link.stop()


def test_a_server_that_keeps_crashing_is_tried_less_and_less_often_until_somebody_asks(
    qtbot: QtBot, parent: QObject, data_dir: Path
) -> None:
    link = Link(
        parent, data_dir / "runtime.json", [sys.executable, "-c", "raise MemoryError"], ROOT
    )
    told: list[tuple[int, int]] = []
    link.changed.connect(lambda one: told.append((one.failed_count, one.retry_in_s)))
    link.start()
    qtbot.waitUntil(lambda: (3, 3) in told, timeout=WAIT_MS)
    failed = [one for one in told if one != (0, 0)]
    assert failed == [(1, 1), (2, 2), (2, 1), (3, 4), (3, 3)]
    assert "too little memory" in link.condition.reason
    link.restart()
    qtbot.waitUntil(lambda: told[-1] == (1, 1), timeout=WAIT_MS)
    link.stop()


def test_a_failure_opens_the_overview_once_and_its_ways_are_taken(
    qtbot: QtBot, parent: QObject, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_dir / "file").touch()
    monkeypatch.setenv("REVENGE_DATA_DIR", str(data_dir / "file"))
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    desk, link, _ = a_desk(parent, data_dir)
    link.start()
    qtbot.waitUntil(desk.overview.isVisible, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "is not a folder" in desk.overview.text.text(), timeout=WAIT_MS)
    buttons = desk.overview.ways.findChildren(QPushButton)
    assert [one.text() for one in buttons] == ["Open the folder", "Try again now", "Diagnostics…"]
    buttons[0].click()
    assert opened == [str(data_dir)]
    buttons[2].click()
    qtbot.waitUntil(desk.diagnostics.save.isEnabled, timeout=WAIT_MS)
    window = desk.diagnostics
    texts = [one.text for one in window.sheaf.documents]
    assert '"is_folder": false' in "".join(texts)
    assert str(data_dir) not in "".join(texts)
    desk.overview.hide()
    link.restart()
    qtbot.waitUntil(lambda: link.condition.retry_in_s > 0, timeout=WAIT_MS)
    assert not desk.overview.isVisible()
    link.stop()
