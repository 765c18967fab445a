"""The wizard, the libraries and the PIN in their windows, against a real server and against hostile ones."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from gui import texts
from gui.api import Status
from gui.condition import Condition, condition_of
from gui.session import Session
from gui.windows.libraries.view import LibrariesWindow
from gui.windows.pin.presenter import Target
from gui.windows.pin.view import PinWindow
from gui.wizard.pages import (
    AdministratorPage,
    DatabasePage,
    LanguagePage,
    LibraryPage,
    ScanPage,
)
from gui.wizard.steps import Server
from gui.wizard.view import WizardWindow
from tests.helpers.media import Recipe, make_film
from tests.helpers.process import ServerProcess, running_server
from tests.helpers.shown import a_condition

NAME, PASSWORD = "Ada", "correct horse battery"
WAIT_MS = 30_000
_NOBODY = UUID(int=0)
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(autouse=True)
def _english_after() -> Iterator[None]:
    yield
    texts.speak("en")


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with two films."""
    for name in ("Alien (1979)", "Heat (1995)"):
        folder = tmp_path / "films" / name
        folder.mkdir(parents=True)
        make_film(folder / f"{name}.mp4", Recipe(length_s=1))
    return tmp_path / "films"


def now(server: ServerProcess) -> Condition:
    """Return how the server fares, as the link would hear it."""
    return condition_of(
        Status(**{name: server.status()[name] for name in _PLAIN}, postgres=None, checks=[])
    )


_PLAIN = [name for name in Status.__struct_fields__ if name not in {"postgres", "checks"}]


def a_wizard(qtbot: QtBot, server: ServerProcess, session: Session | None = None) -> WizardWindow:
    window = WizardWindow(now(server), session)
    window.show()
    qtbot.waitUntil(lambda: window.wizard.page is not None, timeout=WAIT_MS)
    return window


def page_of[P: QWidget](window: WizardWindow, kind: type[P]) -> P:
    found = window.findChild(kind)
    assert isinstance(found, kind)
    return found


def reaches(qtbot: QtBot, window: WizardWindow, page: str) -> None:
    qtbot.waitUntil(lambda: window.wizard.page == page, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not window.wizard.is_busy, timeout=WAIT_MS)


def test_a_wizard_that_is_killed_at_any_step_goes_on_there(
    qtbot: QtBot, data_dir: Path, films: Path
) -> None:
    """The server is killed with -9 after each step, and the window is thrown away."""
    sessions: list[Session] = []
    for page, deed in _DEEDS.items():
        with running_server(data_dir) as server:
            server.await_ready()
            window = a_wizard(qtbot, server, sessions[-1] if sessions else None)
            assert window.wizard.page == page
            window.signed_in.connect(sessions.append)
            deed(qtbot, window, films)
            os.kill(server.pid, signal.SIGKILL)
            window.deleteLater()  # here, not in whatever thread collects it
            qtbot.waitUntil(partial(is_gone, window))
    assert [session.name for session in sessions] == [NAME]


def is_gone(window: WizardWindow) -> bool:
    return not isValid(window)


def _language(qtbot: QtBot, window: WizardWindow, _films: Path) -> None:
    page_of(window, LanguagePage).choices["de"].click()
    assert window.next.text() == "Deutsch verwenden"
    window.next.click()
    reaches(qtbot, window, "database")
    texts.speak("en")


def _database(qtbot: QtBot, window: WizardWindow, _films: Path) -> None:
    page = page_of(window, DatabasePage)
    page.external.click()
    assert not window.next.isEnabled()
    QTest.keyClicks(page.url.line, "postgres://u:p@127.0.0.1:1/x")
    page.test.click()
    qtbot.waitUntil(lambda: "127.0.0.1:1" in page.answer.text(), timeout=WAIT_MS)
    page.own.click()
    window.next.click()
    reaches(qtbot, window, "administrator")


