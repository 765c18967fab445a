"""The database page of the wizard: the server starts again with another PostgreSQL, and the windows follow it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import QObject
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.link import Link
from gui.wizard.pages import DatabasePage
from gui.wizard.view import WizardWindow
from tests.helpers.postgres import create_database, external_cluster, free_port
from tests.helpers.process import ROOT, command, database_dsn, running_server

WAIT_MS = 30_000
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def external_dsn() -> Iterator[str]:
    """The owner's login to a PostgreSQL that is not ours."""
    with external_cluster() as cluster:
        yield cluster.dsn


@pytest.fixture
def link(
    qtbot: QtBot, data_dir: Path, monkeypatch: pytest.MonkeyPatch, *, is_ours: bool
) -> Iterator[Link]:
    """A tie to a server that nobody has claimed: our child, or one that somebody else started."""
    parent = QObject()
    monkeypatch.setenv("REVENGE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("REVENGE_SERVER_HOST", "127.0.0.1")
    monkeypatch.setenv("REVENGE_SERVER_PORT", str(free_port()))
    with ExitStack() as stack:
        if not is_ours:
            server = stack.enter_context(running_server(data_dir, port=free_port()))
            server.await_ready()
        tie = Link(parent, data_dir / "runtime.json", command("serve", "--lifeline"), ROOT)
        tie.start()
        qtbot.waitUntil(lambda: tie.condition.is_ready, timeout=WAIT_MS)
        assert tie.is_ours is is_ours
        yield tie
        with qtbot.waitSignal(tie.ended, timeout=WAIT_MS):
            tie.stop()
    with qtbot.waitSignal(parent.destroyed):
        parent.deleteLater()


@pytest.mark.parametrize("is_ours", [True, False])
def test_the_wizard_follows_the_server_to_another_database_and_back(
    qtbot: QtBot, link: Link, data_dir: Path, external_dsn: str
) -> None:
    url = asyncio.run(create_database(external_dsn, f"t_{uuid4().hex[:12]}"))
    window, page = at_the_database(qtbot, link)
    page.external.click()
    assert not window.next.isEnabled()
    QTest.keyClicks(page.url.line, url.replace("//revenge:", "//revenge:wrong"))
    window.next.click()
    qtbot.waitUntil(lambda: "cannot be used" in window.error.text(), timeout=WAIT_MS)
    page.url.line.selectAll()
    QTest.keyClicks(page.url.line, url)
    page.test.click()
    qtbot.waitUntil(lambda: "can be used" in page.answer.text(), timeout=WAIT_MS)
    window.next.click()
    qtbot.waitUntil(lambda: "starting again" in page.answer.text(), timeout=WAIT_MS)
    assert not page.url.isEnabled()
    reaches(qtbot, window, "administrator")
    assert database_dsn(data_dir) == url
    window.back.click()
    assert page.url.line.text() == ""
    assert "uses your PostgreSQL" in page.answer.text()
    page.own.click()
    window.next.click()
    reaches(qtbot, window, "administrator")
    assert database_dsn(data_dir) != url
    assert link.condition.is_ready


def at_the_database(qtbot: QtBot, link: Link) -> tuple[WizardWindow, DatabasePage]:
    """Return a wizard that shows the page."""
    window = WizardWindow(link.condition, None)
    qtbot.addWidget(window)
    link.changed.connect(window.hear)
    window.show()
    page = window.findChild(DatabasePage)
    assert isinstance(page, DatabasePage)
    reaches(qtbot, window, "language")
    window.next.click()
    reaches(qtbot, window, "database")
    return window, page


def reaches(qtbot: QtBot, window: WizardWindow, page: str) -> None:
    qtbot.waitUntil(lambda: window.wizard.page == page, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not window.wizard.is_busy, timeout=WAIT_MS)