def _administrator(qtbot: QtBot, window: WizardWindow, _films: Path) -> None:
    page = page_of(window, AdministratorPage)
    for name, text in (("user", NAME), ("password", PASSWORD), ("again", PASSWORD)):
        QTest.keyClicks(getattr(page, name).line, text)
    window.next.click()
    reaches(qtbot, window, "library")


def _library(qtbot: QtBot, window: WizardWindow, films: Path) -> None:
    page = page_of(window, LibraryPage)
    page.take(str(films / "absent"))
    qtbot.waitUntil(lambda: "no such folder" in window.error.text(), timeout=WAIT_MS)
    page.take(str(films))
    qtbot.waitUntil(window.next.isEnabled, timeout=WAIT_MS)
    titles = page.sight.titles
    assert [titles.item(row).text() for row in range(titles.count())] == [
        "Alien (1979)",
        "Heat (1995)",
    ]
    window.next.click()
    reaches(qtbot, window, "scan")


def _scan(qtbot: QtBot, window: WizardWindow, _films: Path) -> None:
    page = page_of(window, ScanPage)
    qtbot.waitUntil(lambda: page.title.text() == "Your films are ready", timeout=WAIT_MS)
    assert page.films.text() == "Films: 2"
    with qtbot.waitSignal(window.finished) as told:
        window.next.click()
    assert told.args == [True]


_DEEDS: dict[str, Callable[[QtBot, WizardWindow, Path], None]] = {
    "language": _language,
    "database": _database,
    "administrator": _administrator,
    "library": _library,
    "scan": _scan,
}


class _Hostile(BaseHTTPRequestHandler):
    """Answers everything with what `answer` holds."""

    answer = b""
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.answer)))
        self.send_header("Retry-After", "9" * 400)
        self.end_headers()
        self.wfile.write(self.answer)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Say nothing."""


@contextmanager
def hostile(status: int, answer: bytes) -> Iterator[str]:
    """Run a server that says this to everything; yields its address."""
    handler = type("Handler", (_Hostile,), {"status": status, "answer": answer})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{web.server_address[1]}"
        web.shutdown()
        thread.join()


LONG = "<b>" + "Wörter ohne Ende " * 400
ODD = [
    (200, b""),
    (200, b"<html>"),
    (200, b'{"items": 5}'),
    (200, b'{"is_complete": false, "steps": [{"name": "x", "state": "open"}]}'),
    (500, b"\xff" * 5000),
    (418, b'{"code": "x", "detail": "' + LONG.encode() + b'"}'),
]


@pytest.mark.parametrize(("status", "answer"), ODD)
def test_odd_answers_become_a_sentence(qtbot: QtBot, status: int, answer: bytes) -> None:
    with hostile(status, answer) as address:
        wizard = WizardWindow(a_condition(address=address, setup_code="ABCD-EFGH"), None)
        libraries = LibrariesWindow()
        for window in (wizard, libraries):
            qtbot.addWidget(window)
            window.show()
        libraries.connect_to(Server(address=address, token="t"))
        qtbot.waitUntil(wizard.error.isVisible, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: bool(libraries.shelf.error), timeout=WAIT_MS)
        assert libraries.nothing_text.text()
        libraries.hide()


def test_every_control_has_a_name_and_is_reached_by_keyboard(qtbot: QtBot) -> None:
    libraries = LibrariesWindow()
    wizard = WizardWindow(Condition(situation="starting"), None)
    pin = PinWindow(Server().client(), Target(profile_id=_NOBODY, has_pin=True), "set")
    for window in (libraries, wizard, pin):
        qtbot.addWidget(window)
        for kind in (QAbstractButton, QLineEdit, QComboBox):
            for control in window.findChildren(kind):
                if control.objectName().startswith("qt_"):
                    continue
                assert name_of(control), control
                assert control.focusPolicy() & control.focusPolicy().TabFocus, control


def name_of(control: QWidget) -> str:
    words = control.text() if isinstance(control, QAbstractButton) else ""
    return control.accessibleName() or words


@pytest.fixture
def server(data_dir: Path) -> Iterator[ServerProcess]:
    """A server with an administrator."""
    with running_server(data_dir) as running:
        running.await_ready()
        yield running


def an_administrator(server: ServerProcess) -> Session:
    given = {"name": NAME, "password": PASSWORD, "language": "en", "mode": "token"}
    code = server.status()["setup_code"]
    made = server.client.post("/api/v1/setup/administrator", json=given | {"code": code}).json()
    server.client.headers["Authorization"] = f"Bearer {made['token']}"
    return Session(name=NAME, token=made["token"])


def test_libraries_are_added_changed_and_removed(
    qtbot: QtBot, server: ServerProcess, films: Path
) -> None:
    (films / "Broken (2001).mkv").write_bytes(b"no film at all" * 5000)
    session = an_administrator(server)
    window = LibrariesWindow()
    qtbot.addWidget(window)
    window.show()
    window.connect_to(Server(address=str(server.client.base_url), token=session.token))
    qtbot.waitUntil(lambda: window.shelf.situation == "empty", timeout=WAIT_MS)
    add = window.open_add()
    assert not add.save.isEnabled()
    add.take(str(films))
    qtbot.waitUntil(add.save.isEnabled, timeout=WAIT_MS)
    add.save.click()
    qtbot.waitUntil(lambda: window.list.count() == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(window.problems.model.lines), timeout=WAIT_MS)
    assert "Broken (2001).mkv" in window.problems.model.lines[0]
    assert "done" in window.history.model.lines[0]
    edit = window.open_edit()
    assert edit is not None
    edit.name.line.clear()
    QTest.keyClicks(edit.name.line, "Kino " * 40)
    edit.watched.click()
    edit.save.click()
    qtbot.waitUntil(lambda: window.name.text().startswith("Kino"), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not window.shelf.is_busy, timeout=WAIT_MS)
    remove(window, films)
    qtbot.waitUntil(lambda: window.shelf.situation == "empty", timeout=WAIT_MS)
    assert (films / "Broken (2001).mkv").exists()


def remove(window: LibrariesWindow, films: Path) -> None:
    box = window.open_remove()
    assert box is not None
    assert str(films) in box.informativeText()
    (yes,) = [one for one in box.buttons() if one.text() == "Remove the library"]
    yes.click()


def test_a_pin_is_set_tried_and_limited(qtbot: QtBot, server: ServerProcess) -> None:
    session = an_administrator(server)
    profile_id = server.client.get("/api/v1/profiles").json()["items"][0]["profile_id"]
    client = Server(address=str(server.client.base_url), token=session.token).client()
    new = PinWindow(client, Target(profile_id=profile_id, has_pin=False), "set")
    qtbot.addWidget(new)
    new.show()
    QTest.keyClicks(new.fields["password"].line, PASSWORD)
    QTest.keyClicks(new.fields["pin"].line, "4x7 11")
    QTest.keyClicks(new.fields["again"].line, "4711")
    with qtbot.waitSignal(new.accepted, timeout=WAIT_MS):
        new.send.click()
    window = PinWindow(client, Target(profile_id=profile_id, has_pin=True), "verify")
    qtbot.addWidget(window)
    window.show()
    line = window.fields["pin"].line
    assert line.echoMode() == QLineEdit.EchoMode.Password
    for _ in range(6):
        qtbot.waitUntil(line.isEnabled, timeout=WAIT_MS)
        QTest.keyClicks(line, "1234")
        window.send.click()
        assert line.text() == ""
        qtbot.waitUntil(lambda: bool(window.entry.message), timeout=WAIT_MS)
        if window.entry.wait_s:
            break
    assert window.entry.wait_s > 0
    assert not line.isEnabled()
    assert window.windowTitle() == "Revenge"


def test_the_digits_are_gone_when_another_window_is_in_front(qtbot: QtBot) -> None:
    other = QWidget()
    window = PinWindow(Server().client(), Target(profile_id=_NOBODY, has_pin=True), "verify")
    for one in (other, window):
        qtbot.addWidget(one)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClicks(window.fields["pin"].line, "1234")
    assert window.send.isEnabled()
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    assert window.fields["pin"].line.text() == ""
